public import Telemetry

/// One place to read telemetry from. Files may be compressed with gzip, whatever their names.
public enum SourceConfiguration: Hashable, Sendable {
  /// Answers of Prometheus's `/api/v1/query_range` or `/api/v1/query`, with or without the envelope:
  /// a file, or a folder of them.
  case prometheus(path: String)
  /// Samples in the text formats of OpenMetrics 1.0 and Prometheus 0.0.4, as
  /// `promtool tsdb dump-openmetrics` and `promtool tsdb dump` write them: a file, or a folder of
  /// them. `time` is the instant of samples that have none of their own, as those of a scrape; without
  /// it they are left out and counted.
  case openMetrics(path: String, time: Timestamp? = nil)
  /// Metrics as comma-separated values.
  case csv(CSVSource)
  /// Log lines of Loki, as `logcli --output=jsonl` writes them or as `/loki/api/v1/query_range`
  /// answers: a file, or a folder of them.
  case loki(path: String)
  /// A day of the TrainTicket data of Nezha: the folder with `metric` and `log`, or its parent.
  case trainTicket(path: String)
  /// One machine of the Server Machine Dataset: the folder with `train`, `test` and `test_label`,
  /// and a machine's name such as `machine-1-2`.
  case smd(path: String, machine: String)
  /// One part of another published dataset.
  case published(PublishedSource)
}

/// A file of comma-separated values with a header (RFC 4180).
public struct CSVSource: Hashable, Sendable {
  /// How rows and columns are used.
  public enum Layout: String, Sendable, CaseIterable {
    /// Long when the header has both the metric and the value column, otherwise wide. A header with
    /// the metric column alone is an error.
    case auto
    /// A row per instant, a column per metric.
    case wide
    /// A row per sample.
    case long
  }

  /// How instants are written.
  public enum TimeFormat: String, Sendable, CaseIterable {
    /// RFC 3339 if there is a `-` after the first character, else a number: milliseconds from 10¹¹
    /// on, otherwise seconds. Without a zone it is UTC.
    case auto
    /// Such as `2026-11-23T08:00:00Z`; without a zone it is UTC.
    case rfc3339
    /// Seconds since 1970, with or without a fraction.
    case unixSeconds
    /// Milliseconds since 1970.
    case unixMilliseconds
  }

  /// The names of the columns that are not metrics.
  public struct Columns: Hashable, Sendable {
    /// The instant.
    public var time = "time"
    /// The service's name; optional in the file.
    public var service = "service"
    /// The metric's name, in the long layout.
    public var metric = "metric"
    /// The sample, in the long layout.
    public var value = "value"

    /// The defaults: `time`, `service`, `metric` and `value`.
    public init() {}
  }

  /// The file, or a folder of such files.
  public var path: String
  /// How rows and columns are used.
  public var layout: Layout
  /// The names of columns. Others are metrics in the wide layout, labels in the long one.
  public var columns: Columns
  /// The service where no column names it; nil leaves it to labels in a metric's name.
  public var service: String?
  /// How instants are written.
  public var timeFormat: TimeFormat

  /// Makes a source.
  public init(
    path: String, layout: Layout = .auto, columns: Columns = Columns(), service: String? = nil,
    timeFormat: TimeFormat = .auto
  ) {
    (self.path, self.layout, self.columns) = (path, layout, columns)
    (self.service, self.timeFormat) = (service, timeFormat)
  }
}

/// A file of incidents.
public struct IncidentsSource: Hashable, Sendable {
  /// The file. It is read as comma-separated values unless `records` holds what is in it.
  public var path: String
  /// What the incidents mean to training and evaluation.
  public var role: Incident.Role
  /// The file's content if the caller has parsed it, as it must for YAML.
  public var records: [IncidentRecord]?

  /// Makes a source.
  public init(path: String, role: Incident.Role = .incident, records: [IncidentRecord]? = nil) {
    (self.path, self.role, self.records) = (path, role, records)
  }
}

/// An incident as it stands in a file: names and texts.
///
/// Required are `id`, `start` and one of `resolved` and `end`; `service` (empty for the whole
/// system), `kind` or `type`, and `detected` are optional, and others are ignored. Instants are
/// RFC 3339; without a zone they are UTC.
public struct IncidentRecord: Hashable, Sendable {
  /// The fields by name.
  public var fields: [String: String]
  /// The file and line, for errors: `incidents.yaml:12`.
  public var place: String

  /// Makes a record.
  public init(fields: [String: String], place: String) {
    (self.fields, self.place) = (fields, place)
  }
}
