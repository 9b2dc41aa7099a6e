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
  /// Waits.
  public var sleep: @Sendable (TimeSpan) async throws -> Void

  /// Makes a clock.
  public init(
    now: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void
  ) {
    (self.now, self.sleep) = (now, sleep)
  }

  /// The system's clock.
  public static let system = AlertClock(
    now: {
      var time = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &time)
      return Timestamp(
        milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }, sleep: { try await Task.sleep(for: .milliseconds($0.milliseconds)) })
}
