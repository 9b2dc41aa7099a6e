internal import LinearAlgebra

/// Draws numbers without repetition in time of their count, not of what they are drawn from.
struct SampleDraw {
  /// Numbers drawn, each plus one, by open addressing; 0 is an empty place.
  private var places: [UInt32] = []

  /// Draws `count` different numbers below `bound`, all equally likely (Floyd, in Bentley and
  /// Floyd 1987, "A sample of brilliance"); all of them in order when there are no more.
  mutating func callAsFunction(
    _ count: Int, below bound: Int, using generator: inout BufferedPhilox
  ) -> [UInt32] {
    guard count < bound else { return (0..<UInt32(bound)).map { $0 } }
    // An eighth of the places gets used at most, so that nearly every search ends at once.
    let bits = max(4, Int.bitWidth - (8 * count - 1).leadingZeroBitCount)
    if places.count != 1 << bits {
      places = Array(repeating: 0, count: 1 << bits)
    }
    var drawn: [UInt32] = []
    drawn.reserveCapacity(count)
    var places = places.mutableSpan
    places.update(repeating: 0)
    for last in bound - count..<bound {
      let candidate = UInt32(generator.index(below: last + 1))
      if Self.insert(candidate, bits: bits, into: &places) {
        drawn.append(candidate)
      } else {
        _ = Self.insert(UInt32(last), bits: bits, into: &places)
        drawn.append(UInt32(last))
      }
    }
    return drawn
  }

  /// Remembers a number; false when it was known.
  @inline(__always)
  private static func insert(
    _ number: UInt32, bits: Int, into places: inout MutableSpan<UInt32>
  ) -> Bool {
    // Fibonacci hashing: the product's upper bits depend on all bits of the number.
    var place = Int((number &* 0x9E37_79B9) >> UInt32(32 - bits))
    while places[place] != 0 {
      if places[place] == number + 1 { return false }
      place = (place + 1) & (places.count - 1)
    }
    places[place] = number + 1
    return true
  }
}

/// Draws rows without repetition, each next one with a chance proportional to its weight among
/// those that are left.
///
/// Weights are summed in a binary tree, so that a draw, and putting a row back, changes the sums on
/// one path and no rounding is carried along.
struct WeightedDraw: Sendable {
  /// Sums of weights; the node i has the children 2i and 2i + 1, leaves begin at `leaves`.
  private var sums: [Double]
  private let leaves: Int
  /// Rows that can be drawn: those of positive weight.
  let drawable: Int

  init(_ weights: [Double]) {
    var leaves = 1
    while leaves < weights.count { leaves *= 2 }
    self.leaves = leaves
    sums = Array(repeating: 0, count: 2 * leaves)
    sums.replaceSubrange(leaves..<leaves + weights.count, with: weights)
    for node in stride(from: leaves - 1, to: 0, by: -1) {
      sums[node] = sums[2 * node] + sums[2 * node + 1]
    }
    drawable = weights.count { $0 > 0 }
  }

  /// Draws `count` different rows.
  ///
  /// - Precondition: At most `drawable`.
  mutating func callAsFunction(
    _ count: Int, using generator: inout BufferedPhilox
  ) -> [UInt32] {
    precondition(count <= drawable, "\(count) of \(drawable) rows")
    var drawn: [(row: Int, weight: Double)] = []
    for _ in 0..<count {
      let row = row(at: generator.uniform() * sums[1])
      drawn.append((row, sums[leaves + row]))
      set(row, to: 0)
    }
    for (row, weight) in drawn { set(row, to: weight) }
    return drawn.map { UInt32($0.row) }
  }

  private func row(at place: Double) -> Int {
    var (node, rest) = (1, place)
    while node < leaves {
      node *= 2
      // Rounding must not lead to where nothing is left.
      if sums[node + 1] > 0, rest >= sums[node] || sums[node] == 0 {
        rest -= sums[node]
        node += 1
      }
    }
    return node - leaves
  }

  private mutating func set(_ row: Int, to weight: Double) {
    var node = leaves + row
    sums[node] = weight
    while node > 1 {
      node /= 2
      sums[node] = sums[2 * node] + sums[2 * node + 1]
    }
  }
}
