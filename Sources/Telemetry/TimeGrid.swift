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
  public func index(covering time: Timestamp) -> Int {
    let offset = (time - first).milliseconds
    let step = interval.milliseconds
    return Int(offset > 0 ? (offset + step - 1) / step : -(-offset / step))
  }

  /// The cells whose instants lie in a range.
  public func indices(in range: TimeRange) -> Range<Int> {
    let lower = min(max(0, index(covering: range.start + TimeSpan(milliseconds: 1))), count)
    let upper = min(max(lower, index(covering: range.end + TimeSpan(milliseconds: 1))), count)
    return lower..<upper
  }

  /// The cells that share time with [start, end).
  public func indices(touching start: Timestamp, _ end: Timestamp) -> Range<Int> {
    guard end > start else { return 0..<0 }
    let lower = min(max(0, index(covering: start + TimeSpan(milliseconds: 1))), count)
    let upper = min(max(lower, index(covering: end) + 1), count)
    return lower..<upper
  }

  /// The time covered by all cells.
  public var range: TimeRange {
    TimeRange(start: first - interval, end: first + interval * (count - 1))
  }
}
