/// Incidents found and alarms justified, see `eventDetection(alarms:incidents:)`.
public struct EventDetection: Sendable, Equatable {
  /// The number of incidents.
  public let incidents: Int
  /// Incidents with an alarm at one of their points.
  public let detectedIncidents: Int
  /// The number of unbroken alarms.
  public let alarms: Int
  /// Alarms without a point in any incident.
  public let falseAlarms: Int
  /// Per incident the points from its start to the first one in alarm, 0 when the alarm was on
  /// before; nil when missed.
  public let delays: [Int?]

  /// The share of alarms that touch an incident; nil without any alarm.
  public var precision: Double? {
    alarms > 0 ? Double(alarms - falseAlarms) / Double(alarms) : nil
  }

  /// The share of incidents that are detected; nil without any.
  public var recall: Double? {
    incidents > 0 ? Double(detectedIncidents) / Double(incidents) : nil
  }

  /// The harmonic mean of both; nil without incidents, 0 without alarms.
  public var f1: Double? { recall.map { harmonicMean(precision ?? 0, $0) } }

  /// A quantile of the delays of detected incidents, in points, between neighbours by a straight
  /// line; nil when nothing is detected.
  ///
  /// Missed incidents have no delay, so it says little without the recall beside it.
  ///
  /// - Precondition: `fraction` within 0...1.
  public func delay(quantile fraction: Double) -> Double? { quantile(of: delays, fraction) }

  /// Half of the detected incidents are detected this many points after they start, or sooner.
  public var medianDelay: Double? { delay(quantile: 0.5) }

  /// Nine of ten detected incidents are detected this many points after they start, or sooner.
  public var ninetiethPercentileDelay: Double? { delay(quantile: 0.9) }
}

/// Counts whole incidents and whole alarms instead of points.
///
/// One alarm over everything detects all incidents with precision 1: read it beside `timeInAlert`.
///
/// - Throws: `MetricError.countsDiffer`.
/// - Complexity: O(alarms + incidents)
public func eventDetection(
  alarms: EventRanges, incidents: EventRanges
) throws(MetricError) -> EventDetection {
  try alarms.requireSameCount(as: incidents, "alarm points", "labels")
  let delays = zip(incidents.ranges, incidents.overlaps(with: alarms)).map { incident, answers in
    answers.first.map { max(0, alarms.ranges[$0].lowerBound - incident.lowerBound) }
  }
  return EventDetection(
    incidents: incidents.ranges.count,
    detectedIncidents: delays.count { $0 != nil },
    alarms: alarms.ranges.count,
    falseAlarms: alarms.overlaps(with: incidents).count(where: \.isEmpty),
    delays: delays)
}

/// A quantile of the values that exist, between neighbours by a straight line; nil without any.
func quantile(of values: [Int?], _ fraction: Double) -> Double? {
  precondition((0...1).contains(fraction), "quantile \(fraction)")
  let known = values.compactMap { $0.map(Double.init) }.sorted()
  return known.isEmpty ? nil : percentile(known, fraction)
}
