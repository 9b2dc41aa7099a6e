/// A date and a time of day as they are written, with the clock's distance from UTC if that is
/// written too.
public struct CivilTime: Hashable, Sendable {
  /// Milliseconds from 1970-01-01T00:00:00 on the same clock.
  public var milliseconds: Int64
  /// How far the clock is ahead of UTC; nil where the text does not say.
  public var offset: TimeSpan?

  /// Makes a time of a clock.
  public init(milliseconds: Int64, offset: TimeSpan? = nil) {
    (self.milliseconds, self.offset) = (milliseconds, offset)
  }

  /// Makes a time of a clock from its parts.
  ///
  /// A leap second is the second after. Nil when the parts form no day of the years 1 to 9999, or no
  /// time of day.
  ///
  /// - Parameter fraction: Milliseconds, 0 to 999.
  public init?(
    year: Int64, month: Int64, day: Int64, hour: Int64 = 0, minute: Int64 = 0, second: Int64 = 0,
    fraction: Int64 = 0, offset: TimeSpan? = nil
  ) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.days(inMonth: month, year: year), (0..<24).contains(hour),
      (0..<60).contains(minute), (0...60).contains(second), (0..<1000).contains(fraction)
    else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    milliseconds = (days * 86_400 + hour * 3600 + minute * 60 + second) * 1000 + fraction
    self.offset = offset
  }

  /// Reads what `Timestamp(rfc3339:)` reads, and tells whether a zone was written.
  public init?(rfc3339 text: some StringProtocol) { self.init(rfc3339: Array(text.utf8)) }

  /// Reads what `Timestamp(rfc3339:)` reads, from ASCII.
  public init?(rfc3339 bytes: [UInt8]) {
    var scanner = DigitScanner(bytes)
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), scanner.skip("-"),
      let day = scanner.number(digits: 2), scanner.skip("T", "t", " "),
      let hour = scanner.number(digits: 2), scanner.skip(":"),
      let minute = scanner.number(digits: 2)
    else { return nil }
    var second: Int64 = 0
    var fraction: Int64 = 0
    if scanner.skip(":") {
      guard let value = scanner.number(digits: 2) else { return nil }
      second = value
      if scanner.skip(".", ",") {
        guard let value = scanner.fractionInThousandths() else { return nil }
        fraction = value
      }
    }
    var offset: TimeSpan?
    if !scanner.isAtEnd {
      guard let zone = scanner.zone() else { return nil }
      offset = zone
    }
    guard scanner.isAtEnd else { return nil }
    self.init(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second,
      fraction: fraction, offset: offset)
  }

  /// The instant, of a clock on UTC where the text says nothing else.
  public var timestamp: Timestamp {
    Timestamp(milliseconds: milliseconds - (offset?.milliseconds ?? 0))
  }
}

/// Reads fixed-width decimal fields from ASCII bytes.
struct DigitScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func number(digits: Int) -> Int64? {
    guard position + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[position..<position + digits] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int64(byte - 0x30)
    }
    position += digits
    return value
  }

  mutating func skip(_ options: Unicode.Scalar...) -> Bool {
    guard position < bytes.count,
      options.contains(where: { UInt32(bytes[position]) == $0.value })
    else { return false }
    position += 1
    return true
  }

  mutating func fractionInThousandths() -> Int64? {
    var value: Int64 = 0
    var digits = 0
    while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
      if digits < 3 { value = value * 10 + Int64(bytes[position] - 0x30) }
      digits += 1
      position += 1
    }
    guard digits > 0 else { return nil }
    for _ in min(digits, 3)..<3 { value *= 10 }
    return value
  }

  /// `Z`, or hours and minutes with a sign and perhaps a colon.
  mutating func zone() -> TimeSpan? {
    if skip("Z", "z") { return .zero }
    let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hours = number(digits: 2) else { return nil }
    _ = skip(":")
    guard let minutes = number(digits: 2), hours < 24, minutes < 60 else { return nil }
    return .minutes(sign * (hours * 60 + minutes))
  }
}
