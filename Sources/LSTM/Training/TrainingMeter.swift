internal import Diagnostics

/// Measures a training run's speed, tells how long it may still take, and knows when its time is
/// over.
struct TrainingMeter {
  /// Least time between two events within an epoch.
  private static let pause = Duration.seconds(1)

  private let start: Duration
  private let limit: Duration?
  private let epochs: Int
  /// Steps of all lanes in an epoch.
  private var work = 0
  /// Those of the current epoch that are over, also before a stop.
  private var done = 0
  /// Those that were learned from since the start.
  private var counted = 0
  private var lastShown: Duration

  init(start: Duration, limit: Duration?, epochs: Int) {
    (self.start, self.limit, self.epochs, lastShown) = (start, limit, epochs, start)
  }

  /// Starts an epoch of which a part may be over.
  mutating func begin(work: Int, done: Int) { (self.work, self.done) = (work, done) }

  /// Counts a batch.
  mutating func count(_ steps: Int) {
    done += steps
    counted += steps
  }

  /// Whether the time limit has passed.
  func isOver(at now: Duration) -> Bool { limit.map { now - start >= $0 } ?? false }

  /// What to tell within an epoch; nil when something was told just before.
  mutating func event(within state: TrainingState, at now: Duration) -> ProgressEvent? {
    guard now - lastShown >= Self.pause, state.lossWeight > 0 else { return nil }
    lastShown = now
    return ProgressEvent(
      stage: Self.stage, completed: state.epoch, total: epochs,
      detail: "loss \(rounded(state.lossSum / state.lossWeight)) so far"
        + speed(at: now, left: (epochs - state.epoch) * work - done))
  }

  /// What to tell after an epoch.
  mutating func event(after state: TrainingState, at now: Duration) -> ProgressEvent {
    lastShown = now
    var detail = "loss \(rounded(state.record.trainLoss.last ?? 0))"
    if let loss = state.record.validationLoss.last { detail += ", validation \(rounded(loss))" }
    let left = state.isFinished ? 0 : (epochs - state.epoch) * work
    return ProgressEvent(
      stage: Self.stage, completed: state.epoch, total: epochs,
      detail: detail + speed(at: now, left: left))
  }

  private static let stage = "train lstm"

  /// Rows per second of all time so far, validation included, and the longest time that is left.
  private func speed(at now: Duration, left: Int) -> String {
    let seconds = (now - start) / .seconds(1)
    guard seconds > 0, counted > 0 else { return "" }
    let rate = Double(counted) / seconds
    var longest = Double(left) / rate
    if let limit { longest = min(longest, max(0, (limit - (now - start)) / .seconds(1))) }
    return ", \(Int(rate)) rows/s" + (left > 0 ? ", at most \(Self.duration(longest)) left" : "")
  }

  /// A duration in its two largest units.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    if hours > 0 { return "\(hours)h\(minutes)m" }
    return minutes > 0 ? "\(minutes)m\(whole % 60)s" : "\(whole)s"
  }

  /// Four significant digits or more are enough for people.
  private func rounded(_ loss: Double) -> Float { Float((loss * 1e6).rounded() / 1e6) }
}
