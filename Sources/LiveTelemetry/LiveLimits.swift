/// How much live telemetry is taken.
public struct LiveLimits: Hashable, Sendable {
  /// Series that are of the model; further ones are dropped.
  public var series = 200_000
  /// Samples of a series in one cell, and ahead of it while a sender is early; further ones are dropped.
  public var samplesPerSeries = 4_096
  /// Bytes of log lines that are asked for at once.
  public var logBytes = 256 << 20
  /// Bytes of a name or a value of a label.
  public var labelBytes = 4_096
  /// Labels of a series.
  public var labels = 128

  /// The defaults.
  public init() {}
}
