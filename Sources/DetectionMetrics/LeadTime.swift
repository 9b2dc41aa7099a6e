/// How long before recorded starts a detector was in alarm, see
/// `leadTime(alarms:incidents:within:)`.
public struct LeadTime: Sendable, Equatable {
  /// Per incident the points from the first alarm of its lead window to its start; nil when no
  /// alarm is there.
  public let leads: [Int?]
  /// The share of lead windows that alarms at random points, as many as there are outside of
  /// incidents, are expected to touch; nil without a point outside of incidents.
  public let chance: Double?

  /// The share of incidents with an alarm before their start; nil without incidents.
  ///
  /// Means something only as far as it exceeds `chance`.
  public var share: Double? {
    leads.isEmpty ? nil : Double(leads.count { $0 != nil }) / Double(leads.count)
  }

  /// The median of the leads, in points; nil without any.
  public var median: Double? { quantile(of: leads, 0.5) }
}

/// Looks for alarms in the points before each incident's recorded start.
///
/// A lead window is the `window` points before the start, cut at the end of the incident before:
/// an alarm that belongs to that one leads nothing.
///
/// - Parameter window: How far back an alarm may speak of an incident, in points, at least 1.
/// - Throws: `MetricError.countsDiffer`, `invalidParameter`.
/// - Complexity: O(alarms + incidents)
public func leadTime(
  alarms: EventRanges, incidents: EventRanges, within window: Int
) throws(MetricError) -> LeadTime {
  try alarms.requireSameCount(as: incidents, "alarm points", "labels")
  try require("window", window, window >= 1, "at least 1")
  var leads: [Int?] = []
  var lengths: [Int] = []
  var next = 0
  for (place, incident) in incidents.ranges.enumerated() {
    let floor = place == 0 ? 0 : incidents.ranges[place - 1].upperBound
    let start = max(floor, incident.lowerBound - min(window, incident.lowerBound))
    lengths.append(incident.lowerBound - start)
    while next < alarms.ranges.count, alarms.ranges[next].upperBound <= start { next += 1 }
    if next < alarms.ranges.count, alarms.ranges[next].lowerBound < incident.lowerBound {
      leads.append(incident.lowerBound - max(start, alarms.ranges[next].lowerBound))
    } else {
      leads.append(nil)
    }
  }
  return LeadTime(
    leads: leads, chance: chanceOfLead(alarms: alarms, incidents: incidents, windows: lengths))
}

/// The mean over windows of the probability that independent alarms at the same rate touch one.
private func chanceOfLead(alarms: EventRanges, incidents: EventRanges, windows: [Int]) -> Double? {
  let outside = incidents.count - incidents.points
  guard outside > 0, !windows.isEmpty else { return nil }
  let rate = Double(alarms.points - sharedPoints(alarms, incidents)) / Double(outside)
  let chances = windows.map { 1 - power(1 - rate, $0) }
  return chances.reduce(0, +) / Double(chances.count)
}

/// The number of points that lie in ranges of both.
func sharedPoints(_ ranges: EventRanges, _ others: EventRanges) -> Int {
  zip(ranges.ranges, ranges.overlaps(with: others)).reduce(0) { sum, pair in
    pair.1.reduce(sum) { $0 + pair.0.clamped(to: others.ranges[$1]).count }
  }
}

/// `base` to a whole power of at least 0.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, left) = (1.0, base, exponent)
  while left > 0 {
    if left & 1 == 1 { result *= square }
    square *= square
    left >>= 1
  }
  return result
}
