internal import Storage

/// Trees as `IsolationForest.encode` stores them, on their way back to nodes.
struct StoredTrees {
  /// Where each tree begins in `nodes`.
  private(set) var roots: [Int] = []
  /// The nodes that were read; a split's `feature` is the number in the file.
  private(set) var nodes: [IsolationNode] = []

  private enum Leaves {
    case rows([Int])
    case lengths([Float])
  }

  private let trees: Int
  private let bits: [UInt8]
  private let features: [Int]
  private let thresholds: [Float]
  private let leaves: Leaves
  private let lengths = LeafLengths()

  /// Takes the tensors, whose sizes must fit each other.
  init(_ bundle: TensorBundle, prefix: String) throws(StorageError) {
    trees = Int(try bundle.int32s("\(prefix).trees", shape: [1])[0])
    features = try bundle.integers("\(prefix).feature", shape: [nil])
    thresholds = try bundle.floats("\(prefix).threshold", shape: [features.count])
    guard trees >= 1, features.count <= Int(Int32.max) / 2 - trees else {
      throw .invalidTensors(
        path: bundle.source, reason: "\(trees) trees with \(features.count) splits in '\(prefix)'")
    }
    // In a tree of two children a split there is one leaf more than there are splits.
    let leafCount = features.count + trees
    bits = try bundle.bytes("\(prefix).split", shape: [(features.count + leafCount + 7) / 8])
    leaves =
      bundle.tensors["\(prefix).length"] == nil
      ? .rows(try bundle.integers("\(prefix).rows", shape: [leafCount]))
      : .lengths(try bundle.floats("\(prefix).length", shape: [leafCount]))
  }

  /// Reads all nodes and returns what is wrong with them; nil when nothing is.
  mutating func read(subsample: Int) -> String? {
    let total = 2 * features.count + trees
    nodes.reserveCapacity(total)
    var split = 0
    for tree in 0..<trees {
      roots.append(nodes.count)
      // Every tree has one leaf more than splits, so that there are bits and leaves for all nodes as
      // long as there are thresholds for all splits.
      var (depth, width, rows) = (0, 1, 0)
      while width > 0 {
        // A split leaves each side at least one row fewer.
        guard depth < subsample else { return "tree \(tree): deeper than \(subsample) rows" }
        let level = nodes.count..<nodes.count + width
        let before = split
        for index in level {
          if bits[index / 8] >> (index % 8) & 1 == 1 {
            guard split < features.count else { return "tree \(tree): more splits than thresholds" }
            guard features[split] >= 0, thresholds[split].isFinite else {
              return "node \(index): column \(features[split]), threshold \(thresholds[split])"
            }
            let left = level.upperBound + 2 * (split - before)
            nodes.append(
              IsolationNode(feature: features[split], threshold: thresholds[split], left: left))
            split += 1
          } else {
            let leaf = index - split
            guard let length = pathLength(ofLeaf: leaf, depth: depth, subsample: subsample) else {
              return "tree \(tree), leaf \(leaf): no path length of \(subsample) rows"
            }
            nodes.append(IsolationNode(pathLength: length))
            if case .rows(let counts) = leaves { rows += counts[leaf] }
          }
        }
        (depth, width) = (depth + 1, 2 * (split - before))
      }
      if case .rows = leaves, rows != subsample {
        return "tree \(tree): leaves of \(rows) rows, the tree has \(subsample)"
      }
    }
    guard nodes.count == total else { return "\(nodes.count) of \(total) nodes in use" }
    guard total % 8 == 0 || bits[total / 8] >> (total % 8) == 0 else {
      return "bits behind the last node"
    }
    return nil
  }

  private func pathLength(ofLeaf leaf: Int, depth: Int, subsample: Int) -> Float? {
    switch leaves {
    case .rows(let rows):
      return (1...subsample).contains(rows[leaf]) ? lengths(depth: depth, rows: rows[leaf]) : nil
    case .lengths(let stored):
      let length = stored[leaf]
      // A leaf stands for all rows of its tree at most.
      let isUsable = length >= Float(depth) && length <= lengths(depth: depth, rows: subsample)
      return isUsable && PathLength.rounded(Double(length)) == length ? length : nil
    }
  }
}
