/// Takes a dataset part by part, so that nobody has to hold all of it.
///
/// Calls come in this order: `begin`, then for each service in ascending order of name
/// `beginService`, `addColumn` once per column and `endService`. What makes the dataset ends with
/// a `DatasetOutline` for the rest.
public protocol DatasetSink {
  /// Takes the time axis that all services share.
  mutating func begin(_ grid: TimeGrid) throws
  /// Takes a service's name and what its columns are.
  mutating func beginService(_ service: String, columns: [MetricColumn]) throws
  /// Takes the values of the next column, [rows] in the metric's own unit; NaN is missing.
  mutating func addColumn(_ values: [Double]) throws
  /// Takes the service's log activity over the same rows; nil when it has no logs.
  mutating func endService(logs: LogActivity?) throws
}

/// What a dataset says beside the telemetry of its services.
public struct DatasetOutline: Hashable, Sendable {
  /// The time axis that all services share.
  public var grid: TimeGrid
  /// The services' names in ascending order.
  public var services: [String]
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

  /// Makes an outline.
  public init(
    grid: TimeGrid, services: [String], incidents: [Incident], sources: [SourceRecord] = [],
    report: IngestReport = IngestReport(), publishedTestStart: Timestamp? = nil,
    lineage: DatasetLineage? = nil
  ) {
    (self.grid, self.services, self.incidents) = (grid, services, incidents)
    (self.sources, self.report, self.publishedTestStart) = (sources, report, publishedTestStart)
    self.lineage = lineage
  }
}

extension Dataset {
  /// The dataset without its services' telemetry.
  public var outline: DatasetOutline {
    DatasetOutline(
      grid: grid, services: services.map(\.service), incidents: incidents, sources: sources,
      report: report, publishedTestStart: publishedTestStart, lineage: lineage)
  }

  /// Hands the grid and the services to a sink.
  ///
  /// - Throws: What the sink throws.
  public func write(to sink: inout some DatasetSink) throws {
    try sink.begin(grid)
    for frame in services {
      try sink.beginService(frame.service, columns: frame.columns)
      let width = frame.columns.count
      for column in 0..<width {
        try sink.addColumn(
          stride(from: column, to: frame.values.count, by: width).map { frame.values[$0] })
      }
      try sink.endService(logs: frame.logs)
    }
  }
}

/// Puts a dataset together in memory.
public struct DatasetBuilder: DatasetSink {
  private var rows = 0
  private var filled = 0
  private var services: [ServiceFrame] = []

  /// Makes a builder without services.
  public init() {}

  /// Takes the grid, whose number of cells all columns have.
  public mutating func begin(_ grid: TimeGrid) { rows = grid.count }

  /// Begins a frame.
  public mutating func beginService(_ service: String, columns: [MetricColumn]) {
    filled = 0
    services.append(
      ServiceFrame(
        service: service, columns: columns,
        values: [Double](repeating: .nan, count: rows * columns.count)))
  }

  /// Fills the next column of the frame begun last, [rows].
  ///
  /// - Precondition: There is such a column and the number of values is that of the grid's cells.
  public mutating func addColumn(_ values: [Double]) {
    let (last, column) = (services.count - 1, filled)
    let width = services[last].columns.count
    precondition(column < width && values.count == rows, "column \(column) of \(values.count)")
    for row in 0..<rows { services[last].values[row * width + column] = values[row] }
    filled += 1
  }

  /// Adds logs to the frame begun last.
  public mutating func endService(logs: LogActivity?) { services[services.count - 1].logs = logs }

  /// The dataset of the services taken so far.
  public func dataset(_ outline: DatasetOutline) -> Dataset {
    Dataset(
      grid: outline.grid, services: services, incidents: outline.incidents,
      sources: outline.sources, report: outline.report,
      publishedTestStart: outline.publishedTestStart, lineage: outline.lineage)
  }
}
