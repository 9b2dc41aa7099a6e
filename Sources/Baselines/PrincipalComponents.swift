public import LinearAlgebra

/// Scores a row by its squared distance from the plane that training rows lie near.
///
///     score = ‖(x − μ) − VᵀV (x − μ)‖²
///
/// with the mean μ and the leading eigenvectors V of the training covariances. Pearson (1901);
/// Shyu et al. (2003) for anomalies. Values that are NaN or infinite are missing: in training they
/// count as their column's mean, in scoring as what the values present let expect, see
/// `ReconstructionError`.
public struct PrincipalComponents: Hashable, Sendable {
  /// Mean of each column, [columns].
  public let means: [Double]
  /// Orthonormal components, one a row, by descending variance, [count × columns].
  public let components: [Double]
  /// Variance of the training rows along each component, descending, [count].
  public let variances: [Double]
  /// Mean variance of the training rows along each direction that is no component.
  public let residualVariance: Double

  /// Number of columns of the rows it was fitted on and scores.
  public var columns: Int { means.count }
  /// Number of components kept.
  public var count: Int { variances.count }

  /// Makes a plane from its parts.
  ///
  /// - Precondition: `components.count == variances.count * means.count`.
  public init(
    means: [Double], components: [Double], variances: [Double], residualVariance: Double
  ) {
    precondition(
      components.count == variances.count * means.count,
      "\(components.count) elements for \(variances.count) components of \(means.count) columns")
    (self.means, self.components, self.variances) = (means, components, variances)
    self.residualVariance = residualVariance
  }

  /// Fits components to rows [n × columns].
  ///
  /// With at least as many rows as columns they are eigenvectors of the covariances, else right
  /// singular vectors of the centred rows, whichever matrix is the smaller.
  ///
  /// - Parameters:
  ///   - rows: Training rows; scale columns of different units beforehand.
  ///   - explained: Share of the variance to keep, within (0, 1]: the fewest components that reach
  ///     it. Rows without variance have no component.
  ///   - limit: Most components to keep, at least 0; with `explained` 1, their number.
  /// - Throws: `noRows`, or `decomposition` when LAPACK gives up.
  public static func fit(
    _ rows: Matrix, explained: Double = 0.9, limit: Int = 64
  ) throws(BaselineError) -> PrincipalComponents {
    precondition(
      explained > 0 && explained <= 1 && limit >= 0, "share \(explained), limit \(limit)")
    guard rows.rows > 0 else { throw .noRows }
    let directions: Directions
    do {
      directions =
        rows.rows >= rows.columns
        ? try Directions(covariancesOf: rows) : try Directions(rowsOf: rows)
    } catch {
      throw .decomposition(error)
    }
    // Rounding leaves directions without variance slightly off 0; they are not components.
    let smallest = (directions.variances.first ?? 0) * Double(rows.columns) * Double.ulpOfOne
    let positive = directions.variances.prefix { $0 > smallest }
    let total = positive.reduce(0, +)
    let wanted = explained * total
    var (count, sum) = (0, 0.0)
    while count < min(limit, positive.count), sum < wanted {
      sum += positive[count]
      count += 1
    }
    return PrincipalComponents(
      means: directions.means,
      components: Array(directions.vectors[..<(count * rows.columns)]),
      variances: Array(positive[..<count]),
      residualVariance: max(0, total - sum) / Double(max(1, rows.columns - count)))
  }

  /// The squared reconstruction error of a row [columns], in squared units of the rows.
  ///
  /// - Precondition: `row.count == columns`.
  public func score(_ row: ArraySlice<Float>) -> Float {
    var error = ReconstructionError(self)
    return finiteScore(error.residuals(row).reduce(0) { $1.isNaN ? $0 : $0 + $1 * $1 })
  }

  /// The scores of rows [n × columns], [n].
  public func scores(_ rows: Matrix) -> [Float] {
    var error = ReconstructionError(self)
    return (0..<rows.rows).map { error.score(rows.row($0)) }
  }
}

/// Directions of descending variance of some rows.
private struct Directions {
  let means: [Double]
  let variances: [Double]
  let vectors: [Double]

  init(covariancesOf rows: Matrix) throws(EigenError) {
    let covariance = Covariance(of: rows)
    let eigen = try symmetricEigen(covariance.elements, order: rows.columns)
    (means, variances, vectors) = (covariance.means, eigen.values, eigen.vectors)
  }

  init(rowsOf rows: Matrix) throws(EigenError) {
    let means = Covariance.means(of: rows)
    var centred: [Double] = []
    centred.reserveCapacity(rows.elements.count)
    for row in 0..<rows.rows {
      for (value, mean) in zip(rows.row(row), means) {
        centred.append(value.isFinite ? Double(value) - mean : 0)
      }
    }
    let singular = try singularVectors(centred, rows: rows.rows, columns: rows.columns)
    self.means = means
    variances = singular.values.map { $0 * $0 / Double(max(1, rows.rows - 1)) }
    vectors = singular.vectors
  }
}
