internal import CForestKernels

/// A forest as single rows, deep trees and many columns want it: nodes of eight bytes.
struct NodeForest: Sendable {
  private static let together = Int(AP_FOREST_TREES)
  private let columns: Int
  private let columnBits: Int
  private var roots: [UInt32] = []
  private var depths: [UInt32] = []
  private var nodes: [ap_forest_node] = []

  /// Compiles a forest; nil when it splits on hyperplanes or is too large for eight bytes a node.
  init?(_ forest: IsolationForest) {
    guard forest.planes.isEmpty, forest.columns < Int(Int32.max) / 2 else { return nil }
    columns = forest.columns
    columnBits = Int.bitWidth - (2 * columns).leadingZeroBitCount
    let distanceLimit = 1 << (UInt32.bitWidth - columnBits)
    nodes.reserveCapacity(forest.nodes.count + 1)
    for tree in 0..<forest.trees {
      let range = forest.nodeRange(ofTree: tree)
      guard range.count <= distanceLimit else { return nil }
      roots.append(UInt32(range.lowerBound))
      let depth = UInt32(forest.levels(ofTree: tree).count - 1)
      if tree % Self.together == 0 { depths.append(depth) }
      depths[tree / Self.together] = max(depths[tree / Self.together], depth)
      for index in range {
        let node = forest.nodes[index]
        let side = forest.missingGoesLeft(at: index) ? columns : 0
        let (place, distance) =
          node.isLeaf ? (2 * columns, 0) : (Int(node.feature) + side, Int(node.left) - index)
        nodes.append(
          ap_forest_node(value: node.value, link: UInt32(distance << columnBits | place)))
      }
    }
    while roots.count % Self.together != 0 { roots.append(UInt32(nodes.count)) }
    nodes.append(ap_forest_node(value: 0, link: UInt32(2 * columns)))
  }

  /// The sum of path lengths of a row [columns] in units of 2⁻¹⁸.
  func sum(_ row: Span<Float>) -> UInt64 {
    precondition(row.count == columns, "row of \(row.count) for a forest of \(columns) columns")
    var total: UInt64 = 0
    unsafe sum(row, into: &total, count: 1)
    return total
  }

  /// The sums of rows [count × columns], [count].
  func sum(_ rows: Span<Float>, into totals: inout MutableSpan<UInt64>) {
    precondition(rows.count == totals.count * columns, "\(rows.count) values")
    unsafe totals.withUnsafeMutableBufferPointer { totals in
      if let sums = totals.baseAddress { unsafe sum(rows, into: sums, count: totals.count) }
    }
  }

  private func sum(_ rows: Span<Float>, into sums: UnsafeMutablePointer<UInt64>, count: Int) {
    unsafe withForest { forest in
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * columns + 1) { room in
          guard let prepared = room.baseAddress else { return }
          // Rows without columns have no memory, and nothing is read of them.
          let values = unsafe rows.baseAddress ?? UnsafePointer(prepared)
          unsafe ap_node_totals(forest, values, count, sums, prepared)
        }
      }
    }
  }

  private func withForest(_ body: (UnsafePointer<ap_node_forest>) -> Void) {
    unsafe roots.withUnsafeBufferPointer { roots in
      unsafe depths.withUnsafeBufferPointer { depths in
        unsafe nodes.withUnsafeBufferPointer { nodes in
          guard let first = roots.baseAddress, let depth = depths.baseAddress,
            let node = nodes.baseAddress
          else { return }
          var forest = unsafe ap_node_forest(
            columns: columns, column_bits: UInt32(columnBits), tree_count: roots.count,
            roots: first, depths: depth, nodes: node)
          unsafe body(&forest)
        }
      }
    }
  }
}
