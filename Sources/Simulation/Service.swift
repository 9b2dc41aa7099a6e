/// What is fixed about one service: its size, its habits and the services it calls.
///
/// Times in seconds, memory and disk in bytes.
struct Service {
  /// A way through a service: some requests make these calls, the others make different ones.
  struct Route {
    /// The part of the requests that go this way; all routes together make 1.
    var share: Double
    var calls: [Call]
  }

  /// A call that requests of a route make and wait for.
  struct Call {
    var callee: String
    /// Calls a request, sent at the same time.
    var repeats = 1.0
    /// The longest that the caller waits before it answers from a fallback.
    var patience: Double
    /// The part of failed calls that still fail the request after retry and fallback.
    var exposure: Double
  }

  /// A job that runs every night.
  struct NightlyJob {
    /// Minutes after midnight UTC.
    var minute: Int64
    var minutes: Int64
    /// CPU cores it takes.
    var cores: Double
    /// Disk space it holds until it ends.
    var scratch: Double
  }

  var name: String
  var routes: [Route]
  /// Own work of an undisturbed request.
  var serviceTime: Double
  /// The wait of an undisturbed request for the service's store or provider.
  var dependencyTime: Double
  /// How long the background tasks of an undisturbed request take.
  var taskTime: Double
  /// When a wait for the store or provider is given up and the request fails.
  var timeout: Double
  var cpuPerRequest: Double
  var idleCPU: Double
  /// The container's limit, in cores.
  var cpuLimit: Double
  var memoryBase: Double
  /// What caches add over hours.
  var memoryCache: Double
  var memoryLimit: Double
  /// The part of requests that fail on a good day.
  var failureShare: Double
  var diskBase: Double
  /// Growth of what is kept, a day.
  var diskGrowth: Double
  /// Written to log files, a request; removed every night.
  var diskPerRequest: Double
  var diskCapacity: Double
  var job: NightlyJob
  var logs: LogVocabulary
}
