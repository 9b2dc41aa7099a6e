public import Telemetry

/// A file of comma-separated values with a header (RFC 4180), or with another delimiter.
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
    /// on, otherwise seconds.
    case auto
    /// Such as `2026-11-23T08:00:00Z`, also without a zone or with a blank for the `T`.
    case rfc3339
    /// Seconds since 1970, with or without a fraction.
    case unixSeconds
    /// Milliseconds since 1970.
    case unixMilliseconds
  }

  /// How values are written.
  public enum Values: String, Sendable, CaseIterable {
    /// As numbers.
    case numbers
    /// As people read them and Grafana formats them: `350 ms`, `1.5 GiB`, `1,234`, `null`. Headers may
    /// have units too: `latency (ms)`. Samples are in seconds, bytes and other units without prefix.
    case formatted
  }

  /// What columns are for, by their names in the header.
  public struct Columns: Hashable, Sendable {
    /// The instant.
    public var time = "time"
    /// The service's name; optional in the file.
    public var service = "service"
    /// The metric's name, in the long layout.
    public var metric = "metric"
    /// The sample, in the long layout.
    public var value = "value"
    /// Labels; nil for none in the wide layout and all other columns in the long one.
    public var labels: [String]?
    /// What is left out.
    public var ignored: [String] = []

    /// The defaults: `time`, `service`, `metric` and `value`.
    public init() {}
  }

  /// The file, or a folder of such files.
  public var path: String
  /// How rows and columns are used.
  public var layout: Layout
  /// What columns are for. Others are metrics in the wide layout, labels in the long one.
  public var columns: Columns
  /// The service where no column names it; nil leaves it to labels in a metric's name.
  public var service: String?
  /// How instants are written.
  public var timeFormat: TimeFormat
  /// How instants are written, if none of the formats fits.
  public var timePattern: TimePattern?
  /// The clock of instants without a zone.
  public var timeZone = LocalZone.utc
  /// What separates fields, an ASCII character; nil finds it out, see `CSVRecords`.
  public var delimiter: UInt8?
  /// How values are written.
  public var values = Values.numbers
  /// What metrics are to be called, by their names in the file.
  public var names: [String: String] = [:]
  /// Units of metrics, by their names in the file.
  public var units: [String: MeasuredUnit] = [:]

  /// Makes a source.
  public init(
    path: String, layout: Layout = .auto, columns: Columns = Columns(), service: String? = nil,
    timeFormat: TimeFormat = .auto
  ) {
    (self.path, self.layout, self.columns) = (path, layout, columns)
    (self.service, self.timeFormat) = (service, timeFormat)
  }

  /// A panel's data as Grafana saves it: `Time` and a column a series, or `Series`, `Time` and `Value`.
  public static func grafana(path: String) -> CSVSource {
    var source = CSVSource(path: path)
    (source.columns.time, source.columns.metric, source.columns.value) = ("Time", "Series", "Value")
    source.values = .formatted
    return source
  }
}
