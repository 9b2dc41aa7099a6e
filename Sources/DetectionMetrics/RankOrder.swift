/// Scores in descending order and where each of them came from.
///
/// A radix sort by the upper bits of the scores, 11 bits at a time; stretches that agree in those
/// are then sorted by the rest, which few scores need.
struct RankOrder: Sendable {
  /// The scores, descending.
  let scores: [Double]
  /// The index each of them had; equal scores keep their order.
  let indices: [UInt32]

  private static let digitBits: UInt64 = 11
  private static let digits = 3
  /// Below the digits.
  private static let restBits = 64 - UInt64(digits) * digitBits
  private static let longestInserted = 32

  /// - Precondition: Finite scores, none of them a negative zero; fewer than 2³² of them.
  /// - Complexity: O(n), or O(n log n) when most scores agree in their upper 33 bits.
  init(_ unsorted: [Double]) {
    precondition(unsorted.count <= Int(UInt32.max))
    var keys = unsorted.map(Self.key)
    var indices = [UInt32](0..<UInt32(unsorted.count))
    Self.sortByUpperBits(&keys, &indices)
    Self.sortStretches(&keys, &indices)
    scores = keys.map(Self.score)
    self.indices = indices
  }

  private static func sortByUpperBits(_ keys: inout [UInt64], _ indices: inout [UInt32]) {
    let size = 1 << Int(digitBits)
    let mask = UInt64(size - 1)
    var histogram = [Int](repeating: 0, count: digits * size)
    for key in keys {
      for digit in 0..<digits {
        histogram[digit * size + Int(key >> (restBits + digitBits * UInt64(digit)) & mask)] += 1
      }
    }
    var otherKeys = [UInt64](repeating: 0, count: keys.count)
    var otherIndices = [UInt32](repeating: 0, count: keys.count)
    for digit in 0..<digits {
      let shift = restBits + digitBits * UInt64(digit)
      var places = Array(histogram[digit * size..<(digit + 1) * size])
      if places.contains(keys.count) { continue }
      var sum = 0
      for bucket in 0..<size { (places[bucket], sum) = (sum, sum + places[bucket]) }
      for place in keys.indices {
        let key = keys[place]
        let bucket = Int(key >> shift & mask)
        let target = places[bucket]
        places[bucket] = target + 1
        otherKeys[target] = key
        otherIndices[target] = indices[place]
      }
      swap(&keys, &otherKeys)
      swap(&indices, &otherIndices)
    }
  }

  /// Sorts each stretch whose keys agree in the upper bits by the lower ones.
  private static func sortStretches(_ keys: inout [UInt64], _ indices: inout [UInt32]) {
    var start = 0
    while start < keys.count {
      let prefix = keys[start] >> restBits
      var end = start + 1
      var isSorted = true
      while end < keys.count, keys[end] >> restBits == prefix {
        if keys[end] < keys[end - 1] { isSorted = false }
        end += 1
      }
      if !isSorted {
        if end - start <= longestInserted {
          insert(start..<end, &keys, &indices)
        } else {
          let stretch = zip(keys[start..<end], indices[start..<end]).sorted { $0 < $1 }
          for (offset, pair) in stretch.enumerated() {
            (keys[start + offset], indices[start + offset]) = pair
          }
        }
      }
      start = end
    }
  }

  /// Sorts by insertion, which spares short stretches an array of their own.
  private static func insert(
    _ stretch: Range<Int>, _ keys: inout [UInt64], _ indices: inout [UInt32]
  ) {
    for place in stretch.dropFirst() {
      let (key, index) = (keys[place], indices[place])
      var target = place
      while target > stretch.lowerBound, keys[target - 1] > key {
        keys[target] = keys[target - 1]
        indices[target] = indices[target - 1]
        target -= 1
      }
      (keys[target], indices[target]) = (key, index)
    }
  }

  /// Ascending where scores descend.
  private static func key(_ score: Double) -> UInt64 {
    let bits = score.bitPattern
    return bits >> 63 == 0 ? ~bits & ~(1 << 63) : bits
  }

  private static func score(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 0 ? ~key & ~(1 << 63) : key)
  }
}
