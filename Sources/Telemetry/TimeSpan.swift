/// A length of time in milliseconds.
public struct TimeSpan: Hashable, Comparable, Sendable {
  /// Milliseconds; may be negative.
  public var milliseconds: Int64

  /// Makes a span of milliseconds.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Makes a span of whole seconds.
  public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count * 1000) }
  /// Makes a span of minutes.
  public static func minutes(_ count: Int64) -> TimeSpan { .seconds(count * 60) }
  /// Makes a span of hours.
  public static func hours(_ count: Int64) -> TimeSpan { .seconds(count * 3600) }
  /// Makes a span of days of 24 hours.
  public static func days(_ count: Int64) -> TimeSpan { .seconds(count * 86_400) }
  /// No time.
  public static let zero = TimeSpan(milliseconds: 0)

  /// The span in seconds.
  public var seconds: Double { Double(milliseconds) / 1000 }

  /// Whether a span is shorter, a negative one being shorter than none.
  public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.milliseconds < b.milliseconds }

  /// A span `count` times as long.
  public static func * (a: TimeSpan, count: Int) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds * Int64(count))
  }

  /// The sum of two spans.
  public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan {
    TimeSpan(milliseconds: a.milliseconds + b.milliseconds)
  }
}

extension TimeSpan: CustomStringConvertible {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// The spelling Prometheus uses, largest unit first: `1h30m`.
  public var description: String {
    guard milliseconds != 0 else { return "0s" }
    var rest = milliseconds.magnitude
    var text = milliseconds < 0 ? "-" : ""
    for unit in Self.units where unit.suffix != "w" {
      let (count, remainder) = rest.quotientAndRemainder(dividingBy: unit.milliseconds.magnitude)
      if count > 0 { text += "\(count)\(unit.suffix)" }
      rest = remainder
    }
    return text
  }

  /// Reads a span such as `30s`, `5m`, `1h30m`, `7d` or `2w`; `0` needs no unit.
  ///
  /// Returns nil for anything else: a sign, repeated or unordered units, spans above 200 years.
  public init?(_ text: some StringProtocol) {
    if text == "0" {
      self.init(milliseconds: 0)
      return
    }
    var rest = Substring(text)
    var total: Int64 = 0
    var lastUnit = -1
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let count = Int64(digits), count <= 6_400_000_000_000 else { return nil }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isASCII && $0.isLetter }
      guard let index = Self.units.firstIndex(where: { $0.suffix == name }), index > lastUnit
      else { return nil }
      let (value, overflow) = count.multipliedReportingOverflow(by: Self.units[index].milliseconds)
      guard !overflow, value <= 6_400_000_000_000 - total else { return nil }
      total += value
      lastUnit = index
      rest = rest.dropFirst(name.count)
    }
    self.init(milliseconds: total)
  }
}
