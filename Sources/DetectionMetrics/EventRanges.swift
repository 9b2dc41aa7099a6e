/// Stretches of a series of points: incidents of the truth, or alarms of a detector.
///
/// Ascending, not empty, not overlapping. Ranges may touch: two incidents that follow each other
/// without a gap stay two when they are given as ranges. Labels cannot tell them apart.
public struct EventRanges: Sendable, Equatable {
  /// Half-open ranges of point indices.
  public let ranges: [Range<Int>]
  /// The number of points of the series.
  public let count: Int

  /// Each unbroken stretch of `true` is one range.
  public init(_ labels: [Bool]) {
    var found: [Range<Int>] = []
    var start: Int?
    for (index, label) in labels.enumerated() {
      if label {
        start = start ?? index
      } else if let first = start {
        found.append(first..<index)
        start = nil
      }
    }
    if let start { found.append(start..<labels.count) }
    ranges = found
    count = labels.count
  }

  /// Takes ranges over a series of `count` points.
  ///
  /// - Throws: `MetricError.rangeOutOfBounds` or `rangesOverlap`, naming the range.
  public init(_ ranges: [Range<Int>], count: Int) throws(MetricError) {
    try require("count", count, count >= 0, "at least 0")
    for (position, range) in ranges.enumerated() {
      guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= count else {
        throw .rangeOutOfBounds(position: position, range: range, count: count)
      }
      if position > 0, range.lowerBound < ranges[position - 1].upperBound {
        throw .rangesOverlap(position: position, range: range, previous: ranges[position - 1])
      }
    }
    self.ranges = ranges
    self.count = count
  }

  /// Whether no range exists.
  public var isEmpty: Bool { ranges.isEmpty }

  /// The number of points inside ranges.
  public var points: Int { ranges.reduce(0) { $0 + $1.count } }

  /// One label per point.
  public var labels: [Bool] {
    var labels = [Bool](repeating: false, count: count)
    for range in ranges {
      for index in range { labels[index] = true }
    }
    return labels
  }

  /// For each range, which ranges of `other` it shares points with.
  func overlaps(with other: EventRanges) -> [Range<Int>] {
    var first = 0
    return ranges.map { range in
      while first < other.ranges.count, other.ranges[first].upperBound <= range.lowerBound {
        first += 1
      }
      var last = first
      while last < other.ranges.count, other.ranges[last].lowerBound < range.upperBound {
        last += 1
      }
      return first..<last
    }
  }

  /// Refuses a series of another length.
  func requireSameCount(
    as other: EventRanges, _ name: String, _ otherName: String
  ) throws(MetricError) {
    guard count == other.count else {
      throw .countsDiffer(what: name, count: count, other: otherName, otherCount: other.count)
    }
  }
}

/// The harmonic mean of precision and recall; 0 when both are.
func harmonicMean(_ precision: Double, _ recall: Double) -> Double {
  precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
}
