internal import LinearAlgebra

/// Scores a row by its difference from the row one season before, in units of the usual difference.
///
///     score = max over columns of |x[t] − x[t − season]| / usual,   usual = max(1.4826 · median |difference|,
///             0.3 · root mean square of differences, 1e-6)
///
/// Nothing but yesterday at the same hour: what a forecaster has to beat. Values that are NaN or
/// infinite are missing.
public struct SeasonalNaive: Hashable, Sendable {
  /// Rows of a season.
  public let season: Int
  /// The usual difference of each column; NaN for one without any.
  public let usual: [Double]
  /// Past rows, [season × columns], the oldest at `slot`.
  private var past: [Float]
  private var slot = 0

  /// Fits the usual differences on rows [n][columns].
  ///
  /// - Parameter isFitted: Per row, whether its difference is used.
  /// - Precondition: `season >= 1`, as many flags as rows, and rows of one length.
  public init(fitting rows: [[Float]], isFitted: [Bool], season: Int) {
    precondition(season >= 1 && rows.count == isFitted.count, "season of \(season)")
    let columns = rows.first?.count ?? 0
    self.season = season
    usual = (0..<columns).map { column in
      var differences: [Double] = []
      for row in rows.indices.dropFirst(season) where isFitted[row] {
        let difference = Double(rows[row][column]) - Double(rows[row - season][column])
        if difference.isFinite { differences.append(abs(difference)) }
      }
      guard !differences.isEmpty else { return .nan }
      differences.sort()
      let squares = differences.reduce(0) { $0 + $1 * $1 } / Double(differences.count)
      return max(
        1.4826 * quantile(ofSorted: differences, 0.5), 0.3 * squares.squareRoot(), 1e-6)
    }
    past = Array(repeating: .nan, count: season * columns)
  }

  /// Scores a row [columns] against the one a season before, then remembers it.
  ///
  /// - Returns: NaN when no column has both values.
  /// - Precondition: `row.count` equals the columns.
  public mutating func score(_ row: ArraySlice<Float>) -> Float {
    precondition(row.count == usual.count, "row of \(row.count) for \(usual.count) columns")
    var largest = Double.nan
    for (column, value) in row.enumerated() {
      let place = slot * usual.count + column
      let deviation = abs(Double(value) - Double(past[place])) / usual[column]
      if deviation.isFinite { largest = largest.isNaN ? deviation : max(largest, deviation) }
      past[place] = value.isFinite ? value : .nan
    }
    slot = (slot + 1) % season
    return largest.isNaN ? .nan : finiteScore(largest)
  }
}
