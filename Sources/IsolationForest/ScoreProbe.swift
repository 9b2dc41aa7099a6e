internal import LinearAlgebra

/// Watches how the scores of a few rows settle while trees are added, tree after tree, so that it
/// does not matter in which parts they come.
struct ScoreProbe {
  private let rows: Matrix
  private let stopping: EarlyStopping
  private var totals: [Double]
  private var scores: [Float] = []
  private var trees = 0

  init(_ rows: Matrix, stopping: EarlyStopping) {
    (self.rows, self.stopping) = (rows, stopping)
    totals = Array(repeating: 0, count: rows.rows)
  }

  /// Takes the trees that follow.
  ///
  /// - Returns: The number of trees after which the scores have settled; nil when they have not.
  mutating func settles(_ part: IsolationTrees, in growth: IsolationForestGrowth) -> Int? {
    let forest = growth.forest(part)
    for tree in part.roots.indices {
      for row in 0..<rows.rows {
        totals[row] += forest.pathLength(rows.row(row).span, tree: tree)
      }
      trees += 1
      guard trees.isMultiple(of: stopping.step) else { continue }
      let former = scores
      scores = totals.map { forest.score(totalPathLength: $0, trees: trees) }
      guard !former.isEmpty else { continue }
      let change = zip(scores, former).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) }
      if change <= stopping.tolerance * Double(scores.count) { return trees }
    }
    return nil
  }
}
