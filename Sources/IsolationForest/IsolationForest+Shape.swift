extension IsolationForest {
  /// The places of a tree's nodes in `nodes`.
  func nodeRange(ofTree tree: Int) -> Range<Int> {
    roots[tree]..<(tree + 1 < roots.count ? roots[tree + 1] : nodes.count)
  }

  /// The places of a tree's nodes level by level, the root's first.
  func levels(ofTree tree: Int) -> [Range<Int>] {
    var levels = [roots[tree]..<roots[tree] + 1]
    // Trees lie breadth first, so that the children of a level are the next level.
    while let last = levels.last {
      let children = 2 * nodes[last].count { !$0.isLeaf }
      if children == 0 { break }
      levels.append(last.upperBound..<last.upperBound + children)
    }
    return levels
  }

  /// Whether a row goes left at a split when its value is missing, and does not go both ways.
  func missingGoesLeft(at index: Int) -> Bool { missing == .majority && shares[index] >= 0.5 }
}
