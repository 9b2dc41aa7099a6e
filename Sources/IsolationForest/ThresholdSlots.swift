internal import CForestKernels

/// The thresholds of a forest, sorted for ranks of one byte.
///
/// Trees are taken in groups in which no column has more thresholds than a byte can tell apart;
/// what a group has on one column is a slot. A single tree with more than that on one column gets
/// several slots for it. Columns are told apart by the side that missing values take, so that a
/// rank says it all.
struct ThresholdSlots {
  /// Where a threshold is found.
  struct Place {
    var slot: Int
    var rank: Int
  }

  private static let capacity = Int(AP_FOREST_SLOT_THRESHOLDS)

  /// The slots, those of one column side by side.
  private(set) var slots: [ap_forest_slot] = []
  /// Search trees of all slots.
  private(set) var searchTrees: [Float] = []
  /// Each group's trees.
  private(set) var groups: [Range<Int>] = []
  /// Each group's thresholds per column and side, ascending.
  private var sorted: [[[Float]]] = []
  /// The number of the first slot for each of them.
  private var first: [[Int]] = []

  init(_ forest: IsolationForest) {
    groups = Self.groups(of: forest)
    let keys = 2 * forest.columns
    for group in groups {
      var thresholds = [[Float]](repeating: [], count: keys)
      let end = forest.nodeRange(ofTree: group.upperBound - 1).upperBound
      for index in forest.roots[group.lowerBound]..<end {
        guard let key = Self.key(of: index, in: forest) else { continue }
        thresholds[key].append(forest.nodes[index].value)
      }
      sorted.append(thresholds.map(Self.ascending))
      first.append(Array(repeating: 0, count: keys))
    }
    for key in 0..<keys {
      for group in groups.indices where !sorted[group][key].isEmpty {
        first[group][key] = slots.count
        let thresholds = sorted[group][key]
        for start in stride(from: 0, to: thresholds.count, by: Self.capacity) {
          append(thresholds[start..<min(start + Self.capacity, thresholds.count)], key: key)
        }
      }
    }
  }

  /// Where the threshold of a split is found; nil for a leaf.
  func place(of index: Int, in forest: IsolationForest, group: Int) -> Place? {
    guard let key = Self.key(of: index, in: forest) else { return nil }
    let (thresholds, value) = (sorted[group][key], forest.nodes[index].value)
    var (low, high) = (0, thresholds.count)
    while low < high {
      let middle = (low + high) / 2
      if thresholds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return Place(slot: first[group][key] + low / Self.capacity, rank: low % Self.capacity)
  }

  /// The column of a split and the side that missing values take, as one number.
  private static func key(of index: Int, in forest: IsolationForest) -> Int? {
    let node = forest.nodes[index]
    return node.isLeaf ? nil : 2 * Int(node.feature) + (forest.missingGoesLeft(at: index) ? 1 : 0)
  }

  private static func groups(of forest: IsolationForest) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var counts = [Int](repeating: 0, count: 2 * forest.columns)
    var start = 0
    for tree in 0..<forest.trees {
      let keys = forest.nodeRange(ofTree: tree).compactMap { key(of: $0, in: forest) }
      for key in keys { counts[key] += 1 }
      guard tree > start, keys.contains(where: { counts[$0] > capacity }) else { continue }
      groups.append(start..<tree)
      start = tree
      for key in counts.indices { counts[key] = 0 }
      for key in keys { counts[key] += 1 }
    }
    return groups + [start..<forest.trees]
  }

  private static func ascending(_ thresholds: [Float]) -> [Float] {
    var result: [Float] = []
    for threshold in thresholds.sorted() where threshold != result.last { result.append(threshold) }
    return result
  }

  /// Adds a slot over a column's thresholds.
  private mutating func append(_ thresholds: ArraySlice<Float>, key: Int) {
    // Four steps are one vector of floats.
    let steps = max(4, Int.bitWidth - thresholds.count.leadingZeroBitCount)
    slots.append(
      ap_forest_slot(
        column: UInt32(key / 2), steps: UInt32(steps), thresholds: UInt32(searchTrees.count),
        missing: key % 2 == 1 ? -.infinity : .infinity))
    searchTrees.append(0)
    for level in 0..<steps {
      let span = 1 << (steps - level)
      for number in 0..<1 << level {
        let rank = thresholds.startIndex + number * span + span / 2 - 1
        searchTrees.append(rank < thresholds.endIndex ? thresholds[rank] : .infinity)
      }
    }
  }
}
