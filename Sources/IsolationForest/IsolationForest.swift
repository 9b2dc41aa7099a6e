public import LinearAlgebra

/// A forest of random trees that isolates anomalies: rows that few random cuts set apart.
///
/// Liu, Ting and Zhou, "Isolation Forest" (ICDM 2008). A fitted forest is a value; equal rows,
/// configuration and seed give equal forests on every machine.
public struct IsolationForest: Hashable, Sendable {
  /// Number of columns of the rows it was fitted on and scores.
  public let columns: Int
  /// Rows that each tree has seen.
  public let subsample: Int
  /// Where each tree begins in `nodes`, ascending.
  let roots: [Int]
  /// The nodes of all trees.
  let nodes: [IsolationNode]

  /// Number of trees.
  public var trees: Int { roots.count }

  init(columns: Int, subsample: Int, roots: [Int], nodes: [IsolationNode]) {
    (self.columns, self.subsample, self.roots, self.nodes) = (columns, subsample, roots, nodes)
  }

  /// Grows a forest on rows [n × columns].
  ///
  /// Tree t draws from its own stream (seed, purpose, index · 2³² + t), so that more trees, other
  /// forests or another order of work never change it. Constant rows, a single row and rows without
  /// columns leave nothing to isolate: such a forest scores everything 0.5.
  ///
  /// - Parameters:
  ///   - rows: Training rows, all finite.
  ///   - seed: The run's seed.
  ///   - purpose: What the forest is for; tells its random numbers from others of the same seed.
  ///   - index: Which of several forests of that purpose, such as a service's number; in 0..<2³¹.
  /// - Throws: `noRows`, `notFinite` with the first offending element, `invalidConfiguration`.
  public static func fit(
    _ rows: Matrix, configuration: IsolationForestConfiguration = IsolationForestConfiguration(),
    seed: UInt64, purpose: String = "isolation forest", index: Int = 0
  ) throws(IsolationForestError) -> IsolationForest {
    precondition(index >= 0 && index <= Int(Int32.max), "forest number \(index)")
    try configuration.validate(rows: rows.rows)
    guard rows.rows > 0 else { throw .noRows }
    if let position = rows.elements.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(
        row: position / rows.columns, column: position % rows.columns,
        value: "\(rows.elements[position])")
    }
    let subsample = min(rows.rows, configuration.subsample)
    var roots: [Int] = []
    var nodes: [IsolationNode] = []
    for tree in 0..<configuration.trees {
      roots.append(nodes.count)
      var grower = IsolationTreeGrower(
        rows: rows, subsample: subsample, maxFeatures: configuration.maxFeatures,
        generator: Philox(seed: seed, purpose: purpose, index: index << 32 | tree))
      grower.grow(into: &nodes)
    }
    return IsolationForest(
      columns: rows.columns, subsample: subsample, roots: roots, nodes: nodes)
  }
}
