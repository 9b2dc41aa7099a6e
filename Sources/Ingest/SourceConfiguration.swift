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
  /// Logs of containers, as Kubernetes (CRI) and Docker (json-file) keep them.
  case containerLogs(ContainerLogSource)
  /// Files of syslog, RFC 5424 or RFC 3164.
  case syslog(SyslogSource)
  /// Log files in a format that an expression describes.
  case pattern(PatternSource)
  /// A day of the TrainTicket data of Nezha: the folder with `metric` and `log`, or its parent.
  case trainTicket(path: String)
  /// One machine of the Server Machine Dataset: the folder with `train`, `test` and `test_label`,
  /// and a machine's name such as `machine-1-2`.
  case smd(path: String, machine: String)
  /// One part of another published dataset.
  case published(PublishedSource)
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
