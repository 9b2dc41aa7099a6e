/// The identity of a trace: which request a log line belongs to.
public struct TraceIdentity: Hashable, Comparable, Sendable {
  /// The first 16 hexadecimal digits of 32; 0 where the identity has 16.
  public var high: UInt64
  /// The last 16 hexadecimal digits.
  public var low: UInt64

  /// Makes an identity from its parts.
  public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// Orders identities by their digits.
  public static func < (a: TraceIdentity, b: TraceIdentity) -> Bool {
    (a.high, a.low) < (b.high, b.low)
  }
}

/// A log line that names the trace it belongs to.
public struct TracedLine: Hashable, Sendable {
  /// Microseconds since 1970.
  public var time: Int64
  /// The trace.
  public var trace: TraceIdentity
  /// The number of the line's pattern or template.
  public var number: Int

  /// Makes a line.
  public init(time: Int64, trace: TraceIdentity, number: Int) {
    (self.time, self.trace, self.number) = (time, trace, number)
  }
}
