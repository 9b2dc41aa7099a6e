/// An answer for several cells is larger than allowed: fewer are asked for at once.
struct TooMuch: Error {
  /// What is too large, for people.
  var reason: String
}

/// How many cells are asked for at once: half as many when an answer is too large, and twice as many
/// again once several in a row were not.
package struct Portion: Sendable {
  private static let streakToGrow = 8

  /// The most cells.
  let most: Int
  package private(set) var count: Int
  private var streak = 0

  package init(most: Int) {
    precondition(most >= 1, "most \(most)")
    (self.most, count) = (most, most)
  }

  /// The first of cells, as many as are asked for at once.
  package func first(of cells: ClosedRange<Int>) -> ClosedRange<Int> {
    cells.lowerBound...min(cells.upperBound, cells.lowerBound + count - 1)
  }

  /// That many cells were too many.
  package mutating func halve(from cells: Int) { (count, streak) = (max(1, cells / 2), 0) }

  /// That many cells were not too many.
  package mutating func succeed(with cells: Int) {
    guard cells == count, count < most else { return }
    streak += 1
    if streak >= Self.streakToGrow { (count, streak) = (min(most, count * 2), 0) }
  }
}
