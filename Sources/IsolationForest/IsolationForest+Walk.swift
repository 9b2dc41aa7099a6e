extension IsolationForest {
  /// Whether a node compares one column and a missing value always goes right.
  var isPlain: Bool { planes.isEmpty && missing == .reject }

  /// The path length of a row in one tree; where it went both ways, the mean of the leaves by the
  /// shares that reached them.
  func pathLength(_ row: Span<Float>, tree: Int) -> Double {
    guard missing != .both else { return dividedPathLength(row, from: roots[tree]) }
    var node = nodes[roots[tree]]
    var index = roots[tree]
    while !node.isLeaf {
      let share = leftShare(of: row, at: index)
      index = Int(node.left) + (share == 1 ? 0 : 1)
      node = nodes[index]
    }
    return Double(node.value)
  }

  /// The share of a row that goes left at a split: 0 or 1 unless missing values go both ways.
  func leftShare(of row: Span<Float>, at index: Int) -> Double {
    let node = nodes[index]
    if let plane = node.plane {
      return planes.projection(plane, of: row) <= node.value ? 1 : 0
    }
    let value = row[Int(node.feature)]
    guard value.isNaN else { return value <= node.value ? 1 : 0 }
    switch missing {
    case .reject: return 0
    case .majority: return shares[index] >= 0.5 ? 1 : 0
    case .both: return Double(shares[index])
    }
  }

  private func dividedPathLength(_ row: Span<Float>, from root: Int) -> Double {
    var total = 0.0
    var pending = [(index: root, weight: 1.0)]
    while let (index, weight) = pending.popLast() {
      let node = nodes[index]
      if node.isLeaf {
        total += weight * Double(node.value)
        continue
      }
      let share = leftShare(of: row, at: index)
      if share < 1 { pending.append((Int(node.left) + 1, weight * (1 - share))) }
      if share > 0 { pending.append((Int(node.left), weight * share)) }
    }
    return total
  }
}
