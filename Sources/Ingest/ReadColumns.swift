internal import Storage
public import Telemetry

/// What stands in a source, in columns, before anything is laid on a grid.
public struct SourceColumns: Hashable, Sendable {
  /// The samples of one series.
  public struct Series: Hashable, Sendable {
    /// All labels, the metric's name as `__name__`.
    public let labels: [String: String]
    /// Milliseconds since 1970 in the order of reading, [samples].
    public let times: [Int64]
    /// Finite values, [samples].
    public let values: [Double]
  }

  /// Series in the order of their first appearance.
  public let series: [Series]
  /// Log streams in the order of their first appearance, their lines unmasked.
  public let streams: [LogStream]
  /// What was read and what was left out.
  public let report: IngestReport
}

/// Reads one source into columns.
///
/// Missing samples are left out, as are infinite ones, which the report counts.
///
/// - Throws: `IngestError`.
public func readColumns(
  _ source: SourceConfiguration, limits: IngestLimits = IngestLimits()
) throws(IngestError) -> SourceColumns {
  let configuration = IngestConfiguration(interval: .minutes(1), sources: [source], limits: limits)
  var collector = TelemetryCollector(configuration) { _ in }
  collector.logs.streams = LogStreams()
  do {
    try reader(for: source).read(into: &collector)
  } catch let error as IngestError {
    throw error
  } catch let error as StorageError {
    throw .storage(error)
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
  var report = collector.report
  report.samples = collector.series.samples
  report.series = collector.series.all.count
  for series in collector.series.all {
    report.note(
      "not_finite", .skipped, in: series.source, count: series.infinite.count,
      example: canonical(series.labels))
  }
  return SourceColumns(
    series: collector.series.all.map {
      SourceColumns.Series(labels: $0.labels, times: $0.times, values: $0.values)
    },
    streams: collector.logs.streams?.all ?? [], report: report)
}
