/// Scores of one series with its incidents, checked and sorted once for all metrics that rank.
public struct ScoredSeries: Sendable {
  /// One per point; higher is more anomalous.
  public let scores: [Double]
  /// What should score high.
  public let incidents: EventRanges
  let order: RankOrder

  /// Scores and ranges over the same points.
  ///
  /// - Throws: `MetricError.countsDiffer`, or `scoreNotFinite` naming the first NaN or infinity.
  /// - Complexity: O(n)
  public init(scores: [Double], incidents: EventRanges) throws(MetricError) {
    guard scores.count == incidents.count else {
      throw .countsDiffer(
        what: "scores", count: scores.count, other: "labels", otherCount: incidents.count)
    }
    if let index = scores.firstIndex(where: { !$0.isFinite }) {
      throw .scoreNotFinite(index: index, value: "\(scores[index])")
    }
    // Minus zero becomes zero: both are the same score.
    self.scores = scores.map { $0 + 0 }
    self.incidents = incidents
    order = RankOrder(self.scores)
  }

  /// Scores and one label per point.
  ///
  /// - Throws: As `init(scores:incidents:)`.
  public init(scores: [Double], labels: [Bool]) throws(MetricError) {
    try self.init(scores: scores, incidents: EventRanges(labels))
  }

  /// The number of points.
  public var count: Int { scores.count }

  /// The share of points inside incidents; nil without points.
  ///
  /// It is the precision of an alarm at every point, hence what a random score's average
  /// precision tends to. Read every AUC-PR beside it.
  public var prevalence: Double? {
    count > 0 ? Double(incidents.points) / Double(count) : nil
  }

  /// The stretches of points whose score is at least `threshold`.
  public func alarms(atLeast threshold: Double) -> EventRanges {
    EventRanges(scores.map { $0 >= threshold })
  }
}
