/// One service's telemetry on a grid.
public struct ServiceFrame: Hashable, Sendable {
  /// The service's name, unique within a dataset.
  public var service: String
  /// Descriptions of the metric columns.
  public var columns: [MetricColumn]
  /// Row-major [rows × columns.count] in the metrics' own units; NaN is missing.
  public var values: [Double]
  /// Log activity over the same rows, if the service has logs.
  public var logs: LogActivity?

  /// Makes a frame.
  ///
  /// - Precondition: `values` holds a whole number of rows.
  public init(service: String, columns: [MetricColumn], values: [Double], logs: LogActivity? = nil)
  {
    precondition(
      columns.isEmpty ? values.isEmpty : values.count % columns.count == 0,
      "\(values.count) values for \(columns.count) columns")
    (self.service, self.columns, self.values, self.logs) = (service, columns, values, logs)
  }

  /// The metric values of one grid cell, [columns.count].
  public func row(_ index: Int) -> ArraySlice<Double> {
    values[index * columns.count..<(index + 1) * columns.count]
  }

  /// Equal content, NaN equal to NaN.
  public static func == (a: ServiceFrame, b: ServiceFrame) -> Bool {
    a.service == b.service && a.columns == b.columns && a.logs == b.logs
      && a.values.elementsEqual(b.values) { $0.bitPattern == $1.bitPattern }
  }
}

/// A file that a dataset was made from.
public struct SourceRecord: Hashable, Sendable {
  /// The reader's name, such as `prometheus`.
  public var type: String
  /// The file's name without its folder, so that moving an export does not change a dataset.
  public var name: String
  /// SHA-256 of the file's bytes as they are on disk, in hexadecimal.
  public var sha256: String
  /// The file's size on disk.
  public var bytes: Int

  /// Makes a record.
  public init(type: String, name: String, sha256: String, bytes: Int) {
    (self.type, self.name, self.sha256, self.bytes) = (type, name, sha256, bytes)
  }
}

/// Telemetry of a system on one regular time grid, with what is known of its incidents.
public struct Dataset: Hashable, Sendable {
  /// The time axis that all services share.
  public var grid: TimeGrid
  /// Frames in ascending order of service name, each with `grid.count` rows.
  public var services: [ServiceFrame]
  /// Incidents in ascending order of start.
  public var incidents: [Incident]
  /// Where the data came from, in the order of reading.
  public var sources: [SourceRecord]
  /// What reading found, skipped and changed.
  public var report: IngestReport
  /// Where a published dataset's own test part begins: the cells after this instant.
  public var publishedTestStart: Timestamp?
  /// How it was made, if that is known; no part of its content.
  public var lineage: DatasetLineage?

  /// Makes a dataset.
  public init(
    grid: TimeGrid, services: [ServiceFrame], incidents: [Incident], sources: [SourceRecord] = [],
    report: IngestReport = IngestReport(), publishedTestStart: Timestamp? = nil,
    lineage: DatasetLineage? = nil
  ) {
    (self.grid, self.services, self.incidents) = (grid, services, incidents)
    (self.sources, self.report, self.publishedTestStart) = (sources, report, publishedTestStart)
    self.lineage = lineage
  }
}
