internal import Synchronization

/// How long fitting took, by detector: seconds of one thread, summed over services that are fitted
/// side by side. Differs from run to run and is no part of any model.
public final class FitTimes: Sendable {
  private let durations = Mutex<[String: Duration]>([:])

  /// Starts with nothing measured.
  public init() {}

  /// Seconds by detector.
  public var seconds: [String: Double] {
    durations.withLock { $0.mapValues { $0 / .seconds(1) } }
  }

  /// Measures work that fits a detector.
  func measure<Result>(_ detector: String, _ work: () throws -> Result) rethrows -> Result {
    let start = ContinuousClock.now
    defer { add(ContinuousClock.now - start, to: detector) }
    return try work()
  }

  /// The same for work that waits.
  func measure<Result: Sendable>(
    _ detector: String, _ work: () async throws -> Result
  ) async rethrows -> Result {
    let start = ContinuousClock.now
    defer { add(ContinuousClock.now - start, to: detector) }
    return try await work()
  }

  private func add(_ duration: Duration, to detector: String) {
    durations.withLock { $0[detector, default: .zero] += duration }
  }
}
