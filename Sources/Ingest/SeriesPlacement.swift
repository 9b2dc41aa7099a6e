public import Telemetry

/// Where ingest would put series, told from their labels alone.
public struct SeriesPlacement: Sendable {
  private let naming: ServiceNaming
  private let kinds: [String: MetricKind]

  /// Makes a placement.
  ///
  /// - Parameters:
  ///   - serviceLabels: Labels that may name the service, the most telling first.
  ///   - kinds: How named metrics behave, where the name's suffix would mislead.
  public init(serviceLabels: [String], kinds: [String: MetricKind] = [:]) {
    naming = ServiceNaming(labels: serviceLabels)
    self.kinds = kinds
  }

  /// The service of a series or a log stream.
  public func service(of labels: [String: String]) -> String { naming.service(of: labels) }

  /// Names of the columns that a series may have a part in: one of its own, or those of a histogram.
  ///
  /// What comes true depends on its siblings: a `_count` is a counter where it stands alone.
  public func columns(of labels: [String: String], in service: String) -> [String] {
    let target = ColumnPlan(service: service, kinds: kinds).target(
      of: RawSeries(labels: labels, service: nil, kind: nil, source: ""))
    let ordered = target.labels.sorted { $0.key < $1.key }
    var names = target.bound == nil ? [seriesText(target.metric, ordered)] : []
    if target.kind == .counter, let base = Self.base(of: target.metric, target.bound) {
      names += HistogramPlan.suffixes.map { seriesText("\(base):\($0)", ordered) }
    }
    return names
  }

  /// Metrics whose series may have a part in a column.
  public static func metrics(ofColumn name: String) -> [String] {
    let metric = String(name.prefix { $0 != "{" })
    guard
      let suffix = HistogramPlan.suffixes.first(where: { metric.hasSuffix(":\($0)") })
    else { return [metric] }
    let base = metric.dropLast(suffix.utf8.count + 1)
    // A recording rule may have such a name too.
    return [metric, "\(base)_bucket", "\(base)_sum", "\(base)_count"]
  }

  private static func base(of metric: String, _ bound: Double?) -> Substring? {
    if bound != nil { return metric.dropLast(7) }
    for suffix in ["_sum", "_count"] where metric.hasSuffix(suffix) {
      return metric.dropLast(suffix.utf8.count)
    }
    return nil
  }
}
