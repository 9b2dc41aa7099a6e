internal import LinearAlgebra

/// Grows one isolation tree.
///
/// A node draws a column among those that are not constant within it, and a threshold uniform
/// between the column's extremes there; rows at or below the threshold go left. Liu, Ting and Zhou
/// (2008), algorithms 1 and 2.
struct IsolationTreeGrower {
  private let rows: Matrix
  private let depthLimit: Int
  private var generator: Philox
  /// Rows of the subsample, grouped by node.
  private var sample: [Int]
  /// Columns to split on; those constant over the whole subsample are left out.
  private var features: [Int]

  private struct Extent {
    var range: Range<Int>
    var depth: Int
  }

  private struct Split {
    var feature: Int
    var threshold: Float
  }

  /// Draws the subsample and the columns.
  init(rows: Matrix, subsample: Int, maxFeatures: Double, generator: Philox) {
    self.rows = rows
    self.generator = generator
    // ⌈log₂ n⌉, at least 1.
    depthLimit = max(1, Int.bitWidth - (subsample - 1).leadingZeroBitCount)
    sample = Self.drawn(subsample, below: rows.rows, using: &self.generator)
    let wanted = max(1, Int(maxFeatures * Double(rows.columns)))
    let drawn = Self.drawn(
      min(wanted, rows.columns), below: rows.columns, using: &self.generator)
    features = Self.varying(drawn, in: rows, over: sample)
  }

  /// Adds the tree's nodes, breadth first, at the end of `nodes`.
  mutating func grow(into nodes: inout [IsolationNode]) {
    var extents = [Extent(range: 0..<sample.count, depth: 0)]
    let root = nodes.count
    var next = 0
    while next < extents.count {
      let extent = extents[next]
      next += 1
      guard extent.depth < depthLimit, let split = split(extent.range) else {
        let length = Double(extent.depth) + averagePathLength(extent.range.count)
        nodes.append(IsolationNode(pathLength: Float(length)))
        continue
      }
      nodes.append(
        IsolationNode(
          feature: split.feature, threshold: split.threshold, left: root + extents.count))
      let middle = partition(extent.range, by: split)
      let depth = extent.depth + 1
      extents.append(Extent(range: extent.range.lowerBound..<middle, depth: depth))
      extents.append(Extent(range: middle..<extent.range.upperBound, depth: depth))
    }
  }

  /// Draws a column that varies within the rows, and a threshold in [least, greatest); nil when
  /// all the rows are equal.
  private mutating func split(_ range: Range<Int>) -> Split? {
    guard range.count > 1 else { return nil }
    // Fisher-Yates from the end: refused columns are not drawn again.
    for remaining in stride(from: features.count, to: 0, by: -1) {
      features.swapAt(generator.index(below: remaining), remaining - 1)
      let feature = features[remaining - 1]
      let (least, greatest) = extremes(of: feature, range)
      guard least < greatest else { continue }
      // In Double, because the width of a Float range can overflow.
      let width = Double(greatest) - Double(least)
      let threshold = Float(Double(least) + generator.uniform() * width)
      // Rounding can reach the greatest value, which would leave the right side empty.
      return Split(feature: feature, threshold: threshold < greatest ? threshold : least)
    }
    return nil
  }

  private func extremes(of feature: Int, _ range: Range<Int>) -> (least: Float, greatest: Float) {
    var (least, greatest) = (Float.infinity, -Float.infinity)
    for row in sample[range] {
      let value = rows.elements[row * rows.columns + feature]
      least = min(least, value)
      greatest = max(greatest, value)
    }
    return (least, greatest)
  }

  /// Moves rows at or below the threshold to the front and returns where the others begin.
  private mutating func partition(_ range: Range<Int>, by split: Split) -> Int {
    var (front, back) = (range.lowerBound, range.upperBound)
    while front < back {
      if rows.elements[sample[front] * rows.columns + split.feature] <= split.threshold {
        front += 1
      } else {
        back -= 1
        sample.swapAt(front, back)
      }
    }
    return front
  }

  /// Draws `count` different numbers below `bound` in time and memory of their count (Floyd, in
  /// Bentley and Floyd 1987, "A sample of brilliance").
  private static func drawn(
    _ count: Int, below bound: Int, using generator: inout Philox
  ) -> [Int] {
    guard count < bound else { return Array(0..<bound) }
    var seen: Set<Int> = []
    return (bound - count..<bound).map { last in
      let candidate = generator.index(below: last + 1)
      let chosen = seen.contains(candidate) ? last : candidate
      seen.insert(chosen)
      return chosen
    }
  }

  /// The columns that are not constant over the given rows.
  private static func varying(_ features: [Int], in rows: Matrix, over sample: [Int]) -> [Int] {
    guard let first = sample.first else { return [] }
    var varies = [Bool](repeating: false, count: rows.columns)
    for row in sample {
      for column in 0..<rows.columns
      where rows.elements[row * rows.columns + column]
        != rows.elements[first * rows.columns + column]
      {
        varies[column] = true
      }
    }
    return features.filter { varies[$0] }
  }
}
