/// What a forest looks like from outside.
public struct ForestStatistics: Hashable, Sendable {
  /// Number of trees.
  public var trees: Int
  /// Nodes of all trees, leaves included.
  public var nodes: Int
  /// Leaves of all trees.
  public var leaves: Int
  /// Splits that combine several columns.
  public var hyperplanes: Int
  /// The depths of the shallowest and of the deepest tree.
  public var depths: ClosedRange<Int>
  /// The mean depth of leaves, each leaf counted once.
  public var meanLeafDepth: Double
  /// The mean path length of the training rows.
  public var expectedPathLength: Double
}

extension IsolationForest {
  /// Levels of a tree's text that are indented, so that a chain of splits takes room in proportion.
  private static let indented = 40

  /// Counts trees, nodes and depths.
  public var statistics: ForestStatistics {
    let depths = depths()
    let leaves = nodes.indices.filter { nodes[$0].isLeaf }
    let ends = roots.dropFirst() + [nodes.count]
    let deepest = zip(roots, ends).map { depths[$0..<$1].max() ?? 0 }
    return ForestStatistics(
      trees: trees, nodes: nodes.count, leaves: leaves.count, hyperplanes: planes.count,
      depths: (deepest.min() ?? 0)...(deepest.max() ?? 0),
      meanLeafDepth: Double(leaves.reduce(0) { $0 + depths[$1] }) / Double(max(leaves.count, 1)),
      expectedPathLength: PathAttribution(self).expectedPathLength)
  }

  /// A tree as indented text, one node a line, the left child first.
  ///
  ///     cpu <= 0.25: 256 rows
  ///       memory <= 1.5: 24 rows
  ///         path length 2, 1 row
  ///
  /// Nodes further down than 40 levels stay there, with their depth before them: `[41] cpu <= 2`.
  ///
  /// - Parameter names: The columns' names, [columns].
  /// - Precondition: `tree` is in `0..<trees`.
  public func text(ofTree tree: Int, names: [String]) -> String {
    precondition(
      names.count == columns && tree >= 0 && tree < trees,
      "tree \(tree) of \(trees), \(names.count) names for \(columns) columns")
    let (_, weights) = trainingRows()
    var text = ""
    var pending = [(index: roots[tree], depth: 0)]
    while let (index, depth) = pending.popLast() {
      let node = nodes[index]
      let rows = (weights[index] * 100).rounded() / 100
      let count = rows == rows.rounded() ? "\(Int(rows))" : "\(rows)"
      text += String(repeating: "  ", count: min(depth, Self.indented))
      if depth > Self.indented { text += "[\(depth)] " }
      if node.isLeaf {
        text += "path length \(node.value), \(count) \(rows == 1 ? "row" : "rows")\n"
      } else {
        text += "\(condition(of: node, names)): \(count) rows\n"
        pending.append((Int(node.left) + 1, depth + 1))
        pending.append((Int(node.left), depth + 1))
      }
    }
    return text
  }

  private func condition(of node: IsolationNode, _ names: [String]) -> String {
    guard let plane = node.plane else { return "\(names[Int(node.feature)]) <= \(node.value)" }
    let terms = planes.terms(plane).map {
      "\($0.coefficient) (\(names[$0.feature]) - \($0.centre))"
    }
    return "\(terms.joined(separator: " + ")) <= \(node.value)"
  }
}
