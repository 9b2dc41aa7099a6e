/// The instants after `start` up to and including `end`.
///
/// The half that is open fits the grid's convention that a cell is named by its end: consecutive
/// ranges share a boundary and no cell.
public struct TimeRange: Hashable, Sendable {
  /// Excluded lower bound.
  public var start: Timestamp
  /// Included upper bound.
  public var end: Timestamp

  /// Makes a range.
  ///
  /// - Precondition: `start <= end`.
  public init(start: Timestamp, end: Timestamp) {
    precondition(start <= end, "range ends at \(end), before its start \(start)")
    (self.start, self.end) = (start, end)
  }

  /// The range's length.
  public var length: TimeSpan { end - start }

  /// Whether an instant lies in the range.
  public func contains(_ time: Timestamp) -> Bool { time > start && time <= end }

  /// Whether two ranges share an instant; an empty range shares none.
  public func overlaps(_ other: TimeRange) -> Bool {
    max(start, other.start) < min(end, other.end)
  }
}
