internal import Features
internal import Ingest
internal import Telemetry

/// Samples of one series.
struct LiveSeries: Sendable {
  /// All labels, the metric's name as `__name__`.
  var labels: [String: String]
  /// Milliseconds since 1970, [samples].
  var times: [Int64] = []
  /// [samples]
  var values: [Double] = []
}

/// A log line with the labels of its stream.
struct LiveLine: Sendable {
  /// Nanoseconds since 1970.
  var time: Int64
  var labels: [String: String]
  var text: [UInt8]
}

/// Makes rows of samples and lines, by ingest's own layout.
struct RowAssembly: Sendable {
  /// Cells that have to be known before those that are wanted.
  static let leadingCells = CellLayout.leadingCells

  let schema: LiveSchema
  let numbers: CellNumbers
  private let limits: IngestLimits

  init(_ schema: LiveSchema, limits: LiveLimits) {
    self.schema = schema
    numbers = CellNumbers(schema)
    var ingestLimits = IngestLimits()
    // Series that the model wants were counted before. Nothing goes to a scratch file: a scorer has
    // no disk for it, and answers are bounded.
    ingestLimits.series = .max
    ingestLimits.memoryBytes = 1 << 40
    self.limits = ingestLimits
  }

  /// The rows of all services in consecutive cells, by cell and then by service.
  ///
  /// - Parameters:
  ///   - lines: Nil where it is not known what was logged.
  ///   - source: What errors call it.
  /// - Throws: `IngestError`.
  func rows(
    of cells: ClosedRange<Int>, series: [LiveSeries], lines: [LiveLine]?, source: String
  ) throws -> [LiveRow] {
    let grid = numbers.grid(cells.lowerBound - CellLayout.leadingCells...cells.upperBound)
    var layout = CellLayout(
      grid: grid, serviceLabels: schema.serviceLabels, kinds: schema.kinds,
      logMasks: schema.logMasks, limits: limits, source: source)
    for one in series { try layout.add(one.values, at: one.times, labels: one.labels) }
    if let lines {
      layout.coverLogs()
      for line in lines { try layout.add(line: line.text, at: line.time, labels: line.labels) }
    }
    let frames = Dictionary(
      uniqueKeysWithValues: try layout.frames().map { ($0.service, $0) })
    let byService = schema.services.map { service in
      rows(of: service, frames[service.name], grid, areLogsKnown: lines != nil)
    }
    return cells.indices.flatMap { index -> [LiveRow] in
      let cell = cells.distance(from: cells.startIndex, to: index)
      return zip(schema.services, byService).map { LiveRow(service: $0.name, row: $1[cell]) }
    }
  }

  private func rows(
    of service: LiveSchema.Service, _ frame: ServiceFrame?, _ grid: TimeGrid, areLogsKnown: Bool
  ) -> [TelemetryRow] {
    let readsLogs = service.readsLogs && areLogsKnown
    let frame = frame ?? ServiceFrame(service: service.name, columns: [], values: [])
    return FrameRows(frame: frame, grid: grid, columns: service.columns)
      .dropFirst(CellLayout.leadingCells)
      .map { row in
        TelemetryRow(
          time: row.time, metrics: row.metrics, logs: readsLogs ? row.logs ?? [] : nil,
          transitions: readsLogs ? row.transitions ?? [] : nil)
      }
  }
}
