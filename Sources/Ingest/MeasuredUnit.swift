/// A unit that values are written in, and how they become values of its base unit: seconds, bytes,
/// bits, hertz, or plain numbers.
public struct MeasuredUnit: Hashable, Sendable {
  /// As it is written: `ms`.
  public let name: String
  /// Of the two at least one is 1, so that a conversion rounds once.
  private let factor: Double
  private let divisor: Double

  /// Finds a unit by its symbol or English name; nil for an unknown one.
  public init?(_ name: some StringProtocol) {
    let name = name.trimmingBlanks
    guard let (factor, divisor) = Self.scale(of: name) else { return nil }
    (self.name, self.factor, self.divisor) = (name, factor, divisor)
  }

  /// A value in the base unit.
  public func convert(_ value: Double) -> Double { value * factor / divisor }

  /// Whether values stay what they are.
  public var isBase: Bool { factor == 1 && divisor == 1 }

  private static let whole: [String: Double] = [
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1, "min": 60, "mins": 60, "minute": 60,
    "minutes": 60, "h": 3600, "hour": 3600, "hours": 3600, "d": 86_400, "day": 86_400,
    "days": 86_400, "w": 604_800, "week": 604_800, "weeks": 604_800,
    // A year as Grafana has it.
    "year": 31_556_900, "years": 31_556_900,
    "%": 1, "°C": 1, "°F": 1, "count": 1, "byte": 1, "bytes": 1, "bit": 1, "bits": 1,
    "Mil": 1e6, "Bil": 1e9, "Tri": 1e12, "Quadr": 1e15, "Quint": 1e18,
  ]
  private static let parts: [String: Double] = [
    "ms": 1e3, "millisecond": 1e3, "milliseconds": 1e3, "µs": 1e6, "μs": 1e6, "us": 1e6,
    "microseconds": 1e6, "ns": 1e9, "nanoseconds": 1e9, "mV": 1e3, "mA": 1e3, "mW": 1e3,
  ]
  private static let prefixes: [String: Double] = [
    "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
  ]
  /// What a prefix may stand before; also nothing, as in `12 k`.
  private static let prefixed = ["", "B", "b", "Hz", "W", "V", "A", "Wh", "J"]
  /// Things that are counted per second, by what Grafana puts behind numbers.
  private static let counted: Set<String> = [
    "req/s", "ops/s", "c/s", "io/s", "r/s", "w/s", "rd/s", "wr/s", "p/s", "rows/s", "mess/s", "rps",
    "reqps", "ops", "cps", "pps", "iops", "req/m", "ops/m", "c/m",
  ]
  private static let thousands: [String: Double] = [
    "": 1, "K": 1e3, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "Mil": 1e6, "Bil": 1e9, "Tri": 1e12,
  ]

  private static func scale(of name: String) -> (Double, Double)? {
    if let factor = whole[name] { return (factor, 1) }
    if let divisor = parts[name] { return (1, divisor) }
    if let factor = prefixedScale(of: name) { return (factor, 1) }
    for ending in ["/s", "ps", "/sec"] where name.hasSuffix(ending) {
      let unit = String(name.dropLast(ending.utf8.count))
      if ["B", "b"].contains(where: unit.hasSuffix), let factor = prefixedScale(of: unit) {
        return (factor, 1)
      }
    }
    // `1.2K req/s`, also with a blank between.
    for (prefix, factor) in thousands where name.hasPrefix(prefix) {
      if counted.contains(name.dropFirst(prefix.count).trimmingBlanks) { return (factor, 1) }
    }
    return nil
  }

  private static func prefixedScale(of name: String) -> Double? {
    for unit in prefixed where name.hasSuffix(unit) {
      let prefix = String(name.dropLast(unit.utf8.count))
      if prefix.isEmpty, !unit.isEmpty { return 1 }
      if let factor = prefixes[prefix] { return factor }
    }
    return nil
  }
}

/// A number as people read it: digits with or without commas between thousands, and what follows.
///
/// - Returns: Nil when the text does not begin with a number.
func formattedNumber(_ text: String) -> (value: Double, unit: String)? {
  let bytes = Array(text.utf8)
  let isNumber: (UInt8) -> Bool = {
    (0x30...0x39).contains($0) || $0 == 0x2C || $0 == 0x2E || $0 == 0x2D || $0 == 0x2B
  }
  var end = bytes.firstIndex { !isNumber($0) } ?? bytes.count
  // An exponent, which no unit looks like.
  if end + 1 < bytes.count, bytes[end] | 0x20 == 0x65,
    bytes[end + 1] == 0x2D || bytes[end + 1] == 0x2B || (0x30...0x39).contains(bytes[end + 1])
  {
    end = bytes[(end + 1)...].firstIndex { !isNumber($0) } ?? bytes.count
  }
  let groups = bytes[..<end].split(separator: 0x2C, omittingEmptySubsequences: false)
  if groups.count > 1 {
    let first = groups[0].drop { $0 == 0x2D || $0 == 0x2B }
    let last = groups[groups.count - 1].prefix { $0 != 0x2E }
    guard (1...3).contains(first.count), last.count == 3,
      groups[1..<(groups.count - 1)].allSatisfy({ $0.count == 3 && !$0.contains(0x2E) }),
      !first.contains(0x2E)
    else { return nil }
  }
  let digits = String(decoding: bytes[..<end].filter { $0 != 0x2C }, as: UTF8.self)
  guard let value = Double(digits) else { return nil }
  return (value, String(decoding: bytes[end...], as: UTF8.self).trimmingBlanks)
}
