public import LinearAlgebra

/// Scores a row by its squared distance from the plane that training rows lie near.
///
///     score = ‖(x − μ) − VᵀV (x − μ)‖²
///
/// with the mean μ and the leading eigenvectors V of the training covariances. Pearson (1901);
/// Shyu et al. (2003) for anomalies. Values that are NaN or infinite count as their column's mean.
public struct PrincipalComponents: Hashable, Sendable {
  /// Mean of each column, [columns].
  public let means: [Double]
  /// Orthonormal components, one a row, by descending variance, [count × columns].
  public let components: [Double]
  /// Variance of the training rows along each component, descending, [count].
  public let variances: [Double]

  /// Number of columns of the rows it was fitted on and scores.
  public var columns: Int { means.count }
  /// Number of components kept.
  public var count: Int { variances.count }

  /// Fits components to rows [n × columns].
  ///
  /// - Parameters:
  ///   - rows: Training rows; scale columns of different units beforehand.
  ///   - explained: Share of the variance to keep, within (0, 1]: the fewest components that reach
  ///     it. Rows without variance have no component.
  ///   - limit: Most components to keep, at least 0.
  /// - Throws: `noRows`, or `decomposition` when LAPACK gives up.
  public static func fit(
    _ rows: Matrix, explained: Double = 0.9, limit: Int = 64
  ) throws(BaselineError) -> PrincipalComponents {
    precondition(
      explained > 0 && explained <= 1 && limit >= 0, "share \(explained), limit \(limit)")
    guard rows.rows > 0 else { throw .noRows }
    let covariance = Covariance(of: rows)
    let eigen: SymmetricEigen
    do {
      eigen = try symmetricEigen(covariance.elements, order: rows.columns)
    } catch {
      throw .decomposition(error)
    }
    // Rounding leaves directions without variance slightly off 0; they are not components.
    let smallest = (eigen.values.first ?? 0) * Double(rows.columns) * Double.ulpOfOne
    let positive = eigen.values.prefix { $0 > smallest }
    let wanted = explained * positive.reduce(0, +)
    var (count, sum) = (0, 0.0)
    while count < min(limit, positive.count), sum < wanted {
      sum += positive[count]
      count += 1
    }
    return PrincipalComponents(
      means: covariance.means, components: Array(eigen.vectors[..<(count * rows.columns)]),
      variances: Array(eigen.values[..<count]))
  }

  /// The squared reconstruction error of a row [columns], in squared units of the rows.
  ///
  /// - Precondition: `row.count == columns`.
  public func score(_ row: ArraySlice<Float>) -> Float {
    precondition(row.count == columns, "row of \(row.count) for \(columns) columns")
    let centred = zip(row, means).map { $0.isFinite ? Double($0) - $1 : 0 }
    var residual = centred
    for index in 0..<count {
      let begin = index * columns
      var projection = 0.0
      for column in 0..<columns { projection += components[begin + column] * centred[column] }
      for column in 0..<columns { residual[column] -= projection * components[begin + column] }
    }
    return finiteScore(residual.reduce(0) { $0 + $1 * $1 })
  }

  /// The scores of rows [n × columns], [n].
  public func scores(_ rows: Matrix) -> [Float] { (0..<rows.rows).map { score(rows.row($0)) } }
}
