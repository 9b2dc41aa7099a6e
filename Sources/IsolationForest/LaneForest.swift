internal import CForestKernels

/// A forest as many rows at once want it: values become ranks of a byte, and rows descend padded
/// trees side by side in the lanes of vector registers.
struct LaneForest: Sendable {
  /// Rows from which on this is faster than from node to node.
  static let leastRows = 16
  /// Most slots: a block of ranks takes 256 bytes of each, 16 MiB together, and their offsets are
  /// 32-bit.
  private static let slotLimit = 1 << 16

  private let columns: Int
  private let slots: [ap_forest_slot]
  private let thresholds: AlignedArray<Float>
  private let trees: [ap_forest_tree]
  private let tables: AlignedArray<UInt8>
  private let levels: [UInt32]

  /// Compiles a forest.
  ///
  /// Nil when it splits on hyperplanes, when its trees are deeper than ten levels or have more than
  /// 64 path lengths, and when it has so many columns that ranking them would be all the work or
  /// would take too much memory.
  init?(_ forest: IsolationForest) {
    guard forest.planes.isEmpty else { return nil }
    let depths = (0..<forest.trees).map { forest.levels(ofTree: $0).count - 1 }
    guard depths.allSatisfy({ $0 <= Int(AP_FOREST_DEPTH) }) else { return nil }
    // Ranking a value takes about as long as a step from node to node.
    let limit = min(depths.reduce(0, +), Self.slotLimit)
    guard let slots = ThresholdSlots(forest, limit: limit), !slots.slots.isEmpty else {
      return nil
    }
    var padding = TreePadding(slots: slots)
    for (group, range) in slots.groups.enumerated() {
      for tree in range where !padding.append(tree, of: forest, group: group) { return nil }
    }
    (columns, self.slots) = (forest.columns, slots.slots)
    thresholds = AlignedArray(slots.searchTrees, filler: 0)
    (trees, levels) = (padding.trees, padding.levels)
    tables = AlignedArray(padding.tables, filler: 0)
  }

  /// Sums of path lengths of rows [count × columns] in units of 2⁻¹⁸, [count].
  func sum(_ rows: Span<Float>, into totals: inout MutableSpan<UInt64>, path: ap_forest_path) {
    precondition(rows.count == totals.count * columns, "\(rows.count) values")
    precondition(path != AP_FOREST_NODES && ap_forest_has_path(path) != 0, "no such vectors")
    unsafe withForest { forest in
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe totals.withUnsafeMutableBufferPointer { totals in
          let bytes = unsafe ap_lane_scratch(forest)
          unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { scratch in
            guard let values = rows.baseAddress, let sums = totals.baseAddress,
              let room = scratch.baseAddress
            else { return }
            unsafe ap_lane_totals(forest, path, values, totals.count, sums, room)
          }
        }
      }
    }
  }

  private func withForest(_ body: (UnsafePointer<ap_lane_forest>) -> Void) {
    unsafe slots.withUnsafeBufferPointer { slots in
      unsafe thresholds.withUnsafePointer { thresholds in
        unsafe trees.withUnsafeBufferPointer { trees in
          unsafe tables.withUnsafePointer { tables in
            unsafe levels.withUnsafeBufferPointer { levels in
              guard let slot = slots.baseAddress, let tree = trees.baseAddress,
                let level = levels.baseAddress
              else { return }
              var forest = unsafe ap_lane_forest(
                columns: columns, slot_count: slots.count, slots: slot, thresholds: thresholds,
                tree_count: trees.count, trees: tree, tables: tables, levels: level)
              unsafe body(&forest)
            }
          }
        }
      }
    }
  }
}
