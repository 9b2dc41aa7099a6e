public import LinearAlgebra

/// How far covariances are drawn towards equal, uncorrelated columns.
public enum ShrinkageRule: String, CaseIterable, Hashable, Sendable {
  /// The share that is best for any distribution, in the limit of many rows: Ledoit and Wolf (2004).
  case ledoitWolf = "ledoit_wolf"
  /// The share that is best for normal rows: oracle approximating shrinkage, Chen et al. (2010).
  case oracleApproximating = "oas"
}

/// Covariances of few rows, made invertible by drawing them towards a multiple of the identity.
///
///     covariance = (1 − shrinkage) · S + shrinkage · (trace S / columns) · I
///
/// with S the covariances over n. Values that are NaN or infinite are missing: they count as their
/// column's mean, and the column's remaining values count for more, so that its variance is that of
/// the values present. That keeps S positive semi-definite.
public struct ShrunkCovariance: Hashable, Sendable {
  /// Mean of each column, [columns].
  public let means: [Double]
  /// The covariances, symmetric, [columns × columns].
  public let elements: [Double]
  /// The share of the identity, within [0, 1].
  public let shrinkage: Double

  /// Summarises rows [n × columns]; without any, means and covariances are 0.
  public init(of rows: Matrix, rule: ShrinkageRule) {
    let order = rows.columns
    let count = Double(max(1, rows.rows))
    let raw = Covariance(of: rows)
    let weights = (0..<order).map { column -> Double in
      let present = (0..<rows.rows).count { rows[$0, column].isFinite }
      return present > 0 ? (count / Double(present)).squareRoot() : 1
    }
    var empirical = raw.elements
    for i in 0..<order {
      for j in 0..<order {
        empirical[i * order + j] *= (count - 1) / count * weights[i] * weights[j]
      }
    }
    let trace = (0..<order).reduce(0) { $0 + empirical[$1 * order + $1] }
    let scale = order > 0 ? trace / Double(order) : 0
    let squares = empirical.reduce(0) { $0 + $1 * $1 }
    let share: Double
    switch rule {
    case .ledoitWolf:
      // Σ over rows of ‖x‖⁴, of centred rows.
      var fourth = 0.0
      for row in 0..<rows.rows {
        var length = 0.0
        for (column, value) in rows.row(row).enumerated() where value.isFinite {
          let centred = (Double(value) - raw.means[column]) * weights[column]
          length += centred * centred
        }
        fourth += length * length
      }
      let columns = Double(max(1, order))
      let distance = (squares - scale * trace) / columns
      let noise = (fourth / count - squares) / (columns * count)
      share = distance > 0 ? min(max(noise, 0), distance) / distance : 1
    case .oracleApproximating:
      let columns = Double(max(1, order))
      let mean = squares / (columns * columns)
      let numerator = mean + scale * scale
      let denominator = (count + 1) * (mean - scale * scale / columns)
      share = denominator > 0 ? min(numerator / denominator, 1) : 1
    }
    means = raw.means
    shrinkage = share
    elements = Self.shrunk(empirical, order: order, share: share, scale: scale)
  }

  private static func shrunk(
    _ empirical: [Double], order: Int, share: Double, scale: Double
  ) -> [Double] {
    var elements = empirical.map { (1 - share) * $0 }
    for index in 0..<order { elements[index * order + index] += share * scale }
    return elements
  }
}
