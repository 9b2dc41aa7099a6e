internal import CForestKernels

/// A forest in little memory, ready to score single rows.
///
/// Where every service has a forest of its own, memory is what limits how many fit, and fetching it is
/// most of the time that a row takes. A split takes eight bytes here; leaves with equal path lengths
/// are one for the whole forest. Nothing is lost: `forest` is the forest that was packed.
public struct PackedForest: Sendable {
  private static let together = Int(AP_FOREST_TREES)

  /// Number of columns of the rows that it scores.
  public let columns: Int
  private let subsample: Int
  private let trees: Int
  private let columnBits: UInt32
  private let childBits: UInt32
  private let leafCount: Int
  /// Where each tree begins in `nodes`, and leaves that fill up the last walk.
  private let roots: [UInt32]
  private let depths: [UInt32]
  /// Leaves of different path lengths, then the splits of all trees, each breadth first.
  private let nodes: [ap_forest_node]

  /// Packs a forest; nil when it splits on hyperplanes, has a rule for missing values, or is too large
  /// for eight bytes a split.
  public init?(_ forest: IsolationForest) {
    guard forest.isPlain, forest.nodes.count < Int(Int32.max) else { return nil }
    let all = forest.nodes
    var leaves = LeafTable()
    for node in all where node.isLeaf { leaves.insert(node.value) }
    // Every tree has one leaf more than splits.
    let mostSplits = (0..<forest.trees).map { forest.nodeRange(ofTree: $0).count / 2 }.max() ?? 0
    let childBits = Self.bits(for: max(mostSplits, leaves.lengths.count)) + 1
    let columnBits = Self.bits(for: forest.columns + 1)
    guard columnBits + 2 * childBits <= UInt32.bitWidth else { return nil }
    (columns, subsample, trees) = (forest.columns, forest.subsample, forest.trees)
    (self.childBits, self.columnBits) = (UInt32(childBits), UInt32(columnBits))
    leafCount = leaves.lengths.count
    var (roots, depths): ([UInt32], [UInt32]) = ([], [])
    var nodes: [ap_forest_node] = []
    nodes.reserveCapacity(leafCount + (all.count - trees) / 2)
    for (place, length) in leaves.lengths.enumerated() {
      // Its column always says left, and there it is again.
      nodes.append(
        ap_forest_node(
          value: length, link: UInt32(columns) | UInt32(place) << UInt32(columnBits)))
    }
    let flag = UInt32(1) << UInt32(childBits - 1)
    for tree in 0..<trees {
      let range = forest.nodeRange(ofTree: tree)
      let first = nodes.count
      var split: UInt32 = 0
      for (number, node) in all[range].enumerated() {
        let code = node.isLeaf ? leaves.place(of: node.value) : flag | split
        if number == 0 {
          roots.append(node.isLeaf ? code : UInt32(first))
        } else {
          // Breadth first, the children of the splits follow the root two by two.
          let isRight = number % 2 == 0
          nodes[first + (number - 1) / 2].link |=
            code << UInt32(isRight ? columnBits + childBits : columnBits)
        }
        guard !node.isLeaf else { continue }
        nodes.append(ap_forest_node(value: node.value, link: UInt32(node.feature)))
        split += 1
      }
      let depth = UInt32(forest.levels(ofTree: tree).count - 1)
      if tree % Self.together == 0 { depths.append(depth) }
      depths[tree / Self.together] = max(depths[tree / Self.together], depth)
    }
    // The first leaf has no length.
    while roots.count % Self.together != 0 { roots.append(0) }
    (self.roots, self.depths, self.nodes) = (roots, depths, nodes)
  }

  /// Bits that tell so many numbers apart, at least one.
  private static func bits(for count: Int) -> Int {
    max(1, Int.bitWidth - (count - 1).leadingZeroBitCount)
  }

  /// The forest that was packed.
  public var forest: IsolationForest {
    var grown = IsolationTrees(range: 0..<trees)
    grown.nodes.reserveCapacity(2 * (nodes.count - leafCount) + trees)
    let flag = UInt32(1) << (childBits - 1)
    for tree in 0..<trees {
      let root = Int(roots[tree])
      let first = grown.nodes.count
      grown.roots.append(first)
      var (number, splits) = (0, 0)
      // Breadth first, the children of the splits follow the root two by two.
      while number <= 2 * splits {
        var place = root
        if number > 0 {
          let parent = nodes[root + (number - 1) / 2]
          let code = parent.link >> (number % 2 == 0 ? columnBits + childBits : columnBits)
          place = Int(code & (flag - 1)) + (code & flag == 0 ? 0 : root)
        }
        let node = nodes[place]
        if place < leafCount {
          grown.nodes.append(IsolationNode(pathLength: node.value))
        } else {
          grown.nodes.append(
            IsolationNode(
              feature: Int(node.link & (1 << columnBits - 1)), threshold: node.value,
              left: first + 1 + 2 * splits))
          splits += 1
        }
        number += 1
      }
    }
    return IsolationForest(columns: columns, subsample: subsample, trees: grown)
  }

  /// The anomaly score of a row [columns], as `IsolationForest.score`, bit for bit.
  ///
  /// - Precondition: `row.count == columns`.
  public func score(_ row: Span<Float>) -> Float {
    precondition(row.count == columns, "row of \(row.count) for a forest of \(columns) columns")
    return ScoreFormula(subsample: subsample, trees: trees)(units: sum(row))
  }

  private func sum(_ row: Span<Float>) -> UInt64 {
    unsafe roots.withUnsafeBufferPointer { roots in
      unsafe depths.withUnsafeBufferPointer { depths in
        unsafe nodes.withUnsafeBufferPointer { nodes in
          unsafe row.withUnsafeBufferPointer { row in
            unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: columns + 1) { room in
              guard let first = roots.baseAddress, let depth = depths.baseAddress,
                let node = nodes.baseAddress, let prepared = room.baseAddress
              else { return 0 }
              var forest = unsafe ap_packed_forest(
                columns: columns, column_bits: columnBits, child_bits: childBits,
                leaf_count: UInt32(leafCount), tree_count: roots.count, roots: first,
                depths: depth, nodes: node)
              // A row without columns has no memory, and nothing is read of it.
              let values = unsafe row.baseAddress ?? UnsafePointer(prepared)
              return unsafe ap_packed_total(&forest, values, prepared)
            }
          }
        }
      }
    }
  }
}

/// Path lengths of leaves, each once.
private struct LeafTable {
  /// The path lengths, 0 first: what fills up a walk.
  private(set) var lengths: [Float] = [0]
  /// Places in `lengths` by the bits of what is there; never more than half full.
  private var slots: [UInt32]
  private static let free = UInt32.max

  init() {
    slots = Array(repeating: Self.free, count: 64)
    slots[slot(of: 0)] = 0
  }

  mutating func insert(_ length: Float) {
    let slot = slot(of: length)
    guard slots[slot] == Self.free else { return }
    slots[slot] = UInt32(lengths.count)
    lengths.append(length)
    guard lengths.count * 2 > slots.count else { return }
    slots = Array(repeating: Self.free, count: slots.count * 2)
    for (place, length) in lengths.enumerated() { slots[self.slot(of: length)] = UInt32(place) }
  }

  /// The place of a length that was inserted.
  func place(of length: Float) -> UInt32 { slots[slot(of: length)] }

  /// Where a length is in `slots`, or would be.
  private func slot(of length: Float) -> Int {
    let hash = UInt64(length.bitPattern) &* 0x9E37_79B9_7F4A_7C15
    var slot = Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
    while slots[slot] != Self.free, lengths[Int(slots[slot])] != length {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }
}
