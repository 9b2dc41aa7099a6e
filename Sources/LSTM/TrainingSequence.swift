public import LinearAlgebra

/// A piece of one multivariate series without gaps in time, ready to learn from.
public struct TrainingSequence: Hashable, Sendable {
  /// Scaled rows in order of time, [T × F]; missing values as 0.
  public let rows: Matrix
  /// Which values of `rows` count as targets, [T × F] row-major; the others are inputs alone.
  ///
  /// Besides missing values this leaves out rows that shall only warm the state up.
  public let observed: [Bool]

  /// Makes a sequence.
  ///
  /// - Precondition: `observed` has as many elements as `rows`.
  public init(rows: Matrix, observed: [Bool]) {
    precondition(
      observed.count == rows.elements.count,
      "\(observed.count) marks for \(rows.rows)×\(rows.columns) values")
    (self.rows, self.observed) = (rows, observed)
  }

  /// Makes a sequence in which every value counts.
  public init(rows: Matrix) {
    self.init(rows: rows, observed: Array(repeating: true, count: rows.elements.count))
  }

  /// Pairs of a row and its successor.
  var steps: Int { max(0, rows.rows - 1) }

  /// Whether any of the first `columns` of a row that has a predecessor counts as a target.
  func hasTargets(columns: Int) -> Bool {
    (1..<max(1, rows.rows)).contains { row in
      observed[row * rows.columns..<row * rows.columns + columns].contains(true)
    }
  }
}
