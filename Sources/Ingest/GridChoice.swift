internal import Telemetry

/// The grid over all samples, or over all log lines when there are no samples.
///
/// - Throws: `IngestError.noData`, `.emptyRange`, or `.tooManyCells` before anything of the grid's
///   size is allocated; `StorageError` when spilled samples cannot be read.
func chooseGrid(
  _ configuration: IngestConfiguration, _ collector: TelemetryCollector
) throws -> TimeGrid {
  let hasSamples = collector.series.covered.span != nil
  guard let span = collector.series.covered.span ?? collector.logs.covered.span else {
    throw IngestError.noData(
      paths: configuration.sources.map(\.path), skipped: collector.mainSkip())
  }
  let grid = grid(
    covering: span,
    phase: collector.series.offsets.phase, interval: configuration.interval,
    start: configuration.start, end: configuration.end)
  guard grid.count > 0 else {
    let wanted =
      "\(configuration.start?.description ?? "the beginning") and "
      + "\(configuration.end?.description ?? "the end")"
    throw IngestError.emptyRange(wanted: wanted, found: text(of: span))
  }
  // Before series are merged each has a column, and logs cost at least one value per row.
  let columns = collector.series.all.count + collector.logs.services.count
  let (cells, overflow) = grid.count.multipliedReportingOverflow(by: columns)
  guard !overflow, cells <= configuration.limits.cells else {
    throw IngestError.tooManyCells(
      rows: grid.count, columns: columns, limit: configuration.limits.cells, range: text(of: span),
      farthest: hasSamples
        ? try collector.series.farthest() : try collector.logs.farthest())
  }
  return grid
}

private func text(of span: ClosedRange<Int64>) -> String {
  "\(Timestamp(milliseconds: span.lowerBound)) to \(Timestamp(milliseconds: span.upperBound))"
}

extension SourceConfiguration {
  /// The file or folder as the user named it.
  fileprivate var path: String {
    switch self {
    case .prometheus(let path), .openMetrics(let path, _), .loki(let path), .trainTicket(let path),
      .smd(let path, _):
      path
    case .csv(let source): source.path
    case .containerLogs(let source): source.path
    case .syslog(let source): source.path
    case .pattern(let source): source.path
    case .published(let source): source.path
    }
  }
}
