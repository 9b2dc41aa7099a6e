internal import LinearAlgebra
public import Telemetry

/// What a detector did with one part of the incidents, or of the time.
public struct ResultSlice: Hashable, Sendable {
  /// What the incidents are divided by.
  public enum Dimension: String, Sendable, CaseIterable {
    /// The incident's service; incidents of the whole system are in one of their own, `*`.
    case service
    /// The incident's kind.
    case kind
    /// How long the incident lasted: up to an hour, up to a day, or longer.
    case duration
    /// The hour of the day, in UTC, in which the incident began or the false alarm was raised.
    case hour
  }

  /// What the incidents are divided by.
  public var dimension: Dimension
  /// The part's name.
  public var name: String
  /// Incidents in it, and those of them that were found.
  public var incidents: Int, found: Int
  /// The median delay of the found ones; nil without one whose start was in the test time.
  public var medianDelay: TimeSpan?
  /// Its false alarms; nil for a dimension that false alarms do not have.
  public var falseAlarms: Int?
}

extension ResultSlice {
  /// Divides a row's outcomes and alarms along every dimension; parts in the order of their names.
  static func all(
    _ row: DetectorResult, alarms: [AlarmNotification], incidents: [Incident]
  ) -> [ResultSlice] {
    let byId = Dictionary(incidents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let known = row.outcomes.compactMap { outcome in
      byId[outcome.incident].map { (incident: $0, outcome: outcome) }
    }
    let falseAlarms = alarms.filter { $0.verdict == .falseAlarm }
    return Dimension.allCases.flatMap { dimension -> [ResultSlice] in
      let parts = Dictionary(grouping: known) { name(of: $0.incident, dimension) }
      let alarmed = counts(falseAlarms, dimension)
      return Set(parts.keys).union((alarmed ?? [:]).keys).sorted().map { name in
        let members = parts[name] ?? []
        return ResultSlice(
          dimension: dimension, name: name, incidents: members.count,
          found: members.count { $0.outcome.isFound },
          medianDelay: median(
            members.compactMap { $0.outcome.beganEarlier ? nil : $0.outcome.delay }),
          falseAlarms: alarmed.map { $0[name] ?? 0 })
      }
    }
  }

  private static func name(of incident: Incident, _ dimension: Dimension) -> String {
    switch dimension {
    case .service: incident.service ?? "*"
    case .kind: incident.kind
    case .duration:
      switch incident.resolved - incident.start {
      case ...TimeSpan.hours(1): "up to 1 hour"
      case ...TimeSpan.hours(24): "up to 1 day"
      default: "longer than 1 day"
      }
    case .hour: hour(of: incident.start)
    }
  }

  private static func counts(
    _ alarms: [AlarmNotification], _ dimension: Dimension
  ) -> [String: Int]? {
    switch dimension {
    case .service: Dictionary(grouping: alarms, by: \.service).mapValues(\.count)
    case .hour: Dictionary(grouping: alarms) { hour(of: $0.start) }.mapValues(\.count)
    case .kind, .duration: nil
    }
  }

  private static func hour(of time: Timestamp) -> String {
    String(time.description.dropFirst(11).prefix(2)) + ":00"
  }

  private static func median(_ delays: [TimeSpan]) -> TimeSpan? {
    guard !delays.isEmpty else { return nil }
    let sorted = delays.map { Double($0.milliseconds) }.sorted()
    return TimeSpan(milliseconds: Int64(quantile(ofSorted: sorted, 0.5).rounded()))
  }
}
