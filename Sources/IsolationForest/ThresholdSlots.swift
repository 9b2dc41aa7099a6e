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
  /// The columns and sides that groups have thresholds on, group by group, ascending by key: memory
  /// is a matter of what is used, not of groups times columns.
  private var used: [Used] = []
  /// Each group's part of `used`.
  private var parts: [Range<Int>] = []
  /// Thresholds, those of one column and side in a group ascending one after another.
  private var sorted: [Float] = []

  /// A column and side of a group.
  private struct Used {
    var key: Int
    var thresholds: Range<Int>
    var firstSlot = 0
  }

  /// Sorts a forest's thresholds; nil when they need more slots than `limit`.
  init?(_ forest: IsolationForest, limit: Int) {
    guard let groups = Self.groups(of: forest, limit: limit) else { return nil }
    self.groups = groups
    for group in groups { sort(group, of: forest) }
    // By column first, so that values are fetched once for all slots of a column.
    let order = used.indices.sorted { (used[$0].key, $0) < (used[$1].key, $1) }
    for index in order {
      let (key, range) = (used[index].key, used[index].thresholds)
      used[index].firstSlot = slots.count
      for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.capacity) {
        append(sorted[start..<min(start + Self.capacity, range.upperBound)], key: key)
      }
    }
    if slots.count > limit { return nil }
  }

  /// Adds the thresholds of a group.
  private mutating func sort(_ group: Range<Int>, of forest: IsolationForest) {
    let end = forest.nodeRange(ofTree: group.upperBound - 1).upperBound
    var splits: [(key: Int, threshold: Float)] = []
    for index in forest.roots[group.lowerBound]..<end {
      guard let key = Self.key(of: index, in: forest) else { continue }
      splits.append((key, forest.nodes[index].value))
    }
    splits.sort { $0 < $1 }
    let first = used.count
    for (key, threshold) in splits {
      if used.count == first || used[used.count - 1].key != key {
        used.append(Used(key: key, thresholds: sorted.count..<sorted.count))
      } else if sorted.last == threshold {
        continue
      }
      sorted.append(threshold)
      used[used.count - 1].thresholds = used[used.count - 1].thresholds.lowerBound..<sorted.count
    }
    parts.append(first..<used.count)
  }

  /// Where the threshold of a split is found; nil for a leaf.
  func place(of index: Int, in forest: IsolationForest, group: Int) -> Place? {
    guard let key = Self.key(of: index, in: forest) else { return nil }
    let column = used[Self.partition(parts[group]) { used[$0].key < key }]
    let value = forest.nodes[index].value
    let place = Self.partition(column.thresholds) { sorted[$0] < value }
    let number = place - column.thresholds.lowerBound
    return Place(
      slot: column.firstSlot + number / Self.capacity, rank: number % Self.capacity)
  }

  /// The first place that does not come before what is searched.
  private static func partition(_ range: Range<Int>, isBefore: (Int) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The column of a split and the side that missing values take, as one number.
  private static func key(of index: Int, in forest: IsolationForest) -> Int? {
    let node = forest.nodes[index]
    return node.isLeaf ? nil : 2 * Int(node.feature) + (forest.missingGoesLeft(at: index) ? 1 : 0)
  }

  /// Divides the trees; nil once more columns and sides are in use than there may be slots.
  private static func groups(of forest: IsolationForest, limit: Int) -> [Range<Int>]? {
    var groups: [Range<Int>] = []
    var counts = [Int](repeating: 0, count: 2 * forest.columns)
    // Keys that the group at hand uses, and how many those before it do.
    var (used, before): ([Int], Int) = ([], 0)
    var start = 0
    for tree in 0..<forest.trees {
      let keys = forest.nodeRange(ofTree: tree).compactMap { key(of: $0, in: forest) }
      func add() {
        for key in keys {
          if counts[key] == 0 { used.append(key) }
          counts[key] += 1
        }
      }
      let known = used.count
      add()
      if tree > start, keys.contains(where: { counts[$0] > capacity }) {
        groups.append(start..<tree)
        start = tree
        before += known
        for key in used { counts[key] = 0 }
        used.removeAll(keepingCapacity: true)
        add()
      }
      if before + used.count > limit { return nil }
    }
    return groups + [start..<forest.trees]
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
