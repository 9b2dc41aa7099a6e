/// Evenly spaced instants. Cell `i` covers the `interval` up to and including its instant, so that
/// everything in a cell is known at its time.
public struct TimeGrid: Hashable, Sendable {
  /// The instant of cell 0: its end.
  public var first: Timestamp
  /// The distance between cells.
  public var interval: TimeSpan
  /// The number of cells.
  public var count: Int

  /// Makes a grid.
  ///
  /// - Precondition: `interval` is positive and `count` not negative.
  public init(first: Timestamp, interval: TimeSpan, count: Int) {
    precondition(interval > .zero && count >= 0, "grid of \(count) cells, \(interval) apart")
    (self.first, self.interval, self.count) = (first, interval, count)
  }

  /// The instant that names cell `index`, the end of the cell.
  public func timestamp(at index: Int) -> Timestamp { first + interval * index }

  /// The cell that covers an instant; below 0 or from `count` on when it lies outside the grid.
  ///
  /// - Precondition: The span from `first` to the instant fits in 64 bits of milliseconds.
  public func index(covering time: Timestamp) -> Int {
    let offset = (time - first).milliseconds
    let (quotient, remainder) = offset.quotientAndRemainder(dividingBy: interval.milliseconds)
    return Int(remainder > 0 ? quotient + 1 : quotient)
  }

  /// The cells whose instants lie in a range, which may reach beyond the grid without limit.
  public func indices(in range: TimeRange) -> Range<Int> {
    cells(endingBy: range.start)..<cells(endingBy: range.end)
  }

  /// The cells that share more than a single instant with the stretch from `start` to `end`, which
  /// may reach beyond the grid without limit.
  ///
  /// A cell that ends at `start`, or begins at `end`, is not among them. None are when the stretch
  /// has no length.
  public func indices(touching start: Timestamp, _ end: Timestamp) -> Range<Int> {
    guard end > start, count > 0 else { return 0..<0 }
    let lower = cells(endingBy: start)
    // Cells are adjacent, so the last one that begins before `end` follows the last that ends there.
    let beginning =
      end > first - interval
      ? cells(endingBy: end - TimeSpan(milliseconds: 1)) + 1 : 0
    return lower..<max(lower, min(beginning, count))
  }

  /// The number of cells whose instant is `time` or earlier.
  private func cells(endingBy time: Timestamp) -> Int {
    guard count > 0, time >= first else { return 0 }
    guard time < timestamp(at: count - 1) else { return count }
    return Int((time - first).milliseconds / interval.milliseconds) + 1
  }

  /// The time covered by all cells.
  public var range: TimeRange {
    TimeRange(start: first - interval, end: first + interval * (count - 1))
  }
}
