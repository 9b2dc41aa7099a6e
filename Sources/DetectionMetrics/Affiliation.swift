/// Affiliation precision and recall, see `affiliation(alarms:incidents:)`.
public struct Affiliation: Sendable, Equatable {
  /// Per incident how close its alarms are to it, within 0...1; nil where it has none.
  public let precisionByIncident: [Double?]
  /// Per incident how close it is to its alarms, within 0...1; 0 where it has none.
  public let recallByIncident: [Double]

  /// The mean over incidents that have alarms; nil without any alarm.
  public var precision: Double? {
    let known = precisionByIncident.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// The mean over all incidents.
  public var recall: Double { recallByIncident.reduce(0, +) / Double(recallByIncident.count) }

  /// The harmonic mean of both; 0 without any alarm.
  public var f1: Double { harmonicMean(precision ?? 0, recall) }
}

/// Affiliation metrics (Huet, Navarro and Rossi, "Local Evaluation of Time Series Anomaly
/// Detection Algorithms", KDD 2022).
///
/// Time is cut halfway between neighbouring incidents. Within its part, each incident is compared
/// with the alarms there: a distance is worth the probability that a point drawn at random from
/// the part is farther away. Point `i` covers the time from `i` to `i + 1`.
///
/// - Returns: Nil without an incident.
/// - Throws: `MetricError.countsDiffer`.
/// - Complexity: O(alarms + incidents), after the ranges are made.
public func affiliation(
  alarms: EventRanges, incidents: EventRanges
) throws(MetricError) -> Affiliation? {
  try alarms.requireSameCount(as: incidents, "alarm points", "labels")
  guard !incidents.isEmpty else { return nil }
  var precision: [Double?] = []
  var recall: [Double] = []
  var next = 0
  for (place, incident) in incidents.ranges.enumerated() {
    let start =
      place == 0
      ? 0 : Double(incidents.ranges[place - 1].upperBound + incident.lowerBound) / 2
    let end =
      place + 1 == incidents.ranges.count
      ? Double(incidents.count)
      : Double(incident.upperBound + incidents.ranges[place + 1].lowerBound) / 2
    let zone = AffiliationZone(
      start: start, end: end, incident: AffiliationZone.Interval(incident))
    while next < alarms.ranges.count, Double(alarms.ranges[next].upperBound) <= start { next += 1 }
    var inside: [AffiliationZone.Interval] = []
    var last = next
    while last < alarms.ranges.count, Double(alarms.ranges[last].lowerBound) < end {
      inside.append(AffiliationZone.Interval(alarms.ranges[last]).clipped(from: start, to: end))
      last += 1
    }
    precision.append(zone.precision(inside))
    recall.append(zone.recall(inside))
  }
  return Affiliation(precisionByIncident: precision, recallByIncident: recall)
}
