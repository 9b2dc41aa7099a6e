/// Where in a range overlap counts more.
public enum PositionalBias: String, Sendable, CaseIterable {
  /// Everywhere the same.
  case flat
  /// Falling from the start: early detection.
  case front
  /// Falling to both ends.
  case middle
  /// Rising to the end: late detection.
  case back

  /// The weight of the first `count` positions of a range of `length`, up to a factor.
  func weight(ofFirst count: Int, length: Int) -> Double {
    let (count, length) = (Double(count), Double(length))
    func triangle(_ size: Double) -> Double { size * (size + 1) / 2 }
    switch self {
    case .flat: return count
    case .back: return triangle(count)
    case .front: return triangle(length) - triangle(length - count)
    case .middle:
      let half = (length / 2).rounded(.down)
      return count <= half
        ? triangle(count)
        : triangle(half) + triangle(length - half) - triangle(length - count)
    }
  }
}

/// What it costs that one range is answered by several.
public enum OverlapCardinality: Sendable {
  /// Nothing.
  case one
  /// The overlap counts `1 / answers`.
  case reciprocal
  /// The overlap counts this factor, within 0...1, for 2 or more answers.
  case userDefined(@Sendable (_ answers: Int) -> Double)

  func factor(_ answers: Int) -> Double {
    guard answers > 1 else { return 1 }
    switch self {
    case .one: return 1
    case .reciprocal: return 1 / Double(answers)
    case .userDefined(let factor): return factor(answers)
    }
  }
}

/// What one side of range-based precision and recall rewards.
public struct RangeReward: Sendable {
  /// How much it counts that anything of a range is answered, within 0...1; the rest rewards how
  /// much of it is. Tatbul et al. define it for recall only: precision has 0.
  public let existence: Double
  /// Where in the range overlap counts more.
  public let bias: PositionalBias
  /// What it costs that a range is answered by several.
  public let cardinality: OverlapCardinality

  /// - Throws: `MetricError.invalidParameter` for an `existence` outside of 0...1.
  public init(
    existence: Double = 0, bias: PositionalBias = .flat, cardinality: OverlapCardinality = .one
  ) throws(MetricError) {
    try require("existence", existence, (0...1).contains(existence), "within 0...1")
    self.existence = existence
    self.bias = bias
    self.cardinality = cardinality
  }

  /// The mean reward of ranges that others answer; nil without ranges.
  func mean(of ranges: EventRanges, answeredBy others: EventRanges) -> Double? {
    guard !ranges.isEmpty else { return nil }
    var sum = 0.0
    for (range, answers) in zip(ranges.ranges, ranges.overlaps(with: others)) {
      guard !answers.isEmpty else { continue }
      let overlap = answers.reduce(0.0) { sum, answer in
        let shared = range.clamped(to: others.ranges[answer])
        return sum
          + bias.weight(ofFirst: shared.upperBound - range.lowerBound, length: range.count)
          - bias.weight(ofFirst: shared.lowerBound - range.lowerBound, length: range.count)
      }
      let share = overlap / bias.weight(ofFirst: range.count, length: range.count)
      sum += existence + (1 - existence) * cardinality.factor(answers.count) * share
    }
    return sum / Double(ranges.ranges.count)
  }
}

/// Precision and recall over ranges.
public struct RangePrecisionRecall: Sendable, Equatable {
  /// The mean reward of alarms; nil without any.
  public let precision: Double?
  /// The mean reward of incidents; nil without any.
  public let recall: Double?

  /// The harmonic mean of both; nil without incidents, 0 without alarms.
  public var f1: Double? { recall.map { harmonicMean(precision ?? 0, $0) } }
}

/// Range-based precision and recall (Tatbul et al., "Precision and Recall for Time Series",
/// NeurIPS 2018).
///
/// - Throws: `MetricError.countsDiffer`.
/// - Complexity: O(alarms + incidents)
public func rangePrecisionRecall(
  alarms: EventRanges, incidents: EventRanges, precision: RangeReward, recall: RangeReward
) throws(MetricError) -> RangePrecisionRecall {
  try alarms.requireSameCount(as: incidents, "alarm points", "labels")
  return RangePrecisionRecall(
    precision: precision.mean(of: alarms, answeredBy: incidents),
    recall: recall.mean(of: incidents, answeredBy: alarms))
}
