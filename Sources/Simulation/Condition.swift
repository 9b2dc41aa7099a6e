/// How a service fares during one cell.
struct Condition {
  /// Requests a second that reached a process.
  var served: Double
  /// CPU cores in use.
  var cores: Double
  /// Use of the CPU that was to be had, 0 to 0.96.
  var utilisation: Double
  var latency = LatencyMixture(parts: [])
  /// Requests and background tasks that wait, on average over the cell.
  var backlog = 0.0
  /// Parts of the requests that failed: all; those whose wait for the store or provider was given
  /// up; those that another service failed; those that found the disk full.
  var failureShare = 0.0
  var timeoutShare = 0.0
  var refusedShare = 0.0
  var unwrittenShare = 0.0
  /// The part of the cell without a process.
  var unavailable = 0.0
  /// Use of the memory limit and of the volume at the end of the cell.
  var memoryShare = 0.0
  var diskShare = 0.0

  init(served: Double, cores: Double, utilisation: Double) {
    (self.served, self.cores, self.utilisation) = (served, cores, utilisation)
  }

  /// The part of calls that fail in the eyes of a caller.
  var lostShare: Double { unavailable + (1 - unavailable) * failureShare }
}
