/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Milliseconds since the Unix epoch.
  public var milliseconds: Int64

  /// Makes an instant from milliseconds since the Unix epoch.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Makes an instant from whole seconds since the Unix epoch.
  ///
  /// - Precondition: `seconds` × 1000 fits in 64 bits.
  public init(seconds: Int64) { milliseconds = seconds * 1000 }

  /// Seconds since the Unix epoch.
  public var seconds: Double { Double(milliseconds) / 1000 }

  /// Whether an instant is earlier.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

  /// The instant a span later.
  public static func + (a: Timestamp, b: TimeSpan) -> Timestamp {
    Timestamp(milliseconds: a.milliseconds + b.milliseconds)
  }

  /// The instant a span earlier.
  public static func - (a: Timestamp, b: TimeSpan) -> Timestamp {
    Timestamp(milliseconds: a.milliseconds - b.milliseconds)
  }

  /// The span from `b` to `a`.
  public static func - (a: Timestamp, b: Timestamp) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds - b.milliseconds)
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC, with milliseconds only where they are not zero: `2026-11-23T08:00:00Z`.
  ///
  /// Years outside 0 to 9999 print with a sign or more digits, which no reader takes back.
  public var description: String {
    let (days, inDay) = milliseconds.quotientAndRemainder(flooringBy: 86_400_000)
    let date = CivilDate(daysSinceEpoch: days)
    let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1000)
    var text = "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
    text += "\(pad(seconds / 3600, 2)):\(pad(seconds / 60 % 60, 2)):\(pad(seconds % 60, 2))"
    if fraction != 0 { text += ".\(pad(fraction, 3))" }
    return text + "Z"
  }

  /// Reads an RFC 3339 instant; also with a blank for the `T`, a comma for the point, without
  /// seconds, and without a zone (then UTC).
  ///
  /// Fractions of a second beyond milliseconds are cut off. A leap second reads as the second
  /// after. Returns nil for anything else, and for years outside 1 to 9999.
  public init?(rfc3339 text: some StringProtocol) {
    var scanner = DigitScanner(Array(text.utf8))
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
    var zone: Int64 = 0
    if scanner.skip("Z", "z") || scanner.isAtEnd {
      // UTC
    } else {
      let sign: Int64 = scanner.skip("+") ? 1 : scanner.skip("-") ? -1 : 0
      guard sign != 0, let hours = scanner.number(digits: 2) else { return nil }
      _ = scanner.skip(":")
      guard let minutes = scanner.number(digits: 2), hours < 24, minutes < 60 else { return nil }
      zone = sign * (hours * 3600 + minutes * 60)
    }
    guard scanner.isAtEnd, year >= 1, (1...12).contains(month), day >= 1,
      day <= CivilDate.days(inMonth: month, year: year), hour < 24, minute < 60, second <= 60
    else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    self.init(
      milliseconds: (days * 86_400 + hour * 3600 + minute * 60 + second - zone) * 1000 + fraction)
  }
}

extension Int64 {
  fileprivate func quotientAndRemainder(flooringBy divisor: Int64) -> (Int64, Int64) {
    let (q, r) = quotientAndRemainder(dividingBy: divisor)
    return r < 0 ? (q - 1, r + divisor) : (q, r)
  }
}

private func pad(_ value: Int64, _ width: Int) -> String {
  let digits = String(value.magnitude)
  let zeros = String(repeating: "0", count: Swift.max(0, width - digits.count))
  return (value < 0 ? "-" : "") + zeros + digits
}

/// Reads fixed-width decimal fields from ASCII bytes.
private struct DigitScanner {
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
}
