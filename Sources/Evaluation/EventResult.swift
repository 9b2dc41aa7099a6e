public import Telemetry

/// How notifications and incidents match.
///
/// A notification is a run of alarmed test cells of a service, cut to the plan's longest. It is
/// true when it touches the window of an incident of its service: the incident and the tolerance
/// on both sides. Otherwise it is ignored when it touches a neutral cell, and else a false alarm.
public struct EventResult: Hashable, Sendable {
  /// Incidents with an alarm in their window.
  public var found: Int
  /// Incidents without.
  public var missed: Int
  /// Notifications about an incident.
  public var trueNotifications: Int
  /// Notifications that touch no incident.
  public var falseAlarms: Int
  /// Notifications near incidents of others or in excluded ones only.
  public var ignoredNotifications: Int
  /// False alarms per day and service of quiet scored time; nil without such time.
  public var falseAlarmsPerServiceDay: Double?
  /// The median time from the start of found incidents to their first alarmed cell. Negative when
  /// found early; nil when none was found. Incidents that began before the test time are left out.
  public var medianDelay: TimeSpan?
  /// The ninetieth percentile of the same delays.
  public var ninetiethDelay: TimeSpan?
  /// The share of incidents with a window score above what 1 % of the quiet scored cells exceed;
  /// nil without such cells.
  public var recallAtOnePercentQuiet: Double?
  /// The same for 5 %.
  public var recallAtFivePercentQuiet: Double?
  /// What the same alarms would find at other times; nil in documents that do not have it.
  public var chance: ChanceRecall?

  /// found / (found + missed), within 0...1.
  public var recall: Double { Double(found) / Double(max(1, found + missed)) }

  /// true / (true + false) notifications, within 0...1; nil when there are none.
  public var precision: Double? {
    let total = trueNotifications + falseAlarms
    return total > 0 ? Double(trueNotifications) / Double(total) : nil
  }

  /// The harmonic mean of recall and precision; 0 when nothing was found.
  public var f1: Double {
    guard let precision, precision + recall > 0 else { return 0 }
    return 2 * precision * recall / (precision + recall)
  }
}

/// What became of one incident.
public struct IncidentOutcome: Hashable, Sendable {
  /// The incident's id.
  public var incident: String
  /// The instant of the first alarmed cell in its window; nil when it was missed.
  public var found: Timestamp?
  /// The time from its start to `found`; negative when found early.
  public var delay: TimeSpan?
  /// The service that alarmed first; of several at once the first by name.
  public var foundBy: String?
  /// Whether it began before the test time that shows it. Its delay is not in the statistics.
  public var beganEarlier: Bool
  /// The highest score in its window; nil without scores.
  public var peak: Float?
  /// The service with that score.
  public var peakService: String?

  /// Whether it was found.
  public var isFound: Bool { found != nil }
}
