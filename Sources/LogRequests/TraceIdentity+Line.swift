extension TraceIdentity {
  /// The fewest and the most hexadecimal digits of an identity: 64 bits and 128.
  private static let digits = 16...32
  private static let word = Array("trace".utf8)
  private static let separators = Array("_-. ".utf8)

  /// Finds the identity that a line names.
  ///
  /// It is what follows a key `trace_id`, in any spelling of it (`TraceID: …`, `traceId=…`,
  /// `"trace.id":"…"`): 16 to 32 hexadecimal digits, the form of W3C Trace Context, Zipkin and
  /// Jaeger. The first key with such a value counts; zeros alone stand for no trace.
  public init?(in line: Span<UInt8>) {
    var position = 0
    while let end = Self.key(in: line, from: position) {
      position = end
      if let found = Self.value(in: line, from: end) {
        self = found
        return
      }
    }
    return nil
  }

  /// Where the next key ends.
  private static func key(in line: Span<UInt8>, from start: Int) -> Int? {
    var place = start
    while place + 7 <= line.count {
      var matched = 0
      while matched < 5, line[place + matched] | 0x20 == word[matched] { matched += 1 }
      if matched == 5 {
        var next = place + 5
        if separators.contains(line[next]) { next += 1 }
        if next + 2 <= line.count, line[next] | 0x20 == UInt8(ascii: "i"),
          line[next + 1] | 0x20 == UInt8(ascii: "d")
        {
          return next + 2
        }
      }
      place += 1
    }
    return nil
  }

  /// The value behind a key.
  private static func value(in line: Span<UInt8>, from start: Int) -> TraceIdentity? {
    var place = start
    func skip(_ bytes: [UInt8], atMost: Int) {
      var left = atMost
      while left > 0, place < line.count, bytes.contains(line[place]) {
        place += 1
        left -= 1
      }
    }
    // A quoted key ends with a quote, which a line within JSON escapes.
    skip([UInt8(ascii: "\\"), UInt8(ascii: "\"")], atMost: 2)
    skip([UInt8(ascii: " ")], atMost: 4)
    guard place < line.count, line[place] == UInt8(ascii: ":") || line[place] == UInt8(ascii: "=")
    else { return nil }
    place += 1
    skip([UInt8(ascii: " ")], atMost: 4)
    skip([UInt8(ascii: "\\"), UInt8(ascii: "\"")], atMost: 2)
    var (high, low, count) = (UInt64(0), UInt64(0), 0)
    while place < line.count, let digit = hexadecimal(line[place]) {
      count += 1
      guard count <= digits.upperBound else { return nil }
      high = high << 4 | low >> 60
      low = low << 4 | digit
      place += 1
    }
    // What goes on as a word or with hyphens is another kind of identity.
    guard digits.contains(count), high | low != 0,
      place == line.count || !continues(line[place])
    else { return nil }
    return TraceIdentity(high: high, low: low)
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private static func continues(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
