/// Reads the values of a table.
struct CSVValues {
  /// What a field says.
  enum Reading {
    /// A sample as it is written; NaN for none.
    case number(Double)
    /// A sample that was written in another unit.
    case converted(Double)
    /// A number with something behind it that is no unit we know.
    case unknownUnit
    /// No number.
    case malformed
  }

  /// What Grafana writes where there is no sample.
  private static let absent: Set<String> = [
    "null", "undefined", "-", "N/A", "No data", "no data", "No value",
  ]

  private let form: CSVSource.Values

  init(_ form: CSVSource.Values) { self.form = form }

  /// Reads a field without blanks at its ends.
  ///
  /// - Parameter unit: The unit of a value that has none of its own.
  func read(_ text: String, unit: MeasuredUnit?) -> Reading {
    if text.isEmpty { return .number(.blank) }
    if let value = number(text) { return converted(value, unit) }
    guard form == .formatted else { return .malformed }
    if Self.absent.contains(text) { return .number(.blank) }
    guard let (value, name) = formattedNumber(text) else { return .malformed }
    if name.isEmpty { return converted(value, unit) }
    guard let own = MeasuredUnit(name) else { return .unknownUnit }
    return converted(value, own)
  }

  private func converted(_ value: Double, _ unit: MeasuredUnit?) -> Reading {
    guard let unit, !unit.isBase else { return .number(value) }
    return .converted(unit.convert(value))
  }
}
