public import Storage

extension IsolationForest {
  /// Adds the forest's tensors to a bundle.
  ///
  /// | tensor | type, shape | content |
  /// | --- | --- | --- |
  /// | `prefix.subsample` | I32 [1] | rows each tree has seen |
  /// | `prefix.trees` | I32 [1] | the number of trees |
  /// | `prefix.split` | U8 [⌈nodes / 8⌉] | a bit per node, lowest first: 1 for a split, 0 for a leaf |
  /// | `prefix.feature` | U8, U16 or I32 [splits] | column of a split |
  /// | `prefix.threshold` | F32 [splits] | at or below it a row goes left |
  /// | `prefix.rows` | U8, U16 or I32 [leaves] | rows of the subsample in a leaf |
  ///
  /// The nodes of each tree follow those of the one before, breadth first, so that children need no
  /// links: they are on the next level in the order of their parents. A leaf's path length is its
  /// depth and the average path length of its rows, which sum to `prefix.subsample` in each tree.
  /// Where that is not so, because rows with missing values were divided or are too many for 32 bits
  /// to tell their path lengths apart, there is `prefix.length`, F32 [leaves], instead of
  /// `prefix.rows`.
  ///
  /// A forest with hyperplanes or with a rule for missing values has the tensors of `encodeBranches`
  /// too; its hyperplane p is column `columns + p` of a split, and hyperplanes are in the order of
  /// their nodes.
  public func encode(into bundle: inout TensorBundle, prefix: String) {
    func store(_ name: String, _ values: TensorBundle.Values) {
      bundle.tensors["\(prefix).\(name)"] = TensorBundle.Tensor(
        shape: [values.count], values: values)
    }
    store("subsample", .int32([Int32(subsample)]))
    store("trees", .int32([Int32(trees)]))
    var bits = [UInt8](repeating: 0, count: (nodes.count + 7) / 8)
    for index in nodes.indices where !nodes[index].isLeaf { bits[index / 8] |= 1 << (index % 8) }
    store("split", .uint8(bits))
    let splits = nodes.filter { !$0.isLeaf }
    store(
      "feature", .init(smallest: splits.map { $0.plane.map { $0 + columns } ?? Int($0.feature) }))
    store("threshold", .float(splits.map(\.value)))
    if let rows = leafRows() {
      store("rows", .init(smallest: rows))
    } else {
      store("length", .float(nodes.filter(\.isLeaf).map(\.value)))
    }
    encodeBranches(into: &bundle, prefix: prefix)
  }

  /// Rows in each leaf; nil when they do not give the path lengths.
  private func leafRows() -> [Int]? {
    let lengths = LeafLengths()
    var rows: [Int] = []
    for tree in 0..<trees {
      let before = rows.count
      for (depth, level) in levels(ofTree: tree).enumerated() {
        for node in nodes[level] where node.isLeaf {
          let count = lengths.rows(depth: depth, pathLength: node.value)
          guard count <= subsample, lengths(depth: depth, rows: count) == node.value else {
            return nil
          }
          rows.append(count)
        }
      }
      guard rows[before...].reduce(0, +) == subsample else { return nil }
    }
    return rows
  }

  /// Reads a forest that `encode` stored.
  ///
  /// - Parameter columns: Columns of the rows that will be scored.
  /// - Throws: `unreadable` or `corrupted`; hostile tensors never trap or hang.
  public init(
    decoding bundle: TensorBundle, prefix: String, columns: Int
  ) throws(IsolationForestError) {
    precondition(columns >= 0, "\(columns) columns")
    func corrupted(_ reason: String) -> IsolationForestError {
      .corrupted(source: bundle.source, reason: "\(prefix), \(reason)")
    }
    let subsample: Int
    var stored: StoredTrees
    do {
      subsample = Int(try bundle.int32s("\(prefix).subsample", shape: [1])[0])
      stored = try StoredTrees(bundle, prefix: prefix)
    } catch {
      throw .unreadable(error)
    }
    guard subsample >= 1 else { throw corrupted("subsample is \(subsample)") }
    if let fault = stored.read(subsample: subsample) { throw corrupted(fault) }
    let branches = try Self.branches(
      bundle, prefix: prefix, nodes: stored.nodes, columns: columns)
    var trees = IsolationTrees(range: 0..<stored.roots.count)
    trees.roots = stored.roots
    trees.nodes.reserveCapacity(stored.nodes.count)
    var planes = 0
    for (index, node) in stored.nodes.enumerated() {
      let plane = Int(node.feature) - columns
      guard plane < branches.planes.count else {
        throw corrupted("node \(index): column \(node.feature) of \(columns)")
      }
      guard plane < 0 || plane == planes else {
        throw corrupted("node \(index): hyperplane \(plane), expected \(planes)")
      }
      planes += plane < 0 ? 0 : 1
      trees.nodes.append(
        plane < 0
          ? node : IsolationNode(plane: plane, threshold: node.value, left: Int(node.left)))
    }
    guard planes == branches.planes.count else {
      throw corrupted("\(planes) of \(branches.planes.count) hyperplanes in use")
    }
    (trees.shares, trees.planes) = (branches.shares, branches.planes)
    self.init(columns: columns, subsample: subsample, missing: branches.missing, trees: trees)
  }
}
