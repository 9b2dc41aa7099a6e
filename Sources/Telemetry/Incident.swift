/// A stretch of time in which a service, or the whole system, was known to be unwell.
public struct Incident: Hashable, Sendable {
  /// What the stretch means to training and evaluation.
  public enum Role: String, Sendable, CaseIterable {
    /// A real incident: not trained on, and to be detected.
    case incident
    /// Doubtful: not trained on, and neither hit nor false alarm.
    case excluded
  }

  /// Unique within an incidents file.
  public var id: String
  /// The service that was unwell; nil for the whole system.
  public var service: String?
  /// A word for the kind, such as `memory_leak`.
  public var kind: String
  /// When it began.
  public var start: Timestamp
  /// When people noticed, if known.
  public var detected: Timestamp?
  /// When it was over, after `start`.
  public var resolved: Timestamp
  /// What the stretch means.
  public var role: Role

  /// Makes an incident.
  ///
  /// - Precondition: `start < resolved`.
  public init(
    id: String, service: String?, kind: String, start: Timestamp, detected: Timestamp? = nil,
    resolved: Timestamp, role: Role = .incident
  ) {
    precondition(start < resolved, "incident \(id) resolved at \(resolved), started at \(start)")
    (self.id, self.service, self.kind, self.start) = (id, service, kind, start)
    (self.detected, self.resolved, self.role) = (detected, resolved, role)
  }

  /// Whether the incident concerns a service.
  public func concerns(_ name: String) -> Bool { service == nil || service == name }
}
