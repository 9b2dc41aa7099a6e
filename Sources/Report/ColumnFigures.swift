/// What a column of numbers is like.
public struct ColumnFigures: Hashable, Sendable {
  /// The least number; nil when there is none.
  public let minimum: Double?
  /// The middle one, the mean of two for an even count.
  public let median: Double?
  /// The greatest number.
  public let maximum: Double?
  /// The share of missing ones, from 0 to 1.
  public let missing: Double

  /// Looks at numbers, NaN being missing.
  public init(_ values: [Double]) {
    let known = values.filter { !$0.isNaN }.sorted()
    let middle = known.count / 2
    (minimum, maximum) = (known.first, known.last)
    median =
      known.isEmpty
      ? nil
      : known.count % 2 == 1 ? known[middle] : known[middle - 1] / 2 + known[middle] / 2
    missing = values.isEmpty ? 0 : 1 - Double(known.count) / Double(values.count)
  }
}

/// A number with four digits that count: `0.01235`, `653.9`, `1.235e9`.
package func significant(_ value: Double?) -> String {
  guard let value else { return absent }
  let size = abs(value)
  guard size > 0, size.isFinite else { return fixed(value, 0) }
  var (exponent, power) = (0, 1.0)
  if size >= 1 {
    while size / power >= 10 { (exponent, power) = (exponent + 1, power * 10) }
  } else {
    while size * power < 1 { (exponent, power) = (exponent - 1, power * 10) }
  }
  switch exponent {
  case 0..<6: return shorter(fixed(value, max(0, 3 - exponent)))
  case -3..<0: return shorter(fixed(value, 3 - exponent))
  default:
    let mantissa = exponent > 0 ? value / power : value * power
    return shorter(fixed(mantissa, 3)) + "e\(exponent)"
  }
}

/// A number without the zeros at its end.
private func shorter(_ text: String) -> String {
  guard text.contains(".") else { return text }
  var rest = text[...]
  while rest.last == "0" { rest = rest.dropLast() }
  return String(rest.last == "." ? rest.dropLast() : rest)
}
