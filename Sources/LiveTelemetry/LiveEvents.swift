public import Telemetry

/// What became of a sample or a log line.
public enum SampleResult: String, CaseIterable, Sendable {
  /// It counts.
  case accepted
  /// It is of a cell that has been scored already.
  case stale
  /// It is of a time that has not come yet.
  case future
  /// The model has no such service, or no such column of it.
  case unknownSeries = "unknown_series"
  /// It is not in the format.
  case malformed
  /// A limit was reached.
  case dropped
}

/// Why an input gave nothing.
public enum InputFailure: String, CaseIterable, Sendable {
  /// The server cannot be reached, is too slow or keeps failing.
  case unavailable
  /// A secret or certificate is missing or is not accepted.
  case credentials
  /// The answer is none of the expected kind.
  case unexpectedAnswer = "unexpected_answer"
  /// Clocks disagree: this machine's was set, or the server's.
  case clockJump = "clock_jump"
}

/// Where telemetry comes from.
public enum LiveInput: String, CaseIterable, Sendable {
  /// Range queries.
  case prometheus
  /// Range queries for lines.
  case loki
  /// What a Prometheus sends.
  case remoteWrite = "remote_write"
}

/// Hears of what inputs do; called from any thread.
public protocol LiveObserver: Sendable {
  /// Samples or log lines were taken or refused.
  func counted(_ result: SampleResult, _ count: Int, from input: LiveInput)
  /// An input failed; it is tried again.
  ///
  /// - Parameter message: One line for people, without secrets.
  func failed(_ input: LiveInput, _ failure: InputFailure, message: String)
  /// The newest sample that an input has given so far; for Loki, the end of the time that it has
  /// answered for, since a system may have nothing to log.
  func received(upTo time: Timestamp, from input: LiveInput)
}

/// Hears nothing.
public struct SilentObserver: LiveObserver {
  /// Makes one.
  public init() {}
  /// Ignores it.
  public func counted(_ result: SampleResult, _ count: Int, from input: LiveInput) {}
  /// Ignores it.
  public func failed(_ input: LiveInput, _ failure: InputFailure, message: String) {}
  /// Ignores it.
  public func received(upTo time: Timestamp, from input: LiveInput) {}
}

/// How many samples of what result.
struct SampleCounts: Sendable {
  private(set) var counts: [SampleResult: Int] = [:]
  private(set) var newest: Timestamp?

  mutating func add(_ result: SampleResult, _ count: Int = 1) {
    if count > 0 { counts[result, default: 0] += count }
  }

  mutating func saw(_ milliseconds: Int64) {
    newest = max(newest ?? Timestamp(milliseconds: milliseconds), .init(milliseconds: milliseconds))
  }

  mutating func merge(_ other: SampleCounts) {
    for (result, count) in other.counts { add(result, count) }
    if let time = other.newest { saw(time.milliseconds) }
  }

  func tell(_ observer: any LiveObserver, of input: LiveInput) {
    for result in SampleResult.allCases {
      if let count = counts[result] { observer.counted(result, count, from: input) }
    }
    if let newest { observer.received(upTo: newest, from: input) }
  }
}
