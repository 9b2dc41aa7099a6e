/// Which columns a row's path length comes from.
///
/// A node knows the mean path length of the training rows that came to it. A step from a node to its
/// child changes that mean, and the change belongs to the column that was compared:
///
///     h(x) = E[h] + Σ over columns of the contributions,
///     contribution = Σ over the path's splits on the column of (E[h | child] − E[h | node])
///
/// averaged over trees. Saabas (2014) attributes predictions of trees so; here with the expectation
/// over a tree's own training rows. Negative contributions make a row more anomalous. At a split on
/// several columns the change is divided by their shares of Σ |coefficient (x − centre)|, and evenly
/// where all of them are 0; at a split that a row takes both ways it is the mean by weight.
///
/// The identity holds to the rounding of double precision.
public struct PathAttribution: Sendable {
  private let forest: IsolationForest
  /// Per node, the mean path length of the training rows that came to it.
  private let expectations: [Double]
  /// Per node, how many training rows came to it.
  private let weights: [Double]

  /// Looks at every node once.
  public init(_ forest: IsolationForest) {
    self.forest = forest
    (expectations, weights) = forest.trainingRows()
  }

  /// E[h], the mean path length of the training rows over all trees.
  public var expectedPathLength: Double {
    forest.roots.reduce(0) { $0 + expectations[$1] } / Double(forest.trees)
  }

  /// The contributions to a row's mean path length, [columns].
  ///
  /// - Precondition: `row.count == columns` of the forest.
  public func contributions(to row: ArraySlice<Float>) -> [Double] {
    precondition(
      row.count == forest.columns, "row of \(row.count) for \(forest.columns) columns")
    let row = row.span
    var contributions = [Double](repeating: 0, count: forest.columns)
    var pending: [(index: Int, weight: Double)] = []
    for root in forest.roots {
      pending.append((root, 1))
      while let (index, weight) = pending.popLast() {
        let node = forest.nodes[index]
        guard !node.isLeaf else { continue }
        let share = forest.leftShare(of: row, at: index)
        let left = Int(node.left)
        let change =
          share * expectations[left] + (1 - share) * expectations[left + 1] - expectations[index]
        attribute(weight * change, of: node, to: row, in: &contributions)
        if share < 1 { pending.append((left + 1, weight * (1 - share))) }
        if share > 0 { pending.append((left, weight * share)) }
      }
    }
    return contributions.map { $0 / Double(forest.trees) }
  }

  private func attribute(
    _ change: Double, of node: IsolationNode, to row: Span<Float>, in sums: inout [Double]
  ) {
    guard let plane = node.plane else {
      sums[Int(node.feature)] += change
      return
    }
    let terms = Array(forest.planes.terms(plane))
    let sizes = terms.map { abs($0(row[$0.feature])) }
    let size = sizes.reduce(0, +)
    for (term, own) in zip(terms, sizes) {
      let isUsable = size > 0 && size.isFinite
      sums[term.feature] += change * (isUsable ? own / size : 1 / Double(terms.count))
    }
  }

  /// How much each column moves the path lengths of the training rows, [columns], with sum 1; all 0
  /// for a forest without splits.
  ///
  /// The mean of |E[h | child] − E[h | node]| over training rows and their steps, exactly, from the
  /// numbers of rows that trees remember. A split on several columns counts for each of them alike.
  public var importance: [Double] {
    var sums = [Double](repeating: 0, count: forest.columns)
    for (index, node) in forest.nodes.enumerated() where !node.isLeaf {
      let left = Int(node.left)
      let moved = [left, left + 1].reduce(0.0) {
        $0 + weights[$1] * abs(expectations[$1] - expectations[index])
      }
      guard let plane = node.plane else {
        sums[Int(node.feature)] += moved
        continue
      }
      let terms = forest.planes.terms(plane)
      for term in terms { sums[term.feature] += moved / Double(terms.count) }
    }
    let total = sums.reduce(0, +)
    return total > 0 ? sums.map { $0 / total } : sums
  }
}

extension IsolationForest {
  /// The mean path length of a row over all trees: −log₂ score · c(subsample).
  public func meanPathLength(_ row: ArraySlice<Float>) -> Double {
    precondition(row.count == columns, "row of \(row.count) for \(columns) columns")
    let row = row.span
    return (0..<trees).reduce(0.0) { $0 + pathLength(row, tree: $1) } / Double(trees)
  }

  /// Per node, the mean path length of the training rows that came to it, and how many did.
  ///
  /// A leaf's path length tells how many rows it stands for; a split's rows are those of its
  /// children.
  func trainingRows() -> (expectations: [Double], weights: [Double]) {
    var expectations = nodes.map { Double($0.value) }
    var weights = [Double](repeating: 0, count: nodes.count)
    let (depths, lengths) = (self.depths(), LeafLengths())
    if missing == .both {
      for root in roots { weights[root] = Double(subsample) }
      for (index, node) in nodes.enumerated() where !node.isLeaf {
        let share = Double(shares[index])
        weights[Int(node.left)] = weights[index] * share
        weights[Int(node.left) + 1] = weights[index] * (1 - share)
      }
    } else {
      for (index, node) in nodes.enumerated() where node.isLeaf {
        weights[index] = Double(lengths.rows(depth: depths[index], pathLength: node.value))
      }
    }
    // Children follow their parents.
    for index in nodes.indices.reversed() where !nodes[index].isLeaf {
      let left = Int(nodes[index].left)
      if missing != .both { weights[index] = weights[left] + weights[left + 1] }
      let share = weights[index] > 0 ? weights[left] / weights[index] : 0.5
      expectations[index] = share * expectations[left] + (1 - share) * expectations[left + 1]
    }
    return (expectations, weights)
  }

  /// Per node, its distance from the root.
  func depths() -> [Int] {
    var depths = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() where !node.isLeaf {
      depths[Int(node.left)] = depths[index] + 1
      depths[Int(node.left) + 1] = depths[index] + 1
    }
    return depths
  }
}
