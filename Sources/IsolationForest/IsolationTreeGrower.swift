internal import LinearAlgebra

/// Grows isolation trees with splits on one column each, at random.
///
/// A node draws a column among those that are not constant within it, and a threshold uniform
/// between the column's extremes there; rows at or below the threshold go left. Liu, Ting and Zhou
/// (2008), algorithms 1 and 2.
struct IsolationTreeGrower {
  private let depthLimit: Int
  private let lengths = LeafLengths()
  private var sample: SampleColumns
  private var generator: BufferedPhilox
  private var extents: [Extent] = []
  /// Columns to split on; those constant over the whole subsample are left out.
  private var features: [Int] = []

  private struct Extent {
    var range: Range<Int>
    var depth: Int
  }

  private struct Split {
    var feature: Int
    var threshold: Float
  }

  /// Takes the rows of a subsample and the columns drawn for it.
  init(
    _ sample: consuming SampleColumns, features: [UInt32], depthLimit: Int,
    generator: BufferedPhilox
  ) {
    self.depthLimit = depthLimit
    self.generator = generator
    self.features = features.lazy.map(Int.init).filter { [sample] in
      sample.least[$0] < sample.greatest[$0]
    }
    self.sample = sample
  }

  /// Adds the tree's nodes, breadth first, at the end of `nodes`, and gives the rows back.
  ///
  /// - Parameter meanwhile: Takes the number of rows that another tree may gather now, at the pace
  ///   of the work.
  @inline(__always)
  consuming func grow(
    into nodes: inout [IsolationNode], meanwhile: (Int) -> Void
  ) -> SampleColumns {
    extents.reserveCapacity(2 * sample.count)
    extents.append(Extent(range: 0..<sample.count, depth: 0))
    let root = nodes.count
    var next = 0
    while next < extents.count {
      let extent = extents[next]
      next += 1
      guard extent.range.count > 1, extent.depth < depthLimit, let split = split(extent.range)
      else {
        nodes.append(
          IsolationNode(pathLength: lengths(depth: extent.depth, rows: extent.range.count)))
        continue
      }
      nodes.append(
        IsolationNode(
          feature: split.feature, threshold: split.threshold, left: root + extents.count))
      // Every level has all rows to divide.
      meanwhile((extent.range.count + depthLimit - 1) / depthLimit)
      let middle = sample.divide(extent.range, at: split.threshold, of: split.feature)
      let depth = extent.depth + 1
      extents.append(Extent(range: extent.range.lowerBound..<middle, depth: depth))
      extents.append(Extent(range: middle..<extent.range.upperBound, depth: depth))
    }
    return sample
  }

  /// Draws a column that varies within the rows, and a threshold in [least, greatest); nil when
  /// all the rows are equal.
  private mutating func split(_ range: Range<Int>) -> Split? {
    // Fisher-Yates from the end: refused columns are not drawn again.
    for remaining in stride(from: features.count, to: 0, by: -1) {
      features.swapAt(generator.index(below: remaining), remaining - 1)
      let feature = features[remaining - 1]
      let (least, greatest) = sample.extremes(of: feature, in: range)
      guard least < greatest else { continue }
      return Split(
        feature: feature,
        threshold: threshold(least, greatest, at: generator.uniform()))
    }
    return nil
  }
}

/// A threshold in [least, greatest) at a share of the way.
func threshold(_ least: Float, _ greatest: Float, at share: Double) -> Float {
  // In Double, because the width of a Float range can overflow.
  let width = Double(greatest) - Double(least)
  let threshold = Float(Double(least) + share * width)
  // Rounding can reach the greatest value, which would leave the right side empty.
  return threshold < greatest ? threshold : least
}
