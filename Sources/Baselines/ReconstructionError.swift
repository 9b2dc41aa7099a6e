internal import LinearAlgebra

/// What principal components leave of rows, column by column.
///
/// Missing values are regressed on those present, under the normal distribution with the components'
/// variances and equal variance in all other directions (Tipping and Bishop 1999); then the row is
/// projected, and the missing columns have no residual.
public struct ReconstructionError: Sendable {
  /// The components.
  public let model: PrincipalComponents
  /// The columns missing from the last row that lacked any, and the system to fill them by.
  private var completion: Completion?

  /// Starts scoring.
  public init(_ model: PrincipalComponents) { self.model = model }

  /// The squared error of a row [columns], in squared units of the rows.
  ///
  /// - Precondition: `row.count == columns`.
  public mutating func score(_ row: ArraySlice<Float>) -> Float {
    finiteScore(residuals(row).reduce(0) { $1.isNaN ? $0 : $0 + $1 * $1 })
  }

  /// Value less reconstruction of each column; NaN where the value is missing, [columns].
  ///
  /// The squares are the columns' contributions to the score and add up to it. Equal rows have equal
  /// residuals, bit for bit, whatever came before.
  ///
  /// - Precondition: `row.count == columns`.
  public mutating func residuals(_ row: ArraySlice<Float>) -> [Double] {
    let columns = model.columns
    precondition(row.count == columns, "row of \(row.count) for \(columns) columns")
    var centred = zip(row, model.means).map { $0.isFinite ? Double($0) - $1 : 0 }
    let missing = row.indices.filter { !row[$0].isFinite }.map { $0 - row.startIndex }
    if !missing.isEmpty, missing.count < columns, model.count > 0 {
      if completion?.missing != missing { completion = Completion(model, missing: missing) }
      completion?.fill(&centred, model)
    }
    var residual = centred
    for index in 0..<model.count {
      let begin = index * columns
      var projection = 0.0
      for column in 0..<columns {
        projection += model.components[begin + column] * centred[column]
      }
      for column in 0..<columns {
        residual[column] -= projection * model.components[begin + column]
      }
    }
    for column in missing { residual[column] = .nan }
    return residual
  }
}

/// The regression of some columns on all others.
///
/// With W the components scaled by √(variance − σ²), the expected values of the missing columns m
/// given those present o are W_m (σ² I + W_oᵀ W_o)⁻¹ W_oᵀ x_o.
private struct Completion: Sendable {
  let missing: [Int]
  private let factor: CholeskyFactor?
  private let scales: [Double]

  init(_ model: PrincipalComponents, missing: [Int]) {
    self.missing = missing
    let count = model.count
    // Without variance off the plane the system could be singular.
    let noise = max(model.residualVariance, (model.variances.first ?? 0) * 1e-9)
    let scales = model.variances.map { max(0, $0 - noise).squareRoot() }
    var system = Array(repeating: 0.0, count: count * count)
    // Components are orthonormal: products over present columns are 1 or 0 less those over missing.
    for i in 0..<count {
      for j in 0...i {
        var product = i == j ? 1.0 : 0
        for column in missing {
          product -=
            model.components[i * model.columns + column]
            * model.components[j * model.columns + column]
        }
        system[i * count + j] = scales[i] * product * scales[j] + (i == j ? noise : 0)
      }
    }
    factor = try? CholeskyFactor(system, order: count)
    self.scales = scales
  }

  /// Writes the expected values of the missing columns.
  func fill(_ centred: inout [Double], _ model: PrincipalComponents) {
    guard let factor else { return }
    let columns = model.columns
    let projections = scales.indices.map { index in
      var sum = 0.0
      for column in 0..<columns {
        sum += model.components[index * columns + column] * centred[column]
      }
      return scales[index] * sum
    }
    let place = factor.solve(projections)
    for column in missing {
      centred[column] = scales.indices.reduce(0) {
        $0 + place[$1] * scales[$1] * model.components[$1 * columns + column]
      }
    }
  }
}
