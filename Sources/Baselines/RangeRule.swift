public import LinearAlgebra

/// Scores a row by how far it leaves the range that each column has had so far: the rule that people
/// write before they try a model.
///
///     score = max over columns of max(x − high, low − x, 0) / max(high − low, 0.03 · max(|low|, |high|), 1e-6)
///
/// The range of a column is that of all its values before, and grows with each row. Values that are
/// NaN or infinite are missing.
public struct RangeRule: Hashable, Sendable {
  /// Lowest and highest value so far, per column; the first is above the second before any value.
  private var low: [Float]
  private var high: [Float]

  /// Starts without a past.
  ///
  /// - Precondition: `columns >= 0`.
  public init(columns: Int) {
    precondition(columns >= 0, "\(columns) columns")
    low = Array(repeating: .infinity, count: columns)
    high = Array(repeating: -.infinity, count: columns)
  }

  /// Scores a row [columns] against the past, then makes it part of the past.
  ///
  /// - Returns: 0 while no column is outside, or has a past.
  /// - Precondition: `row.count` equals the columns.
  public mutating func score(_ row: ArraySlice<Float>) -> Float {
    precondition(row.count == low.count, "row of \(row.count) for \(low.count) columns")
    var largest = 0.0
    for (column, value) in row.enumerated() where value.isFinite {
      let (lower, upper) = (Double(low[column]), Double(high[column]))
      if lower <= upper {
        let width = max(upper - lower, 0.03 * max(abs(lower), abs(upper)), 1e-6)
        largest = max(largest, max(Double(value) - upper, lower - Double(value)) / width)
      }
      low[column] = min(low[column], value)
      high[column] = max(high[column], value)
    }
    return finiteScore(largest)
  }

  /// Scores rows [n × columns] in order, [n].
  public mutating func scores(_ rows: Matrix) -> [Float] {
    (0..<rows.rows).map { score(rows.row($0)) }
  }
}
