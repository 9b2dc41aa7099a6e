public import Telemetry

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The clock by which alerts are sent, for tests to replace.
public struct AlertClock: Sendable {
  /// The time of day.
  public var now: @Sendable () -> Timestamp
  /// Milliseconds of a clock that nobody sets.
  public var steady: @Sendable () -> Int64
  /// Waits.
  public var sleep: @Sendable (TimeSpan) async throws -> Void

  /// Makes a clock.
  public init(
    now: @escaping @Sendable () -> Timestamp, steady: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void
  ) {
    (self.now, self.steady, self.sleep) = (now, steady, sleep)
  }

  /// The system's clock.
  public static let system = AlertClock(
    now: { Timestamp(milliseconds: milliseconds(of: CLOCK_REALTIME)) },
    steady: { milliseconds(of: CLOCK_MONOTONIC) },
    sleep: { try await Task.sleep(for: .milliseconds($0.milliseconds)) })

  private static func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
