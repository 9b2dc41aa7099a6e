/// Keeps the samples of one service's metrics until they are written.
struct MetricRecorder {
  /// One time series.
  struct Series {
    /// Names and values in the order of writing.
    var labels: [(name: String, value: String)]
    /// Decimals of the samples: a sample of 1234 with two decimals is 12.34.
    var decimals: Int
    /// One sample a cell; nil where nothing was recorded.
    var samples: [Int?] = []
  }

  private(set) var series: [Series] = []

  init(service: String) {
    let pod = "\(service)-0"
    func application(_ name: String, _ extra: [(String, String)] = [], decimals: Int = 0) {
      append(
        name, extra + [("instance", "\(pod).\(service).shop.svc:8080"), ("job", "shop")],
        service, decimals)
    }
    func container(_ name: String, _ extra: [(String, String)] = [], from job: String) {
      let instance = job == "kubelet" ? "node-2:10250" : "kube-state-metrics:8080"
      append(
        name, [("container", service)] + extra + [("instance", instance), ("job", job)], service, 0)
    }
    application("http_requests_total", [("code", "200")])
    application("http_requests_total", [("code", "500")])
    for bound in Readings.bounds {
      application(
        "http_request_duration_seconds_bucket",
        [("le", fixedPoint(bound, decimals: 3))])
    }
    application("http_request_duration_seconds_bucket", [("le", "+Inf")])
    application("http_request_duration_seconds_sum", decimals: 3)
    application("http_request_duration_seconds_count")
    application("process_cpu_seconds_total", decimals: 2)
    application("queue_depth")
    container("container_memory_working_set_bytes", from: "kubelet")
    container("container_fs_usage_bytes", [("device", "/dev/nvme1n1")], from: "kubelet")
    container("kube_pod_container_status_restarts_total", from: "kube-state-metrics")
  }

  private mutating func append(
    _ name: String, _ labels: [(String, String)], _ service: String, _ decimals: Int
  ) {
    let common = [("namespace", Shop.namespace), ("pod", "\(service)-0"), ("service", service)]
    let sorted = (labels + common).sorted { $0.0 < $1.0 }
    series.append(
      Series(
        labels: [("__name__", name)] + sorted.map { (name: $0.0, value: $0.1) },
        decimals: decimals))
  }

  /// Adds the samples of a cell: all, those of the container alone while no process is up, or
  /// none while nothing is recorded.
  mutating func record(_ readings: Readings, isUp: Bool, isRecorded: Bool) {
    let application =
      [readings.succeeded, readings.failed] + readings.within
      + [readings.milliseconds, readings.within[readings.within.count - 1], readings.ticks]
      + [readings.queued]
    let samples: [Int?] =
      application.map { isUp ? $0 : nil } + [isUp ? readings.memory : nil]
      + [readings.disk, readings.restarts]
    for (index, sample) in samples.enumerated() {
      series[index].samples.append(isRecorded ? sample : nil)
    }
  }
}

/// The decimal text of `value` / 10^`decimals`, without zeros at its end.
package func fixedPoint(_ value: Int, decimals: Int) -> String {
  let digits = String(value.magnitude)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  var text = String(padded.dropLast(decimals)) + "."
  text += padded.suffix(decimals)
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return value < 0 ? "-" + text : text
}
