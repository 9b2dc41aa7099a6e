/// What became of an alert.
public enum AlertOutcome: String, CaseIterable, Sendable {
  /// It began.
  case fired
  /// It is over.
  case resolved
  /// It was lost: refused by an Alertmanager, or dropped since too many wait.
  case failed
  /// Nobody was told, for its time is muted.
  case muted
}

/// Hears of what becomes of alerts; called from any thread.
public protocol AlertObserver: Sendable {
  /// Alerts came to something.
  func counted(_ outcome: AlertOutcome, _ count: Int)
  /// The numbers of alerts that fire, and of those that no Alertmanager knows of yet.
  func saw(firing: Int, queued: Int)
  /// An Alertmanager did not take alerts; they are kept.
  ///
  /// - Parameter message: One line for people, without secrets.
  func sendingFailed(_ message: String)
  /// State could not be written down; alerting goes on.
  func stateFailed(_ message: String)
}
