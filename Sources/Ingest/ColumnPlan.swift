internal import Telemetry

/// Assigns the series of one service to columns.
///
/// A column's name is the metric's name with the labels of its series. Left out are the labels that
/// repeat the service's name (where the label is one for names of services), those of the scrape
/// (job, endpoint and the like), and those that only name the copy of the service that was scraped
/// (pod, instance, node and the like): series that differ in those alone are one column, so that
/// replacing a pod makes no new columns.
///
/// A name depends on its own series alone, never on what else is in the export: a model finds its
/// columns again in an export with more or fewer series.
struct ColumnPlan {
  /// What a series contributes to.
  struct Target: Hashable {
    /// The metric's name.
    var metric: String
    /// The labels that stay, in the order of their names, without a histogram's `le`.
    var labels: [String: String]
    /// The upper bound of a histogram's bucket.
    var bound: Double?
    /// How samples become values.
    var kind: MetricKind
  }

  private static let identityLabels: Set<String> = [
    "instance", "pod", "pod_name", "pod_uid", "uid", "pod_ip", "host_ip", "ip", "container_id",
    "image_id", "replicaset", "pod_template_hash", "controller_revision_hash", "node",
    "node_name", "host", "hostname", "kubernetes_pod_name", "kubernetes_node",
  ]

  private static let scrapeLabels: Set<String> = [
    "__name__", "job", "endpoint", "metrics_path", "scheme", "prometheus", "prometheus_replica",
  ]

  /// Labels that repeat the service's name when they have its value. Others may have it too and tell
  /// series apart: `calls{to="shop"}` of the service `shop` is not `calls`.
  private static let namingLabels = Set(IngestConfiguration.defaultServiceLabels).union([
    "app_kubernetes_io_component", "app_kubernetes_io_instance", "component", "container_name",
    "daemonset", "k8s_app", "kubernetes_name", "release", "statefulset", "workload",
  ])

  private let service: String
  private let kinds: [String: MetricKind]

  /// Plans the columns of a service.
  init(service: String, kinds: [String: MetricKind]) {
    (self.service, self.kinds) = (service, kinds)
  }

  func target(of series: RawSeries) -> Target {
    let metric = series.metric
    let kind = kinds[metric] ?? series.kind ?? Self.kind(ofMetric: metric)
    let pod = series.labels["pod"] ?? series.labels["pod_name"] ?? ""
    var labels = series.labels.filter { key, value in
      !Self.scrapeLabels.contains(key) && !Self.identityLabels.contains(key)
        && !(value == service && Self.namingLabels.contains(key))
        && !Self.namesCopy(key, value, pod: pod)
    }
    var bound: Double?
    if kind == .counter, metric.hasSuffix("_bucket"), let le = labels["le"].flatMap(Double.init),
      !le.isNaN
    {
      bound = le
      labels["le"] = nil
    }
    return Target(metric: metric, labels: labels, bound: bound, kind: kind)
  }

  /// Counters by Prometheus's convention of suffixes; everything else is a level.
  static func kind(ofMetric name: String) -> MetricKind {
    ["_total", "_count", "_sum", "_bucket"].contains { name.hasSuffix($0) } ? .counter : .gauge
  }

  /// cAdvisor's `id` (a cgroup's path) and `name` (with the pod's name in it) name a copy too.
  private static func namesCopy(_ key: String, _ value: String, pod: String) -> Bool {
    key == "id" && value.hasPrefix("/")
      || key == "name" && !pod.isEmpty && value.contains(pod)
  }
}
