internal import Telemetry

/// What incidents, deploys and everyday events do to one service during one cell.
struct Effects {
  /// Factor on the requests that arrive.
  var traffic = 1.0
  /// Factor on the service's own work a request.
  var work = 1.0
  /// Factor on the wait for the store or provider.
  var dependencyFactor = 1.0
  /// Additional part of requests that fail.
  var failures = 0.0
  /// Part of the CPU limit that others on the node take away.
  var stolenCPU = 0.0
  /// Utilisation that runaway work drives the service to; 0 for none.
  var targetUtilisation = 0.0
  /// Part of the free memory that has leaked.
  var leak = 0.0
  /// Part of the free disk that has been filled.
  var fill = 0.0
  /// CPU cores of a nightly job.
  var jobCores = 0.0
  /// Disk space that a nightly job holds, in bytes.
  var jobScratch = 0.0

  /// The pod was made anew, with a new version.
  var isDeployed = false
  /// The kernel killed the process for its memory.
  var isKilled = false
  /// How often the process panicked.
  var panics = 0
  /// Stops and starts, for the logs.
  var events: [(cause: LogVocabulary.Cause, time: Timestamp)] = []
  /// How long no process was up.
  var secondsDown = 0.0
  /// Whether a process is up at the end of the cell.
  var isUp = true
  /// The age of that process, in seconds, if it is younger than the cell.
  var age: Double?
}
