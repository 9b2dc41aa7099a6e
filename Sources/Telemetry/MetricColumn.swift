/// How a series behaves, which decides how samples become a value per grid cell.
public enum MetricKind: String, Sendable, CaseIterable {
  /// A level; the cell keeps the last sample in it.
  case gauge
  /// A total that only grows but for resets; the cell keeps the increase per second.
  case counter
  /// Which of some states something is in, such as a switch: values have no distances. The cell
  /// keeps the last sample in it.
  case state
}

/// One column of a service's metrics.
public struct MetricColumn: Hashable, Sendable {
  /// The metric's name with the labels that tell it from its siblings within the service:
  /// `http_requests_total{code="500"}`. Unique within a service.
  public var name: String
  /// How the samples were turned into values.
  public var kind: MetricKind
  /// All labels of the source series, the metric's name as `__name__`.
  public var labels: [String: String]

  /// Makes a column description.
  public init(name: String, kind: MetricKind, labels: [String: String] = [:]) {
    (self.name, self.kind, self.labels) = (name, kind, labels)
  }
}
