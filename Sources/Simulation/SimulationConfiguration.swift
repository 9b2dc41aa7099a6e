public import Telemetry

/// What to simulate. The services, their calls and the kinds of incident are fixed.
public struct SimulationConfiguration: Hashable, Sendable {
  /// Selects the noise, the deploys and the incidents; equal seeds give equal bytes.
  public var seed: UInt64
  /// The instant of the first sample.
  public var start: Timestamp
  /// How long to simulate; 14 or more, so that the incidents have room.
  public var days: Int
  /// The distance between samples: whole minutes from 1 to 15.
  public var interval: TimeSpan

  /// Makes a configuration; the defaults are those of the embedded dataset.
  ///
  /// - Parameter start: 2026-01-05T00:00:00Z, a Monday, by default.
  public init(
    seed: UInt64 = 2026, start: Timestamp = Timestamp(seconds: 1_767_571_200), days: Int = 28,
    interval: TimeSpan = .minutes(5)
  ) {
    (self.seed, self.start, self.days, self.interval) = (seed, start, days, interval)
  }
}
