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
    guard let time = CivilTime(rfc3339: text) else { return nil }
    self = time.timestamp
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
