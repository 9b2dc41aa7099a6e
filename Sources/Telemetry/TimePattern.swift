/// How a program writes instants, in the directives of `strptime`.
///
/// | directive | meaning |
/// | --- | --- |
/// | `%Y`, `%y` | year with four digits, or with two (69 to 99 are 1969 to 1999) |
/// | `%m`, `%b` | month as a number, or by its English name, whole or its first three letters |
/// | `%d`, `%e` | day of the month |
/// | `%j` | day of the year |
/// | `%H`, `%I` with `%p` | hour, or hour of twelve with AM or PM |
/// | `%M`, `%S` | minute, second |
/// | `%f` | digits of a fraction of a second |
/// | `%z`, `%Z` | `+0200`, `+02:00` or `Z`; `UTC`, `GMT` or `Z` |
/// | `%a` | name of a weekday, which is passed over |
/// | `%s` | seconds since 1970 |
/// | `%F`, `%T`, `%R`, `%D` | `%Y-%m-%d`, `%H:%M:%S`, `%H:%M`, `%m/%d/%y` |
/// | `%%` | a percent sign |
///
/// A blank stands for any number of blanks, also none; other characters for themselves. Numbers may
/// lack leading zeros.
public struct TimePattern: Hashable, Sendable {
  /// Why a text is no pattern.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// What is wrong, and where.
    public let description: String
  }

  enum Item: Hashable {
    case directive(UInt8)
    case byte(UInt8)
    case blanks
  }

  /// The text it was made from.
  public let text: String
  let items: [Item]

  /// Reads a pattern.
  public init(_ text: String) throws(Failure) {
    self.text = text
    var items: [Item] = []
    var bytes = Array(text.utf8)[...]
    while let byte = bytes.popFirst() {
      guard byte == 0x25 else {
        if byte == 0x20 || byte == 0x09 {
          if items.last != .blanks { items.append(.blanks) }
        } else {
          items.append(.byte(byte))
        }
        continue
      }
      let position = text.utf8.count - bytes.count
      guard let directive = bytes.popFirst() else {
        throw Failure(description: "a single % at its end; %% is a percent sign")
      }
      guard let meaning = Self.meaning(of: directive) else {
        let shown = Self.directives.map { "%\(Character(Unicode.Scalar($0)))" }
        throw Failure(
          description: "unknown directive at character \(position); known are "
            + shown.joined(separator: " "))
      }
      items += meaning
    }
    self.items = items
    if let lack = Self.lack(of: items) { throw Failure(description: lack) }
  }

  /// Whether the year is left out.
  public var lacksYear: Bool { !has("Y") && !has("y") && !has("s") }

  private static let directives = Array("YymbBhdejHIpMSfzZaAsFTRD%".utf8)

  /// What a directive stands for; nil when it is unknown.
  private static func meaning(of directive: UInt8) -> [Item]? {
    let parts = { (text: String) in
      text.utf8.map { (0x41...0x7A).contains($0) ? Item.directive($0) : .byte($0) }
    }
    switch directive {
    case UInt8(ascii: "%"): return [.byte(directive)]
    case UInt8(ascii: "F"): return parts("Y-m-d")
    case UInt8(ascii: "T"): return parts("H:M:S")
    case UInt8(ascii: "R"): return parts("H:M")
    case UInt8(ascii: "D"): return parts("m/d/y")
    case UInt8(ascii: "B"), UInt8(ascii: "h"): return [.directive(UInt8(ascii: "b"))]
    case UInt8(ascii: "e"): return [.directive(UInt8(ascii: "d"))]
    case UInt8(ascii: "A"): return [.directive(UInt8(ascii: "a"))]
    default: return directives.contains(directive) ? [.directive(directive)] : nil
    }
  }

  /// What is missing for an instant, if anything is.
  private static func lack(of items: [Item]) -> String? {
    let has = { (letter: Unicode.Scalar) in items.contains(.directive(UInt8(ascii: letter))) }
    if has("s") { return nil }
    guard has("j") || has("d") && (has("m") || has("b")) else {
      return "no day: it needs %d with %m or %b, or %j, or %s"
    }
    if has("j"), !has("Y"), !has("y") { return "%j needs a year: %Y or %y" }
    guard has("H") || has("I") && has("p") else { return "no hour: it needs %H, or %I with %p" }
    return nil
  }

  private func has(_ letter: Unicode.Scalar) -> Bool {
    items.contains(.directive(UInt8(ascii: letter)))
  }
}
