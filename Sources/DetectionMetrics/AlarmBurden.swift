/// What alarms cost the people who receive them. Burdens of several series add up.
public struct AlarmBurden: Sendable, Equatable {
  /// Alarms without a point in any incident.
  public let falseAlarms: Int
  /// Observed time, in days of one service.
  public let serviceDays: Double
  /// Points in alarm.
  public let alarmPoints: Int
  /// Points in alarm outside of incidents.
  public let falseAlarmPoints: Int
  /// All points.
  public let points: Int
  /// Points outside of incidents.
  public let quietPoints: Int

  /// False alarms per day and service; nil without observed time.
  public var falseAlarmsPerServiceDay: Double? {
    serviceDays > 0 ? Double(falseAlarms) / serviceDays : nil
  }

  /// The share of all points that are in alarm; nil without points.
  public var timeInAlert: Double? { points > 0 ? Double(alarmPoints) / Double(points) : nil }

  /// The share of the points outside of incidents that are in alarm; nil without such points.
  public var quietTimeInAlert: Double? {
    quietPoints > 0 ? Double(falseAlarmPoints) / Double(quietPoints) : nil
  }

  /// The burden of both.
  public static func + (first: AlarmBurden, second: AlarmBurden) -> AlarmBurden {
    AlarmBurden(
      falseAlarms: first.falseAlarms + second.falseAlarms,
      serviceDays: first.serviceDays + second.serviceDays,
      alarmPoints: first.alarmPoints + second.alarmPoints,
      falseAlarmPoints: first.falseAlarmPoints + second.falseAlarmPoints,
      points: first.points + second.points,
      quietPoints: first.quietPoints + second.quietPoints)
  }
}

/// Counts the alarms of one service that no incident justifies, and the time spent in alert.
///
/// - Parameter stepSeconds: The time from one point to the next, in seconds, above 0.
/// - Throws: `MetricError.countsDiffer`, `invalidParameter`.
/// - Complexity: O(alarms + incidents)
public func alarmBurden(
  alarms: EventRanges, incidents: EventRanges, stepSeconds: Double
) throws(MetricError) -> AlarmBurden {
  try alarms.requireSameCount(as: incidents, "alarm points", "labels")
  try require(
    "stepSeconds", stepSeconds, stepSeconds > 0 && stepSeconds.isFinite, "above 0 and finite")
  return AlarmBurden(
    falseAlarms: alarms.overlaps(with: incidents).count(where: \.isEmpty),
    serviceDays: Double(alarms.count) * stepSeconds / 86_400,
    alarmPoints: alarms.points,
    falseAlarmPoints: alarms.points - sharedPoints(alarms, incidents),
    points: alarms.count,
    quietPoints: incidents.count - incidents.points)
}
