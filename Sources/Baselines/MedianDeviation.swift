internal import LinearAlgebra

/// Scores a row by its largest distance from the training median, in median absolute deviations.
///
///     score = max over columns of |x − median| / max(1.4826 · MAD, 0.3 · deviation, 0.03 · |median|, 1e-6)
///
/// The other bounds are for columns that hardly ever move, whose MAD is 0. Values that are NaN or
/// infinite are missing.
public struct MedianDeviation: Hashable, Sendable {
  /// The median of each column; NaN for one without values.
  public let medians: [Double]
  /// What distances of each column are divided by.
  public let scales: [Double]

  /// Fits rows [n][columns].
  ///
  /// - Precondition: Rows of one length.
  public init(fitting rows: [[Float]]) {
    var medians: [Double] = []
    var scales: [Double] = []
    for column in 0..<(rows.first?.count ?? 0) {
      let sorted = rows.lazy.map { Double($0[column]) }.filter { $0.isFinite }.sorted()
      guard !sorted.isEmpty else {
        medians.append(.nan)
        scales.append(1)
        continue
      }
      let median = quantile(ofSorted: sorted, 0.5)
      let spread = quantile(ofSorted: sorted.map { abs($0 - median) }.sorted(), 0.5)
      let mean = sorted.reduce(0, +) / Double(sorted.count)
      let variance = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)
      medians.append(median)
      scales.append(max(1.4826 * spread, 0.3 * variance.squareRoot(), 0.03 * abs(median), 1e-6))
    }
    (self.medians, self.scales) = (medians, scales)
  }

  /// The score of a row [columns]; NaN when all is missing.
  ///
  /// - Precondition: `row.count` equals the columns.
  public func score(_ row: ArraySlice<Float>) -> Float {
    precondition(row.count == medians.count, "row of \(row.count) for \(medians.count) columns")
    var largest = Double.nan
    for (column, value) in row.enumerated() {
      let deviation = abs(Double(value) - medians[column]) / scales[column]
      if deviation.isFinite { largest = largest.isNaN ? deviation : max(largest, deviation) }
    }
    return largest.isNaN ? .nan : finiteScore(largest)
  }
}
