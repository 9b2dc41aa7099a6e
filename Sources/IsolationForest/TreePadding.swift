internal import CForestKernels

/// Tables of trees padded to complete ones: below a leaf that is not on the last level there are
/// splits at which every row goes left.
struct TreePadding {
  private(set) var trees: [ap_forest_tree] = []
  private(set) var tables: [UInt8] = []
  private(set) var levels: [UInt32] = []
  /// Path lengths are three bytes in units.
  private static let lengthLimit = Float(Double(1 << 24) / PathLength.unitsPerStep)
  private let slots: ThresholdSlots
  /// Per slot, its number among the choices of the level at hand; nil when it is none of them.
  private var choices: [UInt8?]

  init(slots: ThresholdSlots) {
    self.slots = slots
    choices = Array(repeating: nil, count: slots.slots.count)
  }

  /// Adds a tree; false when it has too many path lengths or columns for tables of bytes.
  mutating func append(_ tree: Int, of forest: IsolationForest, group: Int) -> Bool {
    let shape = forest.levels(ofTree: tree)
    let depth = shape.count <= 5 ? 4 : max(6, shape.count - 1)
    let (size, start) = (max(64, 1 << depth), tables.count)
    guard let lengths = Self.numbered(forest.nodes[forest.nodeRange(ofTree: tree)]),
      start <= Int(UInt32.max), levels.count <= Int(UInt32.max)
    else { return false }
    trees.append(
      ap_forest_tree(depth: UInt32(depth), tables: UInt32(start), levels: UInt32(levels.count)))
    tables.append(contentsOf: repeatElement(0, count: size))
    tables.append(contentsOf: repeatElement(.max, count: size))
    tables.append(contentsOf: repeatElement(0, count: size + 3 * Int(AP_FOREST_LENGTHS)))
    for (length, number) in lengths {
      for part in 0..<3 {
        tables[start + 3 * size + part * Int(AP_FOREST_LENGTHS) + Int(number)] =
          UInt8(truncatingIfNeeded: length >> (8 * part))
      }
    }
    // Where the nodes of a level are in the complete tree.
    var places = [1]
    for level in 0...depth {
      var (children, offered): ([Int], [Int]) = ([], [])
      for (index, place) in zip(level < shape.count ? shape[level] : 0..<0, places) {
        if let threshold = slots.place(of: index, in: forest, group: group) {
          guard let choice = choice(of: threshold.slot, among: &offered) else { return false }
          tables[start + place] = choice
          tables[start + size + place] = UInt8(threshold.rank)
          children += [2 * place, 2 * place + 1]
        } else {
          let below = depth - level
          let first = start + 2 * size + (place << below) - (1 << depth)
          for leaf in first..<first + (1 << below) {
            tables[leaf] = lengths[Self.units(forest.nodes[index])] ?? 0
          }
        }
      }
      places = children
      if level < depth { finishLevel(offering: offered) }
    }
    return true
  }

  /// The number of a slot among those that a level offers; nil when a byte has no more numbers.
  private mutating func choice(of slot: Int, among offered: inout [Int]) -> UInt8? {
    if let known = choices[slot] { return known }
    guard offered.count < Int(AP_FOREST_CHOICES) else { return nil }
    let choice = UInt8(offered.count)
    choices[slot] = choice
    offered.append(slot)
    return choice
  }

  private mutating func finishLevel(offering offered: [Int]) {
    for slot in offered { choices[slot] = nil }
    let fours = max(1, (offered.count + 3) / 4)
    levels.append(UInt32(fours))
    for number in 0..<4 * fours {
      let slot = number < offered.count ? offered[number] : offered.first ?? 0
      // Fits, because `LaneForest` takes 2¹⁶ slots at most.
      levels.append(UInt32(slot) * UInt32(AP_FOREST_BLOCK))
    }
  }

  private static func units(_ leaf: IsolationNode) -> UInt32 {
    UInt32(leaf.value * Float(PathLength.unitsPerStep))
  }

  /// Numbers for a tree's path lengths in units; nil when they are too many or too long.
  private static func numbered(_ nodes: ArraySlice<IsolationNode>) -> [UInt32: UInt8]? {
    var numbers: [UInt32: UInt8] = [:]
    for node in nodes where node.isLeaf {
      guard node.value < Self.lengthLimit else { return nil }
      let length = units(node)
      if numbers[length] == nil { numbers[length] = UInt8(truncatingIfNeeded: numbers.count) }
    }
    return numbers.count <= Int(AP_FOREST_LENGTHS) ? numbers : nil
  }
}
