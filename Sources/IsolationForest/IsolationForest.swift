public import LinearAlgebra

/// A forest of random trees that isolates anomalies: rows that few random cuts set apart.
///
/// Liu, Ting and Zhou, "Isolation Forest" (ICDM 2008). A fitted forest is a value; equal rows,
/// configuration and seed give equal forests wherever the C library is the same, whose `log`, `cos`
/// and `exp2` they use.
public struct IsolationForest: Hashable, Sendable {
  /// Number of columns of the rows it was fitted on and scores.
  public let columns: Int
  /// Rows that each tree has seen.
  public let subsample: Int
  /// What happens to missing values.
  public let missing: MissingValues
  /// Where each tree begins in `nodes`, ascending.
  let roots: [Int]
  /// The nodes of all trees.
  let nodes: [IsolationNode]
  /// Per node, the share of its rows that went left; empty where missing values are rejected.
  let shares: [Float]
  /// The hyperplanes of nodes that split on several columns.
  let planes: Hyperplanes

  /// Number of trees.
  public var trees: Int { roots.count }

  init(columns: Int, subsample: Int, missing: MissingValues = .reject, trees: IsolationTrees) {
    (self.columns, self.subsample, self.missing) = (columns, subsample, missing)
    (roots, nodes) = (trees.roots, trees.nodes)
    (shares, planes) = (trees.shares, trees.planes)
  }

  /// Grows a forest on rows [n × columns].
  ///
  /// Constant rows, a single row and rows without columns leave nothing to isolate: such a forest
  /// scores everything 0.5. `IsolationForestGrowth` grows the same forest on several threads and
  /// explains the parameters.
  ///
  /// - Throws: `noRows`, `invalidConfiguration`, and `notFinite` with the first offending element
  ///   of the first tree that drew one; rows that no tree draws are not looked at.
  public static func fit(
    _ rows: Matrix, weights: [Double]? = nil,
    configuration: IsolationForestConfiguration = IsolationForestConfiguration(),
    seed: UInt64, purpose: String = "isolation forest", index: Int = 0
  ) throws(IsolationForestError) -> IsolationForest {
    try IsolationForestGrowth(
      rows, weights: weights, configuration: configuration, seed: seed, purpose: purpose,
      index: index
    ).forest()
  }

  /// The forest with more trees: those that it would have had if it had been grown with as many
  /// at once.
  ///
  /// - Parameter growth: What the forest was grown from.
  /// - Throws: `notFinite`, or `invalidConfiguration` when that many trees are too large, or when
  ///   the forest was grown from other rows or with other parameters, as far as that shows.
  public func extended(
    by count: Int, from growth: IsolationForestGrowth
  ) throws(IsolationForestError) -> IsolationForest {
    precondition(count >= 0, "\(count) trees")
    let (sum, overflow) = trees.addingReportingOverflow(count)
    try growth.validate(trees: overflow ? .max : sum)
    let last = try growth.trees(trees - 1..<trees)
    var grown = growth.forest(last)
    guard grown.columns == columns, grown.subsample == subsample, grown.missing == missing,
      grown.isLastTree(of: self)
    else {
      throw .invalidConfiguration(
        "the forest was grown from other rows or with other parameters; grow a new one")
    }
    var all = IsolationTrees(range: 0..<trees + count)
    (all.roots, all.nodes, all.shares, all.planes) = (roots, nodes, shares, planes)
    all.append(try growth.trees(trees..<trees + count))
    grown = growth.forest(all)
    return grown
  }

  /// Whether this forest's only tree is another's last one.
  private func isLastTree(of other: IsolationForest) -> Bool {
    guard let root = other.roots.last, other.nodes.count - root == nodes.count else { return false }
    let planes = other.planes.count - planes.count
    return nodes.lazy.map { $0.moved(nodes: root, planes: planes) }.elementsEqual(
      other.nodes[root...])
  }

  /// Checks every element of rows [n × columns], which growing does not.
  ///
  /// - Throws: `notFinite` with the first element that is infinite, or NaN where missing values are
  ///   rejected.
  public static func validate(
    _ rows: Matrix, missing: MissingValues = .reject
  ) throws(IsolationForestError) {
    if let fault = fault(rows, 0..<UInt32(rows.rows), missing) { throw fault }
  }

  static func fault(
    _ rows: Matrix, _ chosen: some Sequence<UInt32>, _ missing: MissingValues
  ) -> IsolationForestError? {
    for row in chosen {
      let values = rows.row(Int(row))
      guard
        let place = values.firstIndex(where: { $0.isInfinite || $0.isNaN && missing == .reject })
      else { continue }
      return .notFinite(
        row: Int(row), column: place - values.startIndex, value: "\(values[place])")
    }
    return nil
  }
}
