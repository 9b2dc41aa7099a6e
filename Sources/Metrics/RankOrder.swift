/// Indices in descending order of score; equal scores keep their order.
///
/// A radix sort of the bit patterns, 11 bits at a time: its time is linear in the number of
/// scores, and digits that all scores share cost nothing.
///
/// - Precondition: Finite scores, none of them a negative zero; fewer than 2³² of them.
/// - Complexity: O(n)
func descendingOrder(_ scores: [Double]) -> [UInt32] {
  precondition(scores.count <= Int(UInt32.max))
  let count = scores.count
  var keys = scores.map(descendingKey)
  var order = [UInt32](0..<UInt32(count))
  guard count > 512 else {
    order.sort { keys[Int($0)] != keys[Int($1)] ? keys[Int($0)] < keys[Int($1)] : $0 < $1 }
    return order
  }
  let digits = 6
  let size = 1 << 11
  var histogram = [Int](repeating: 0, count: digits * size)
  for key in keys {
    for digit in 0..<digits {
      histogram[digit * size + Int(key >> (11 * UInt64(digit)) & 2047)] += 1
    }
  }
  var otherKeys = [UInt64](repeating: 0, count: count)
  var otherOrder = [UInt32](repeating: 0, count: count)
  for digit in 0..<digits {
    let shift = 11 * UInt64(digit)
    var places = Array(histogram[digit * size..<(digit + 1) * size])
    if places.contains(count) { continue }
    var sum = 0
    for bucket in 0..<size { (places[bucket], sum) = (sum, sum + places[bucket]) }
    for index in 0..<count {
      let key = keys[index]
      let bucket = Int(key >> shift & 2047)
      let place = places[bucket]
      places[bucket] = place + 1
      otherKeys[place] = key
      otherOrder[place] = order[index]
    }
    swap(&keys, &otherKeys)
    swap(&order, &otherOrder)
  }
  return order
}

/// Orders like the score, the highest first.
private func descendingKey(_ score: Double) -> UInt64 {
  let bits = score.bitPattern
  return bits >> 63 == 0 ? ~bits & ~(1 << 63) : bits
}
