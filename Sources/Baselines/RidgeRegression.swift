public import LinearAlgebra

/// Linear regression of several outputs on the same inputs with a penalty on the squared
/// coefficients (Hoerl and Kennard 1970); the intercept is not penalised.
///
///     minimise Σ (y − b − W x)² + penalty · ‖W‖²
///
/// Solved by the normal equations of centred rows, (XᵀX + penalty · I) Wᵀ = XᵀY, and Cholesky's
/// factors.
public struct RidgeRegression: Hashable, Sendable {
  /// Number of inputs.
  public let inputs: Int
  /// Coefficients W, row-major, [outputs × inputs].
  public let coefficients: [Double]
  /// Intercepts b, [outputs].
  public let intercepts: [Double]

  /// Number of outputs.
  public var outputs: Int { intercepts.count }

  /// Makes a regression from its parts.
  ///
  /// - Precondition: `coefficients.count == inputs * intercepts.count`.
  public init(inputs: Int, coefficients: [Double], intercepts: [Double]) {
    precondition(
      coefficients.count == inputs * intercepts.count,
      "\(coefficients.count) coefficients for \(inputs)×\(intercepts.count)")
    (self.inputs, self.coefficients, self.intercepts) = (inputs, coefficients, intercepts)
  }

  /// Fits one regression per penalty, which share their sums of products.
  ///
  /// - Parameters:
  ///   - rows: Inputs, then outputs, [n × (inputs + outputs)]. NaN and infinities are missing: a row
  ///     without an output does not count for that output, and one that is never there is foretold
  ///     as 0; a missing input counts as its column's mean.
  ///   - inputs: Columns that are inputs.
  ///   - penalties: Each positive, and per row: it is multiplied by the number of rows fitted on.
  /// - Throws: `BaselineError.noRows`, and `notSolvable` for a penalty too small for inputs that
  ///   repeat each other.
  public static func fit(
    _ rows: Matrix, inputs: Int, penalties: [Double]
  ) throws(BaselineError) -> [RidgeRegression] {
    precondition(
      inputs >= 0 && inputs <= rows.columns && penalties.allSatisfy { $0 > 0 },
      "\(inputs) inputs of \(rows.columns) columns, penalties \(penalties)")
    let outputs = rows.columns - inputs
    guard rows.rows > 0 else { throw .noRows }
    var coefficients = Array(
      repeating: Array(repeating: 0.0, count: outputs * inputs), count: penalties.count)
    var intercepts = Array(
      repeating: Array(repeating: 0.0, count: outputs), count: penalties.count)
    for group in Self.groups(rows, inputs: inputs) {
      let part = Part(rows, inputs: inputs, group)
      for (index, penalty) in penalties.enumerated() {
        let solution = try part.solution(penalty: penalty)
        for (place, output) in group.outputs.enumerated() {
          let weights = solution[place * inputs..<(place + 1) * inputs]
          coefficients[index].replaceSubrange(
            output * inputs..<(output + 1) * inputs, with: weights)
          let foretold = zip(weights, part.means).reduce(0) { $0 + $1.0 * $1.1 }
          intercepts[index][output] = part.means[inputs + place] - foretold
        }
      }
    }
    return zip(coefficients, intercepts).map {
      RidgeRegression(inputs: inputs, coefficients: $0, intercepts: $1)
    }
  }

  /// The outputs foretold for a row of inputs, [outputs].
  ///
  /// - Precondition: `row.count == inputs`.
  public func predict(_ row: ArraySlice<Float>) -> [Double] {
    precondition(row.count == inputs, "row of \(row.count) for \(inputs) inputs")
    return intercepts.indices.map { output in
      var sum = intercepts[output]
      var place = output * inputs
      for value in row {
        sum += coefficients[place] * Double(value)
        place += 1
      }
      return sum
    }
  }

  /// Outputs that are present in the same rows and so have the same sums over inputs.
  private struct Group {
    var outputs: [Int]
    /// Rows where they are present; nil for all.
    var rows: [Int]?
  }

  private static func groups(_ rows: Matrix, inputs: Int) -> [Group] {
    var complete = Group(outputs: [], rows: nil)
    var others: [Group] = []
    for output in 0..<rows.columns - inputs {
      let present = (0..<rows.rows).filter { rows[$0, inputs + output].isFinite }
      guard !present.isEmpty else { continue }
      if present.count == rows.rows {
        complete.outputs.append(output)
      } else if let same = others.firstIndex(where: { $0.rows == present }) {
        others[same].outputs.append(output)
      } else {
        others.append(Group(outputs: [output], rows: present))
      }
    }
    return (complete.outputs.isEmpty ? [] : [complete]) + others
  }

  /// The normal equations of a group of outputs.
  private struct Part {
    let means: [Double]
    let products: [Double]
    let inputs: Int
    let outputs: Int
    let count: Int

    init(_ rows: Matrix, inputs: Int, _ group: Group) {
      (self.inputs, outputs) = (inputs, group.outputs.count)
      let indices = group.rows ?? Array(0..<rows.rows)
      count = indices.count
      var selected = Matrix(rows: 0, columns: inputs + group.outputs.count)
      selected.elements.reserveCapacity(indices.count * selected.columns)
      for index in indices {
        let row = rows.row(index)
        selected.append(
          row: row.prefix(inputs) + group.outputs.map { row[row.startIndex + inputs + $0] })
      }
      let covariance = Covariance(of: selected)
      means = covariance.means
      products = covariance.elements
    }

    /// The coefficients, [outputs × inputs].
    func solution(penalty: Double) throws(BaselineError) -> [Double] {
      let width = inputs + outputs
      // Covariances are sums of products over n − 1.
      let scaled = penalty * Double(count) / Double(max(1, count - 1))
      var matrix: [Double] = []
      matrix.reserveCapacity(inputs * inputs)
      for row in 0..<inputs {
        matrix += products[row * width..<row * width + inputs]
        matrix[row * inputs + row] += scaled
      }
      let rightSides = (0..<outputs).flatMap {
        products[(inputs + $0) * width..<(inputs + $0) * width + inputs]
      }
      do {
        return try CholeskyFactor(matrix, order: inputs).solve(rightSides)
      } catch {
        throw .notSolvable(error)
      }
    }
  }
}
