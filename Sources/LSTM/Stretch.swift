package import LinearAlgebra

/// A stretch of one sequence that a lane walks through.
package struct Stretch: Hashable, Sendable {
  /// The number of the sequence.
  package var sequence: Int
  /// The row that is the first input.
  package var start: Int
  /// Steps, each with an input row and the next row as target.
  package var steps: Int

  /// Makes a stretch.
  package init(sequence: Int, start: Int, steps: Int) {
    (self.sequence, self.start, self.steps) = (sequence, start, steps)
  }

  /// Cuts sequences into stretches of `length` steps, the first one of each sequence cut short at a
  /// random place so that the cuts differ between calls, and shuffles them (Fisher and Yates).
  ///
  /// Every step of every sequence is in exactly one stretch. Sequences that are not longer than a
  /// stretch stay whole.
  package static func shuffled(
    steps: [Int], length: Int, using generator: inout Philox
  ) -> [Stretch] {
    precondition(length > 0, "stretches of \(length) steps")
    var result: [Stretch] = []
    for (sequence, total) in steps.enumerated() {
      var start = 0
      var end = total > length ? 1 + generator.index(below: length) : total
      while start < total {
        result.append(Stretch(sequence: sequence, start: start, steps: end - start))
        (start, end) = (end, min(total, end + length))
      }
    }
    shuffle(&result, using: &generator)
    return result
  }

  /// Divides stretches into the fewest groups of at most `limit` whose sizes differ by one at most.
  package static func groups(of count: Int, limit: Int) -> [Range<Int>] {
    let groups = (count + limit - 1) / limit
    return (0..<groups).map { $0 * count / groups..<($0 + 1) * count / groups }
  }
}

/// Brings elements into a random order (Fisher and Yates), the same for equal streams.
func shuffle<Element>(_ elements: inout [Element], using generator: inout Philox) {
  for last in stride(from: elements.count - 1, to: 0, by: -1) {
    elements.swapAt(last, generator.index(below: last + 1))
  }
}
