public import Telemetry

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The clocks of this machine, for tests to replace.
public struct LiveClock: Sendable {
  /// The time of day, which somebody may set.
  public var wall: @Sendable () -> Timestamp
  /// Milliseconds of a clock that nobody sets.
  public var steady: @Sendable () -> Int64
  /// Waits.
  public var sleep: @Sendable (TimeSpan) async throws -> Void

  /// Makes clocks.
  public init(
    wall: @escaping @Sendable () -> Timestamp, steady: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (TimeSpan) async throws -> Void
  ) {
    (self.wall, self.steady, self.sleep) = (wall, steady, sleep)
  }

  /// The system's clocks.
  public static let system = LiveClock(
    wall: { Timestamp(milliseconds: milliseconds(of: CLOCK_REALTIME)) },
    steady: { milliseconds(of: CLOCK_MONOTONIC) },
    sleep: { try await Task.sleep(for: .milliseconds($0.milliseconds)) })

  private static func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

/// Finds the time among clocks of which one may be wrong: this machine's time of day, the same
/// counted on since the start by a clock that nobody sets, and the server's.
///
/// The middle one of three is right as long as two are. Without a server's, a time of day that was
/// set counts once it has kept its distance for as long as `patience`.
struct ClockJudge: Sendable {
  /// How far clocks may be apart without a word.
  let tolerance: TimeSpan
  /// How long a disagreement of two clocks lasts before the time of day is believed.
  let patience: TimeSpan
  /// What to add to the steady clock for the time of day, as it was.
  private var anchor: Int64
  /// What to add to the steady clock for the server's time.
  private var server: Int64?
  private var disputedSince: Int64?

  init(wall: Timestamp, steady: Int64, tolerance: TimeSpan, patience: TimeSpan = .minutes(5)) {
    (self.tolerance, self.patience) = (tolerance, patience)
    anchor = wall.milliseconds - steady
  }

  /// Takes what a server says the time is.
  mutating func hear(_ time: Timestamp, steady: Int64) { server = time.milliseconds - steady }

  /// Takes the server's voice away.
  mutating func forgetServer() { server = nil }

  /// The time, and whether a clock disagrees by more than the tolerance.
  mutating func judge(wall: Timestamp, steady: Int64) -> (now: Timestamp, isDisputed: Bool) {
    let day = wall.milliseconds - steady
    let clocks = [anchor, day, server ?? anchor].sorted()
    let isDisputed = clocks[2] - clocks[0] > tolerance.milliseconds
    var offset = clocks[1]
    if let server, isNear(day, server) || !isDisputed {
      // The time of day is right, whatever it was when we began.
      anchor = day
    } else if server == nil {
      offset = anchor
      if !isDisputed {
        // It is slewed now and then.
        (anchor, offset, disputedSince) = (day, day, nil)
      } else if steady - (disputedSince ?? steady) >= patience.milliseconds {
        (anchor, offset, disputedSince) = (day, day, nil)
      } else {
        disputedSince = disputedSince ?? steady
      }
    }
    return (Timestamp(milliseconds: steady + offset), isDisputed)
  }

  private func isNear(_ a: Int64, _ b: Int64) -> Bool {
    abs(a - b) <= tolerance.milliseconds
  }
}
