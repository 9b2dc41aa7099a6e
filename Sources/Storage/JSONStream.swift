internal import CTelemetryScan

/// Pulls values out of a JSON text that arrives piece by piece, in memory that does not grow with it.
///
/// Takes and refuses what `JSONReader` does, with the same errors at the same bytes, and besides
/// refuses single tokens beyond a limit. Holds one window of the text, in which a token that was cut
/// off waits for the rest.
public struct JSONStream: ~Copyable {
  /// Copies the next bytes of the text into a buffer, from an index to its end at most, and returns
  /// how many; 0 at the end of the text.
  public typealias Source = (_ buffer: inout [UInt8], _ start: Int) throws -> Int

  /// Bytes of the longest string or number unless told otherwise.
  public static let tokenLimit = 1 << 20
  /// Bytes read at a time unless told otherwise: they stay in the processor's second cache.
  public static let defaultWindow = 1 << 18

  static let padding = Int(AP_SCAN_PADDING)

  private let name: String
  private let fill: Source
  private let tokenLimit: Int
  private let isRepairing: Bool
  /// Strings that were not UTF-8 and have U+FFFD in the place of what was not.
  public private(set) var repairs = 0
  /// Padding, text, padding of zeros.
  private(set) var window: [UInt8]
  /// Index in the window of the next unread byte.
  var position = padding
  /// Index in the window behind the text.
  private(set) var end = padding
  private(set) var hasEnded = false
  /// Added to an index in the window gives an offset in the text.
  private var offset = -padding

  /// Reads a text from its beginning.
  ///
  /// - Parameters:
  ///   - source: The name to use in errors.
  ///   - window: Bytes to read at a time, at least 1.
  ///   - tokenLimit: Bytes of the longest string or number.
  ///   - isRepairing: Whether strings that are not UTF-8 are taken with replacements.
  ///   - fill: Where the text comes from.
  public init(
    source: String, window: Int = defaultWindow, tokenLimit: Int = tokenLimit,
    isRepairing: Bool = false, fill: @escaping Source
  ) {
    precondition(window > 0, "a window of \(window) bytes")
    name = source
    (self.tokenLimit, self.isRepairing, self.fill) = (tokenLimit, isRepairing, fill)
    self.window = [UInt8](repeating: 0, count: window + 2 * Self.padding)
  }

  /// Reads a text that is in memory.
  public init(_ bytes: [UInt8], source: String, window: Int = defaultWindow) {
    var taken = 0
    self.init(source: source, window: window) { buffer, start in
      let next = bytes[taken..<min(taken + buffer.count - start, bytes.count)]
      buffer.replaceSubrange(start..<start + next.count, with: next)
      taken += next.count
      return next.count
    }
  }

  /// An error at the current position.
  public func error(_ reason: String) -> StorageError {
    .invalidJSON(source: name, byte: offset + position, reason: reason)
  }

  /// An error at the current position, which is truncation when nothing is left.
  private func failure(_ reason: String) -> StorageError {
    error(position < end ? reason : "unexpected end; the text is truncated")
  }

  /// Reads on behind what is unread; false at the end of the text.
  mutating func refill() throws -> Bool {
    guard !hasEnded else { return false }
    let unread = end - position
    if position > Self.padding {
      window.replaceSubrange(
        Self.padding..<Self.padding + unread, with: Array(window[position..<end]))
      offset += position - Self.padding
      position = Self.padding
      end = position + unread
    }
    window.removeLast(Self.padding)
    if end == window.count { window.append(contentsOf: repeatElement(0, count: unread)) }
    let count = try fill(&window, end)
    precondition(0...window.count - end ~= count, "\(count) bytes in \(window.count - end)")
    hasEnded = count == 0
    end += count
    window.append(contentsOf: repeatElement(0, count: Self.padding))
    for index in end..<end + Self.padding { window[index] = 0 }
    return !hasEnded
  }

  /// Makes sure that the window holds the token at the current position and one byte more, unless
  /// the text ends before.
  ///
  /// - Parameter isPart: Whether a byte belongs to the token, asked once for each in order.
  private mutating func hold(while isPart: (UInt8) -> Bool) throws {
    var length = 0
    while true {
      while position + length < end {
        guard length <= tokenLimit else {
          throw error("string or number of more than \(tokenLimit) bytes")
        }
        guard isPart(window[position + length]) else { return }
        length += 1
      }
      guard try refill() else { return }
    }
  }

