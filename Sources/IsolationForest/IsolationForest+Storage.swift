public import Storage

extension IsolationForest {
  /// Adds the forest's tensors to a bundle.
  ///
  /// | tensor | type, shape | content |
  /// | --- | --- | --- |
  /// | `prefix.subsample` | I32 [1] | rows each tree has seen |
  /// | `prefix.root` | I32 [trees] | where each tree begins |
  /// | `prefix.feature` | I32 [nodes] | column of a split, −1 in a leaf |
  /// | `prefix.threshold` | F32 [nodes] | threshold of a split, path length of a leaf |
  /// | `prefix.left` | I32 [nodes] | left child, the right one follows it; 0 in a leaf |
  ///
  /// A forest with hyperplanes or with a rule for missing values has those of `encodeBranches` too.
  public func encode(into bundle: inout TensorBundle, prefix: String) {
    func store(_ name: String, _ values: TensorBundle.Values) {
      bundle.tensors["\(prefix).\(name)"] = TensorBundle.Tensor(
        shape: [values.count], values: values)
    }
    store("subsample", .int32([Int32(subsample)]))
    store("root", .int32(roots.map(Int32.init)))
    store("feature", .int32(nodes.map(\.feature)))
    store("threshold", .float(nodes.map(\.value)))
    store("left", .int32(nodes.map(\.left)))
    encodeBranches(into: &bundle, prefix: prefix)
  }

  /// Reads a forest that `encode` stored.
  ///
  /// Each tree must be laid out breadth first exactly as this module does it, so that every node is
  /// reached once and no walk can leave its tree or come back.
  ///
  /// - Parameter columns: Columns of the rows that will be scored.
  /// - Throws: `unreadable` or `corrupted`; hostile tensors never trap or hang.
  public init(
    decoding bundle: TensorBundle, prefix: String, columns: Int
  ) throws(IsolationForestError) {
    precondition(columns >= 0, "\(columns) columns")
    let source = bundle.source
    let subsample: Int
    let roots: [Int]
    var nodes: [IsolationNode] = []
    do {
      subsample = Int(try bundle.int32s("\(prefix).subsample", shape: [1])[0])
      roots = try bundle.int32s("\(prefix).root", shape: [nil]).map(Int.init)
      let features = try bundle.int32s("\(prefix).feature", shape: [nil])
      let thresholds = try bundle.floats("\(prefix).threshold", shape: [features.count])
      let lefts = try bundle.int32s("\(prefix).left", shape: [features.count])
      nodes.reserveCapacity(features.count)
      for index in features.indices {
        nodes.append(
          IsolationNode(feature: features[index], value: thresholds[index], left: lefts[index]))
      }
    } catch {
      throw .unreadable(error)
    }
    guard subsample >= 1 else {
      throw .corrupted(source: source, reason: "\(prefix).subsample is \(subsample)")
    }
    guard roots.first == 0, zip(roots, roots.dropFirst()).allSatisfy(<),
      roots.allSatisfy({ $0 < nodes.count })
    else {
      throw .corrupted(source: source, reason: "\(prefix).root does not divide the nodes")
    }
    let branches = try Self.branches(bundle, prefix: prefix, nodes: nodes, columns: columns)
    for (tree, root) in roots.enumerated() {
      let end = tree + 1 < roots.count ? roots[tree + 1] : nodes.count
      if let fault = Self.fault(
        nodes[root..<end], columns: columns, planes: branches.planes.count, subsample: subsample)
      {
        throw .corrupted(source: source, reason: "\(prefix), tree \(tree), \(fault)")
      }
    }
    var trees = IsolationTrees(range: 0..<roots.count)
    (trees.roots, trees.nodes) = (roots, nodes)
    (trees.shares, trees.planes) = (branches.shares, branches.planes)
    self.init(columns: columns, subsample: subsample, missing: branches.missing, trees: trees)
  }

  /// What is wrong with a tree's nodes; nil when nothing is.
  private static func fault(
    _ tree: ArraySlice<IsolationNode>, columns: Int, planes: Int, subsample: Int
  ) -> String? {
    // Where the next pair of children belongs.
    var next = tree.startIndex + 1
    for (index, node) in zip(tree.indices, tree) {
      guard index < next else { return "node \(index): no parent" }
      guard node.value.isFinite else { return "node \(index): threshold is \(node.value)" }
      if node.feature == IsolationNode.leaf {
        // Depth and average path length together stay below the number of rows.
        guard node.value >= 0, node.value <= Float(subsample), node.left == 0 else {
          return "leaf \(index): path length \(node.value), child \(node.left)"
        }
      } else {
        guard (node.plane ?? -1) < planes, node.plane != nil || Int(node.feature) < columns else {
          return "node \(index): column \(node.feature) of \(columns)"
        }
        guard Int(node.left) == next, next + 2 <= tree.endIndex else {
          return "node \(index): left child \(node.left), expected \(next)"
        }
        next += 2
      }
    }
    return next == tree.endIndex ? nil : "\(next - tree.startIndex) of \(tree.count) nodes in use"
  }
}
