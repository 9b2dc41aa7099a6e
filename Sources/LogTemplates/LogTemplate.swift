public import Telemetry

/// The identity of a template: a hash of the first pattern it was made from.
///
/// FNV-1a, 64 bits, over the severity's name, a line break and the pattern's text (Fowler, Noll and
/// Vo, RFC 9923). The identity stays when the template becomes more general.
public struct TemplateID: Hashable, Sendable, CustomStringConvertible {
  /// The hash.
  public let value: UInt64

  /// The identity of the template that begins with a pattern.
  public init(of pattern: LogPattern) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    for byte in pattern.level.name.utf8 { add(byte) }
    add(0x0A)
    for byte in pattern.text.utf8 { add(byte) }
    value = hash
  }

  /// Reads 16 hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    guard text.utf8.count == 16, let value = UInt64(text, radix: 16) else { return nil }
    self.value = value
  }

  /// 16 hexadecimal digits.
  public var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// A group of log patterns that differ in single words only.
public struct LogTemplate: Hashable, Sendable {
  /// The identity, which never changes.
  public let id: TemplateID
  /// The severity that all lines share.
  public let level: LogLevel
  /// The words; `<*>` stands for one word of any text, `key=<*>` and `key:<*>` for one that begins
  /// with the key.
  public internal(set) var tokens: [String]

  /// The words with blanks between them.
  public var text: String { tokens.joined(separator: " ") }

  init(id: TemplateID, level: LogLevel, tokens: [String]) {
    (self.id, self.level, self.tokens) = (id, level, tokens)
  }
}

/// A pattern's words.
func templateTokens(of text: String) -> [String] {
  text.utf8.split(separator: 0x20).map { String(Substring($0)) }
}