  /// Lets a reader of whole texts take the token that the window holds.
  private mutating func token<Value>(
    _ take: (inout JSONReader) throws -> Value
  ) throws -> Value {
    var reader = JSONReader(window, range: position..<end, source: name, offset: offset)
    let value = try take(&reader)
    position = reader.position
    return value
  }

  /// The first byte of the next token, or nil at the end; blanks are skipped.
  public mutating func peek() throws -> UInt8? {
    while true {
      while position < end {
        switch window[position] {
        case 0x20, 0x0A, 0x0D, 0x09: position += 1
        default: return window[position]
        }
      }
      guard try refill() else { return nil }
    }
  }

  /// Takes a punctuation byte if it is next.
  public mutating func take(_ character: Unicode.Scalar) throws -> Bool {
    guard let next = try peek(), UInt32(next) == character.value else { return false }
    position += 1
    return true
  }

  /// Takes a punctuation byte.
  ///
  /// - Throws: `StorageError.invalidJSON` when something else is next.
  public mutating func expect(_ character: Unicode.Scalar) throws {
    guard try take(character) else { throw failure("expected '\(character)'") }
  }

  /// Makes sure that nothing but blanks is left.
  public mutating func expectEnd() throws {
    guard try peek() == nil else { throw failure("text after the end of the document") }
  }

  /// Calls `body` with each key of an object; `body` must take the value.
  public mutating func object(_ body: (_ key: String, inout JSONStream) throws -> Void) throws {
    try expect("{")
    if try take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try body(key, &self)
    } while try take(",")
    try expect("}")
  }

  /// Calls `body` before each element of an array; `body` must take the element.
  public mutating func array(_ body: (inout JSONStream) throws -> Void) throws {
    try expect("[")
    if try take("]") { return }
    repeat { try body(&self) } while try take(",")
    try expect("]")
  }

  /// Takes a string.
  public mutating func string() throws -> String {
    guard try peek() == 0x22 else { throw failure("expected '\"'") }
    var (isFirst, isEscaped) = (true, false)
    try hold { byte in
      defer { isFirst = false }
      let ends = byte < 0x20 || byte == 0x22 && !isEscaped && !isFirst
      isEscaped = byte == 0x5C && !isEscaped
      return !ends
    }
    if isRepairing, let text = try repairedString() { return text }
    return try token { reader throws(StorageError) in try reader.string() }
  }

  /// Takes the string that the window holds if it is not UTF-8; its structure is ASCII and stays.
  private mutating func repairedString() throws -> String? {
    var (stop, isEscaped) = (position + 1, false)
    while stop < end, window[stop] >= 0x20, window[stop] != 0x22 || isEscaped {
      isEscaped = window[stop] == 0x5C && !isEscaped
      stop += 1
    }
    // With its quote, or whatever else ends it.
    stop = min(stop + 1, end)
    guard window[position..<stop].contains(where: { $0 >= 0x80 }),
      String(validating: window[position..<stop], as: UTF8.self) == nil
    else { return nil }
    let text = Array(String(decoding: window[position..<stop], as: UTF8.self).utf8)
    var reader = JSONReader(text, source: name, offset: offset + position)
    let value = try reader.string()
    position = stop
    repairs += 1
    return value
  }

  /// Takes a number, correctly rounded to the nearest double; one too large for any is refused.
  public mutating func number() throws -> Double {
    try holdNumber()
    return try token { reader throws(StorageError) in try reader.number() }
  }

  private mutating func holdNumber() throws {
    _ = try peek()
    try hold { byte in
      switch byte {
      case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
      default: false
      }
    }
  }

  /// Moves past any value.
  public mutating func skip(depth: Int = 0) throws {
    guard depth < JSONReader.depthLimit else {
      throw error("nested deeper than \(JSONReader.depthLimit) levels")
    }
    switch try peek() {
    case 0x7B: try object { _, stream in try stream.skip(depth: depth + 1) }
    case 0x5B: try array { stream in try stream.skip(depth: depth + 1) }
    case 0x22: _ = try string()
    case .some(0x2D), .some(0x30...0x39):
      try holdNumber()
      try token { reader in try reader.skip() }
    case 0x74, 0x66, 0x6E:
      try hold { (0x61...0x7A).contains($0) }
      try token { reader in try reader.skip() }
    default: throw failure("expected a value")
    }
  }
}
