public import Telemetry

/// When a service is in alert.
public struct AlertPolicy: Hashable, Sendable {
  /// How long the score has to stay at 1 or above before an alert fires; 0 for the first cell.
  public var hold: TimeSpan
  /// How long after the last such cell the alert goes on.
  public var keepFiring: TimeSpan
  /// How long nothing may be known of a service before it counts as quiet; three intervals at least.
  public var longestSilence: TimeSpan

  /// Makes a policy.
  ///
  /// - Parameter longestSilence: Nil for the longer of `hold`, `keepFiring` and 15 minutes.
  public init(hold: TimeSpan, keepFiring: TimeSpan, longestSilence: TimeSpan? = nil) {
    precondition(hold >= .zero && keepFiring >= .zero, "hold \(hold), keep firing \(keepFiring)")
    (self.hold, self.keepFiring) = (hold, keepFiring)
    self.longestSilence = longestSilence ?? max(hold, keepFiring, .minutes(15))
  }
}
