internal import Foundation
public import LinearAlgebra

extension IsolationForest {
  /// Rows that visit a tree one after another while its nodes are in the cache.
  private static let block = 64

  /// The anomaly score of a row [columns], within (0, 1]; higher is more anomalous.
  ///
  ///     score = 2^(−E[h(x)] / c(subsample))
  ///
  /// where h is a leaf's depth plus the average path length of the rows that ended there. Around
  /// 0.5 is ordinary. A NaN goes where `missing` says, and right at every split if it says nothing.
  ///
  /// - Precondition: `row.count == columns`.
  public func score(_ row: Span<Float>) -> Float {
    precondition(row.count == columns, "row of \(row.count) for a forest of \(columns) columns")
    var total = 0.0
    guard isPlain else {
      for tree in 0..<trees { total += pathLength(row, tree: tree) }
      return score(totalPathLength: total, trees: trees)
    }
    let nodes = nodes.span
    for root in roots { total += Double(Self.pathLength(row, from: root, nodes)) }
    return score(totalPathLength: total, trees: trees)
  }

  /// The anomaly score of a row [columns].
  public func score(_ row: ArraySlice<Float>) -> Float { score(row.span) }

  /// The anomaly scores of rows [n × columns], [n]; equal to scoring each row alone.
  public func scores(_ rows: Matrix) -> [Float] {
    precondition(
      rows.columns == columns, "rows of \(rows.columns) for a forest of \(columns) columns")
    guard isPlain else { return (0..<rows.rows).map { score(rows.row($0)) } }
    let (nodes, elements) = (nodes.span, rows.elements.span)
    var scores: [Float] = []
    scores.reserveCapacity(rows.rows)
    var start = 0
    while start < rows.rows {
      let end = min(start + Self.block, rows.rows)
      var totals = [Double](repeating: 0, count: end - start)
      for root in roots {
        for offset in 0..<totals.count {
          let begin = (start + offset) * columns
          let row = elements.extracting(begin..<begin + columns)
          totals[offset] += Double(Self.pathLength(row, from: root, nodes))
        }
      }
      for total in totals { scores.append(score(totalPathLength: total, trees: trees)) }
      start = end
    }
    return scores
  }

  private static func pathLength(
    _ row: Span<Float>, from root: Int, _ nodes: Span<IsolationNode>
  ) -> Float {
    var node = nodes[root]
    while node.feature >= 0 {
      let goesRight = row[Int(node.feature)] <= node.value ? 0 : 1
      node = nodes[Int(node.left) + goesRight]
    }
    return node.value
  }

  /// The score of a row's path lengths in all trees together.
  func score(totalPathLength total: Double, trees: Int) -> Float {
    ScoreFormula(subsample: subsample, trees: trees)(total: total)
  }
}
