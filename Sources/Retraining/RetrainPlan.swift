public import Telemetry

/// When a nightly job trains, and on how much time.
public struct RetrainPlan: Hashable, Sendable {
  /// The distance of the instants that a model is made for; they lie at whole multiples since 1970.
  public var every = TimeSpan.days(1)
  /// The time before such an instant that a model is made of; nil takes all there is.
  public var history: TimeSpan?
  /// Missed instants that are caught up on, the latest ones.
  public var most = 7
  /// The alias of the model that is in use.
  public var champion = "champion"
  /// The alias of the newest model, whether it passed or not.
  public var challenger = "challenger"

  /// Makes the default plan.
  public init() {}

  /// The instants to work on, ascending: those after the last one done, or the latest one.
  public func due(now: Timestamp, last: Timestamp?) -> [Timestamp] {
    let step = every.milliseconds
    let latest = now.milliseconds - ((now.milliseconds % step) + step) % step
    guard let last else { return [Timestamp(milliseconds: latest)] }
    let missed = max(0, (latest - last.milliseconds) / step)
    return (0..<min(Int64(most), missed)).map {
      Timestamp(milliseconds: latest - $0 * step)
    }.reversed()
  }
}
