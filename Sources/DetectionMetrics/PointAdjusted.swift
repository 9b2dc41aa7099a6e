/// Point-adjusted precision, recall and F1 with what random alarms reach beside them.
public struct PointAdjustedF1: Sendable, Equatable {
  /// One row of the comparison.
  public struct Row: Sendable, Equatable {
    /// The share of alarm points that lie in incidents, after adjustment; nil without any alarm.
    public let precision: Double?
    /// The share of incident points in alarm, after adjustment; nil without any incident.
    public let recall: Double?

    /// The harmonic mean of both; nil without incidents, 0 without alarms.
    public var f1: Double? { recall.map { harmonicMean(precision ?? 0, $0) } }

    init(truePositives: Double, falsePositives: Double, positives: Double) {
      let alarms = truePositives + falsePositives
      precision = alarms > 0 ? truePositives / alarms : nil
      recall = positives > 0 ? truePositives / positives : nil
    }
  }

  /// The alarms given.
  public let detector: Row
  /// Alarms at independent random points at the same rate: of the expected counts.
  public let random: Row
}

/// The point-adjusted F1, which flatters every detector: never report it without its random row.
///
/// One alarm anywhere in an incident counts as alarms at all of its points, while false alarms
/// count one by one. On long incidents random alarms therefore score high (Kim et al., "Towards a
/// Rigorous Evaluation of Time-Series Anomaly Detection", AAAI 2022). It is here to compare with
/// published figures only.
///
/// - Throws: `MetricError.countsDiffer`.
/// - Complexity: O(alarms + incidents · log(points))
public func pointAdjustedF1InflatedByDesign(
  alarms: EventRanges, incidents: EventRanges
) throws(MetricError) -> PointAdjustedF1 {
  try alarms.requireSameCount(as: incidents, "alarm points", "labels")
  let positives = Double(incidents.points)
  let detected = zip(incidents.ranges, incidents.overlaps(with: alarms))
    .reduce(0) { $0 + ($1.1.isEmpty ? 0 : $1.0.count) }
  let rate = alarms.count > 0 ? Double(alarms.points) / Double(alarms.count) : 0
  let expected = incidents.ranges.reduce(0.0) {
    $0 + Double($1.count) * (1 - power(1 - rate, $1.count))
  }
  return PointAdjustedF1(
    detector: PointAdjustedF1.Row(
      truePositives: Double(detected),
      falsePositives: Double(alarms.points - sharedPoints(alarms, incidents)),
      positives: positives),
    random: PointAdjustedF1.Row(
      truePositives: expected, falsePositives: rate * (Double(alarms.count) - positives),
      positives: positives))
}
