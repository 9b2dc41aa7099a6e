public import LinearAlgebra

/// A piece of one multivariate series without gaps in time, ready to learn from.
public struct TrainingSequence: Hashable, Sendable {
  /// Scaled rows in order of time, [T × F]; missing values as 0.
  public let rows: Matrix
  /// Which values of `rows` count as targets, [T × F] row-major; the others are inputs alone.
  ///
  /// Besides missing values this leaves out rows that shall only warm the state up.
  public let observed: [Bool]
  /// How much the values of each row count as targets beside those of others, [T]; nil when all
  /// count 1. A loss is the mean over targets weighted so, so that only ratios matter.
  public let rowWeights: [Float]?

  /// What a weight may be besides 0.
  public static let weightRange: ClosedRange<Float> = 1e-6...1e6

  /// Makes a sequence.
  ///
  /// - Parameters:
  ///   - weight: How much the sequence counts beside others.
  ///   - rowWeights: How much each of its rows counts beside the others, [T]; nil for 1 each.
  /// - Precondition: `observed` has as many elements as `rows`, and `rowWeights` one for each row.
  public init(rows: Matrix, observed: [Bool], weight: Float = 1, rowWeights: [Float]? = nil) {
    precondition(
      observed.count == rows.elements.count && (rowWeights?.count ?? rows.rows) == rows.rows,
      "\(observed.count) marks and \(rowWeights?.count ?? rows.rows) weights for "
        + "\(rows.rows)×\(rows.columns) values")
    (self.rows, self.observed) = (rows, observed)
    if weight == 1 {
      self.rowWeights = rowWeights
    } else {
      self.rowWeights = (rowWeights ?? Array(repeating: 1, count: rows.rows)).map { $0 * weight }
    }
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
        && rowWeights?[row] != 0
    }
  }
}
