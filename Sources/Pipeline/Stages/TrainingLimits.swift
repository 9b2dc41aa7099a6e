internal import LSTM
internal import Storage
internal import Synchronization

/// What bounds a training from outside, and where it keeps what it has come to.
public struct TrainingLimits: Sendable {
  /// The folder of checkpoints; nil for none.
  public var checkpoints: String?
  /// Whether checkpoints that are there are removed instead of gone on from.
  public var restarts: Bool
  /// When the command started, which `models.lstm.max_duration` counts from.
  public var start: ContinuousClock.Instant
  /// What may ask training to stop.
  public var stop: StopRequest?

  /// What names of checkpoints begin with.
  static let checkpointPrefix = "lstm-"

  /// Makes limits that start now.
  ///
  /// - Parameters:
  ///   - checkpoints: The folder of checkpoints; nil for none.
  ///   - restarts: Whether checkpoints that are there are removed.
  ///   - stop: What may ask training to stop; nil for nothing.
  public init(checkpoints: String? = nil, restarts: Bool = false, stop: StopRequest? = nil) {
    (self.checkpoints, self.restarts, self.stop) = (checkpoints, restarts, stop)
    start = ContinuousClock.now
  }

  /// The same limits with a time budget that begins now.
  public func startingNow() -> TrainingLimits {
    var limits = self
    limits.start = .now
    return limits
  }

  /// Makes the folder of checkpoints, empty of them if this is to restart.
  func prepareCheckpoints() throws {
    guard let checkpoints else { return }
    try FileSystem.createDirectories(at: checkpoints)
    if restarts { try emptyFolder(checkpoints) }
  }

  /// Removes all checkpoints, and the folder when nothing else is in it.
  ///
  /// - Throws: `StorageError` when they cannot be removed.
  public func removeCheckpoints() throws {
    guard let checkpoints, FileSystem.item(at: checkpoints) == .folder else { return }
    try emptyFolder(checkpoints)
    if try FileSystem.contents(of: checkpoints).isEmpty {
      try FileSystem.removeTree(at: checkpoints)
    }
  }

  private func emptyFolder(_ folder: String) throws {
    let prefix = Self.checkpointPrefix
    // A write that was killed leaves a hidden file beside the one it would have replaced.
    for name in try FileSystem.contents(of: folder)
    where name.hasPrefix(prefix) || name.hasPrefix(".\(prefix)") {
      try FileSystem.removeTree(at: "\(folder)/\(name)")
    }
  }
}

/// A wish that training keeps its state and stops; everything else ends at once.
public final class StopRequest: Sendable {
  private struct State {
    var trainings = 0
    var isMade = false
  }

  private let state = Mutex(State())

  /// Makes a request that nobody has made yet.
  public init() {}

  /// Asks training to stop.
  ///
  /// - Returns: False when nothing is being trained that could keep its state, or the request was
  ///   made before.
  public func make() -> Bool {
    state.withLock { state in
      defer { state.isMade = true }
      return state.trainings > 0 && !state.isMade
    }
  }

  /// Whether training is asked to stop.
  package var isMade: Bool { state.withLock { $0.isMade } }

  /// Does work that listens to the request.
  package func listening<Result>(_ work: () async throws -> Result) async rethrows -> Result {
    state.withLock { $0.trainings += 1 }
    defer { state.withLock { $0.trainings -= 1 } }
    return try await work()
  }
}

/// Divides the time that is left among networks that wait for training, by their work.
final class TimeShares: Sendable {
  private let end: ContinuousClock.Instant?
  private let slots: Int
  private let waiting: Mutex<Double>

  /// - Parameters:
  ///   - end: When no network is trained further; nil for never.
  ///   - slots: Networks that are trained at once.
  ///   - work: The work of all networks together, in any unit.
  init(end: ContinuousClock.Instant?, slots: Int, work: Double) {
    (self.end, self.slots) = (end, slots)
    waiting = Mutex(work)
  }

  /// The time of a network that starts now; nil for no limit.
  func take(_ work: Double) -> Duration? {
    guard let end else { return nil }
    let left = max(.zero, end - .now)
    return waiting.withLock { waiting in
      let share = min(1, Double(slots) * work / max(work, waiting))
      waiting -= work
      return left * share
    }
  }
}
