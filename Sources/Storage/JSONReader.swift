/// Pulls values out of a JSON text one at a time, in bounded memory.
///
/// RFC 8259 and nothing beyond it. The reader never looks past the buffer and refuses nesting
/// deeper than 64 levels.
public struct JSONReader: ~Copyable {
  /// Deepest nesting that `value()` and `skip()` follow.
  public static let depthLimit = 64

  let bytes: [UInt8]
  private let source: String
  private let offset: Int
  /// Index of the next unread byte.
  public internal(set) var position: Int
  let end: Int

  /// Reads bytes.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8 text.
  ///   - range: The part to read; all by default.
  ///   - source: The name to use in errors.
  ///   - offset: Added to positions in errors, for text cut from a larger file.
  public init(_ bytes: [UInt8], range: Range<Int>? = nil, source: String, offset: Int = 0) {
    self.bytes = bytes
    self.source = source
    self.offset = offset
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// An error at the current position.
  public func error(_ reason: String) -> StorageError {
    .invalidJSON(source: source, byte: offset + position, reason: reason)
  }

  /// An error at the current position, which is truncation when nothing is left.
  func failure(_ reason: String) -> StorageError {
    position < end ? error(reason) : truncation
  }

  /// The error that the text ends too early.
  var truncation: StorageError { error("unexpected end; the text is truncated") }

  private mutating func skipBlanks() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// The first byte of the next token, or nil at the end; blanks are skipped.
  public mutating func peek() -> UInt8? {
    skipBlanks()
    return position < end ? bytes[position] : nil
  }

  /// Takes a punctuation byte if it is next.
  public mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let next = peek(), UInt32(next) == character.value else { return false }
    position += 1
    return true
  }

  /// Takes a punctuation byte.
  ///
  /// - Throws: `StorageError.invalidJSON` when something else is next.
  public mutating func expect(_ character: Unicode.Scalar) throws(StorageError) {
    guard take(character) else { throw failure("expected '\(character)'") }
  }

  /// Makes sure that nothing but blanks is left.
  public mutating func expectEnd() throws(StorageError) {
    guard peek() == nil else { throw failure("text after the end of the document") }
  }

  /// Calls `body` with each key of an object; `body` must take the value.
  public mutating func object(
    _ body: (_ key: String, inout JSONReader) throws -> Void
  ) throws {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try body(key, &self)
    } while take(",")
    try expect("}")
  }

  /// Calls `body` before each element of an array; `body` must take the element.
  public mutating func array(_ body: (inout JSONReader) throws -> Void) throws {
    try expect("[")
    if take("]") { return }
    repeat { try body(&self) } while take(",")
    try expect("]")
  }

  /// Takes a number, correctly rounded to the nearest double; one too large for any is refused.
  public mutating func number() throws(StorageError) -> Double {
    let start = try numberStart()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      position = start
      throw error("number outside the range of a double")
    }
    return value
  }

  /// Takes a whole number; one with a fraction or an exponent must still be whole.
  public mutating func integer() throws(StorageError) -> Int {
    let start = try numberStart()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let value = Int(text) { return value }
    guard let value = Double(text), let whole = Int(exactly: value) else {
      position = start
      throw error("expected a whole number within 64 bits")
    }
    return whole
  }

  /// Moves past a number's grammar and returns where it began.
  private mutating func numberStart() throws(StorageError) -> Int {
    guard let first = peek(), first == 0x2D || (first >= 0x30 && first <= 0x39) else {
      throw failure("expected a number")
    }
    let start = position
    if first == 0x2D { position += 1 }
    let leading = position
    guard digits() > 0 else { throw failure("malformed number") }
    if bytes[leading] == 0x30, position - leading > 1 { throw error("number with a leading zero") }
    if position < end, bytes[position] == 0x2E {
      position += 1
      guard digits() > 0 else { throw failure("malformed number") }
    }
    if position < end, bytes[position] | 0x20 == 0x65 {
      position += 1
      if position < end, bytes[position] == 0x2B || bytes[position] == 0x2D { position += 1 }
      guard digits() > 0 else { throw failure("malformed number") }
    }
    return start
  }

  private mutating func digits() -> Int {
    let start = position
    while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
    return position - start
  }

  /// Takes `true`, `false` or `null`; nil stands for `null`.
  public mutating func word() throws(StorageError) -> Bool? {
    skipBlanks()
    if take(word: "true") { return true }
    if take(word: "false") { return false }
    if take(word: "null") { return nil }
    throw failure("expected a value")
  }

  private mutating func take(word: String) -> Bool {
    let text = Array(word.utf8)
    guard end - position >= text.count,
      bytes[position..<position + text.count].elementsEqual(text)
    else { return false }
    position += text.count
    return true
  }

  /// Takes any value. Objects with a member twice are refused: readers differ on which one counts.
  public mutating func value(depth: Int = 0) throws -> JSONValue {
    guard depth < Self.depthLimit else {
      throw error("nested deeper than \(Self.depthLimit) levels")
    }
    switch peek() {
    case 0x7B:
      var members: [String: JSONValue] = [:]
      try object { key, reader in
        guard members[key] == nil else { throw reader.error("second member '\(key)'") }
        members[key] = try reader.value(depth: depth + 1)
      }
      return .object(members)
    case 0x5B:
      var elements: [JSONValue] = []
      try array { reader in elements.append(try reader.value(depth: depth + 1)) }
      return .array(elements)
    case 0x22: return .string(try string())
    case 0x74, 0x66, 0x6E: return try word().map(JSONValue.bool) ?? .null
    case .some(0x2D), .some(0x30...0x39): return .number(try number())
    default: throw failure("expected a value")
    }
  }

  /// Moves past any value.
  public mutating func skip(depth: Int = 0) throws {
    guard depth < Self.depthLimit else {
      throw error("nested deeper than \(Self.depthLimit) levels")
    }
    switch peek() {
    case 0x7B: try object { _, reader in try reader.skip(depth: depth + 1) }
    case 0x5B: try array { reader in try reader.skip(depth: depth + 1) }
    case 0x22: _ = try string()
    case 0x74, 0x66, 0x6E: _ = try word()
    case .some(0x2D), .some(0x30...0x39): _ = try numberStart()
    default: throw failure("expected a value")
    }
  }
}
