internal import Telemetry

/// How often a failed request is repeated, and after which pause.
public struct RetryPolicy: Sendable {
  /// The most attempts, the first one included.
  public var attempts = 6
  /// The pause after the first failure; each further one doubles it.
  public var base = Duration.milliseconds(500)
  /// The longest pause that doubling leads to.
  public var ceiling = Duration.seconds(30)
  /// The longest pause that a server may ask for.
  public var longestServerWait = Duration.seconds(300)

  /// The defaults: six attempts within about 15 seconds.
  public init() {}

  /// The pause after a failed attempt: the upper half of the exponential pause, evenly spread, so
  /// that clients which failed together do not return together; and what the server asks for in
  /// any case.
  ///
  /// - Parameters:
  ///   - attempt: The attempt that failed, from 1.
  ///   - serverWait: What the server asks for.
  package func pause(
    after attempt: Int, serverWait: Duration?, using random: inout some RandomNumberGenerator
  ) -> Duration {
    precondition(attempt >= 1, "no attempt number \(attempt)")
    let exponential = min(ceiling, base * (1 << min(attempt - 1, 20)))
    let share = Double.random(in: 0.5...1, using: &random)
    return max(exponential * share, serverWait ?? .zero)
  }

  /// What a `Retry-After` header asks for: seconds, or an HTTP date relative to the answer's own
  /// `Date` (RFC 9110, 10.2.3). Nil when it says neither.
  package static func serverWait(retryAfter: String, date: String?) -> Duration? {
    if let seconds = Int(retryAfter) { return seconds >= 0 ? .seconds(min(seconds, 1 << 30)) : nil }
    guard let until = httpDate(retryAfter), let now = date.flatMap(httpDate) else { return nil }
    return .milliseconds(max(0, (until - now).milliseconds))
  }

  /// An instant such as `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func httpDate(_ text: String) -> Timestamp? {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month + 1
    return Timestamp(
      rfc3339: "\(parts[3])-\(number < 10 ? "0" : "")\(number)-\(parts[1])T\(parts[4])Z")
  }
}
