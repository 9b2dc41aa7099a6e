public import Telemetry

/// What is evaluated, and how strictly; fixed before any label is read.
public struct EvaluationPlan: Hashable, Sendable {
  /// How alarms of the services that an incident does not name are judged while it lasts.
  public enum CollateralPolicy: String, Sendable, CaseIterable {
    /// Neither hit nor false alarm: an incident often shows in its neighbours, and nobody said in
    /// which. Their cells are left out of AUC-PR.
    case neutral
    /// As at any other time: an alarm of an unnamed service is a false alarm.
    case strict
  }

  /// The time axis of all scores.
  public var grid: TimeGrid
  /// The time to evaluate: the cells named by instants within any of these ranges.
  public var test: [TimeRange]
  /// How long before its start an incident may be found; not negative.
  public var toleranceBefore: TimeSpan
  /// How long after its end an incident may be found; not negative.
  public var toleranceAfter: TimeSpan
  /// The longest stretch of alarm that counts as one notification; positive. A longer one is cut,
  /// so that a detector that is always in alarm pays for it. At least one cell.
  public var renotify: TimeSpan
  /// Cells of the widest buffer around incidents in the metrics that have one, at most 2^20: one
  /// window for all detectors and services.
  public var vusWindow: Int
  /// How services are judged during incidents of others.
  public var collateral: CollateralPolicy

  /// Makes a plan.
  public init(
    grid: TimeGrid, test: [TimeRange], toleranceBefore: TimeSpan = .zero,
    toleranceAfter: TimeSpan = .zero, renotify: TimeSpan = .hours(1),
    vusWindow: Int = 24, collateral: CollateralPolicy = .neutral
  ) {
    (self.grid, self.test, self.renotify) = (grid, test, renotify)
    (self.toleranceBefore, self.toleranceAfter) = (toleranceBefore, toleranceAfter)
    (self.vusWindow, self.collateral) = (vusWindow, collateral)
  }

  /// The cells of the longest notification, at least 1.
  public var notificationCells: Int {
    max(1, Int(renotify.milliseconds / grid.interval.milliseconds))
  }

  func validate() throws(EvaluationError) {
    guard toleranceBefore >= .zero, toleranceAfter >= .zero else {
      throw .invalidPlan(
        "tolerances of \(toleranceBefore) before and \(toleranceAfter) after an incident; "
          + "they must not be negative")
    }
    guard (0...1 << 20).contains(vusWindow) else {
      throw .invalidPlan("a window of \(vusWindow) cells around incidents; at most 1048576 fit")
    }
    guard renotify > .zero else {
      throw .invalidPlan("notifications of at most \(renotify); the length must be positive")
    }
  }
}
