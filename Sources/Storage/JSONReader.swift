/// Pulls values out of a JSON text one at a time, in bounded memory.
///
/// RFC 8259, and nothing beyond it but the bare words that metric exports contain where they are
/// asked for. The reader never looks past the buffer and refuses nesting deeper than 64 levels.
public struct JSONReader: ~Copyable {
  /// Deepest nesting that `value()` and `skip()` follow.
  public static let depthLimit = 64

  private let bytes: [UInt8]
  private let source: String
  private let offset: Int
  /// Index of the next unread byte.
  public private(set) var position: Int
  private let end: Int

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

  private func failure(_ reason: String) -> StorageError {
    position < end ? error(reason) : error("unexpected end; the text is truncated")
  }

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

  /// Takes a string.
  public mutating func string() throws(StorageError) -> String {
    try expect("\"")
    let start = position
    while position < end, bytes[position] != 0x22, bytes[position] != 0x5C, bytes[position] >= 0x20
    { position += 1 }
    if position < end, bytes[position] == 0x22 {
      guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
        position = start
        throw error("string is not valid UTF-8")
      }
      position += 1
      return text
    }
    var buffer = Array(bytes[start..<position])
    while true {
      guard position < end else { throw failure("unterminated string") }
      let byte = bytes[position]
      if byte == 0x22 {
        position += 1
        break
      }
      guard byte >= 0x20 else { throw error("control character in a string") }
      position += 1
      if byte == 0x5C {
        try escape(into: &buffer)
      } else {
        buffer.append(byte)
      }
    }
    guard let text = String(validating: buffer, as: UTF8.self) else {
      throw error("string is not valid UTF-8")
    }
    return text
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(StorageError) {
    guard position < end else { throw failure("unterminated string") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: buffer.append(byte)
    case 0x62: buffer.append(0x08)
    case 0x66: buffer.append(0x0C)
    case 0x6E: buffer.append(0x0A)
    case 0x72: buffer.append(0x0D)
    case 0x74: buffer.append(0x09)
    case 0x75:
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        guard position + 1 < end, bytes[position] == 0x5C, bytes[position + 1] == 0x75 else {
          throw error("lone surrogate in a string")
        }
        position += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw error("lone surrogate in a string") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate in a string") }
      buffer.append(contentsOf: Array(String(Character(scalar)).utf8))
    default:
      position -= 1
      throw error("unknown escape in a string")
    }
  }

  private mutating func hexadecimal() throws(StorageError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard position < end, let digit = hexadecimalDigit(bytes[position]) else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | digit
      position += 1
    }
    return code
  }

  /// Takes a number, correctly rounded to the nearest double.
  public mutating func number() throws(StorageError) -> Double {
    let start = try numberStart()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text) else { throw error("malformed number") }
    return value
  }

  /// Takes a whole number; one with a fraction or an exponent must still be whole.
  public mutating func integer() throws(StorageError) -> Int {
    let start = try numberStart()
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let value = Int(text) { return value }
    guard let value = Double(text), let whole = Int(exactly: value) else {
      throw error("expected a whole number")
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

  /// Takes any value.
  public mutating func value(depth: Int = 0) throws -> JSONValue {
    guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
    switch peek() {
    case 0x7B:
      var members: [String: JSONValue] = [:]
      try object { key, reader in members[key] = try reader.value(depth: depth + 1) }
      return .object(members)
    case 0x5B:
      var elements: [JSONValue] = []
      try array { reader in elements.append(try reader.value(depth: depth + 1)) }
      return .array(elements)
    case 0x22: return .string(try string())
    case 0x74, 0x66, 0x6E: return try word().map(JSONValue.bool) ?? .null
    default: return .number(try number())
    }
  }

  /// Moves past any value.
  public mutating func skip(depth: Int = 0) throws {
    guard depth < Self.depthLimit else { throw error("nested deeper than \(Self.depthLimit) levels") }
    switch peek() {
    case 0x7B: try object { _, reader in try reader.skip(depth: depth + 1) }
    case 0x5B: try array { reader in try reader.skip(depth: depth + 1) }
    case 0x22: _ = try string()
    case 0x74, 0x66, 0x6E: _ = try word()
    default: _ = try numberStart()
    }
  }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x30...0x39: UInt32(byte - 0x30)
  case 0x41...0x46: UInt32(byte - 0x41 + 10)
  case 0x61...0x66: UInt32(byte - 0x61 + 10)
  default: nil
  }
}
