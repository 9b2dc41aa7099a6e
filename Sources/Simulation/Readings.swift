internal import LinearAlgebra

/// The totals and levels that a service's exporters show at an instant.
///
/// The application's own totals begin again at 0 with every process. Whole numbers throughout, so
/// that nothing drifts over millions of additions.
struct Readings {
  /// Upper bounds of the duration histogram in milliseconds; +Inf comes on top.
  static let bounds = [25, 100, 250, 1000, 2500]
  /// The longest time that any request takes, in milliseconds.
  private static let longest = 10_000
  private static let page = 4096.0

  /// Requests answered well, and with status 500.
  var succeeded = 0
  var failed = 0
  /// Requests within each bound of `bounds`, and all.
  var within = [Int](repeating: 0, count: bounds.count + 1)
  var milliseconds = 0
  /// CPU time in hundredths of a second, the kernel's tick.
  var ticks = 0
  /// Background tasks and requests that wait, at the instant of the sample.
  var queued = 0
  /// Restarts of the container within its pod.
  var restarts = 0
  /// Bytes, in whole pages.
  var memory = 0
  var disk = 0

  /// What happened to requests during a cell, for the logs.
  struct Tally {
    var requests = 0
    var failures = 0
    var timeouts = 0
    var refused = 0
    var unwritten = 0
    /// Requests that took more than a second.
    var slow = 0
  }

  /// Adds a cell.
  ///
  /// - Parameter length: The cell's, in seconds.
  mutating func add(
    _ condition: Condition, _ effects: Effects, memory memoryUsed: Double, disk diskUsed: Double,
    length: Double, generator: inout Philox
  ) -> Tally {
    var tally = Tally()
    tally.requests = generator.poisson(condition.served * length)
    tally.failures = generator.binomial(tally.requests, condition.failureShare)
    let cause = { (share: Double) in
      condition.failureShare > 0 ? min(1, share / condition.failureShare) : 0
    }
    tally.timeouts = generator.binomial(tally.failures, cause(condition.timeoutShare))
    tally.refused = generator.binomial(tally.failures, cause(condition.refusedShare))
    tally.unwritten = generator.binomial(tally.failures, cause(condition.unwrittenShare))

    if effects.isDeployed { restarts = 0 }
    restarts += effects.panics + (effects.isKilled ? 1 : 0)
    if effects.isDeployed || effects.isKilled || effects.panics > 0 { startAnew() }
    // A young process has counted only what came since its start.
    let up = max(1, length - effects.secondsDown)
    let counted = effects.isUp ? min(1, (effects.age ?? up) / up) : 0
    let requests = Int((Double(tally.requests) * counted).rounded())
    let failures = min(requests, Int((Double(tally.failures) * counted).rounded()))
    succeeded += requests - failures
    failed += failures
    let fresh = durations(of: requests, condition.latency, &generator)
    tally.slow = fresh[fresh.count - 1] - fresh[Self.bounds.count - 2]
    ticks += Int((condition.cores * length * counted * 100).rounded())
    queued = generator.poisson(condition.backlog)
    memory = Int((memoryUsed / Self.page).rounded() * Self.page)
    disk = Int((diskUsed / Self.page).rounded() * Self.page)
    return tally
  }

  private mutating func startAnew() {
    (succeeded, failed, milliseconds, ticks) = (0, 0, 0, 0)
    within = [Int](repeating: 0, count: within.count)
  }

  /// Draws the durations of requests and adds them to the histogram.
  ///
  /// - Returns: The new requests within each bound.
  private mutating func durations(
    of requests: Int, _ latency: LatencyMixture, _ generator: inout Philox
  ) -> [Int] {
    var fresh = [Int](repeating: requests, count: within.count)
    var (inner, above) = (requests, 1.0)
    for index in Self.bounds.indices.reversed() {
      // Of the requests within the next bound, the part that is within this one too.
      let share = latency.share(within: Double(Self.bounds[index]) / 1000)
      inner = generator.binomial(inner, min(1, share / above))
      (fresh[index], above) = (inner, max(share, 1e-12))
    }
    let spread = latency.mean * Double(requests).squareRoot() * generator.normal()
    let drawn = (latency.mean * Double(requests) + spread) * 1000
    var (least, most, lower, below) = (0, 0, 0, 0)
    for (count, upper) in zip(fresh, Self.bounds + [Self.longest]) {
      least += (count - below) * lower
      most += (count - below) * upper
      (below, lower) = (count, upper)
    }
    milliseconds += min(most, max(least, Int(drawn.rounded())))
    for index in within.indices { within[index] += fresh[index] }
    return fresh
  }
}
