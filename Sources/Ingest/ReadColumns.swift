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
  if case .prometheus(let path) = source { return try readAnswers(path, configuration) }
  return try readColumns(configuration, reader(for: source))
}

/// Reads log lines as they stand in files of Loki, for tests.
///
/// - Parameters:
///   - window: Bytes to read at a time.
///   - isScanning: Whether plain lines are scanned, which gives the same.
package func readLogColumns(
  _ path: String, window: Int, isScanning: Bool
) throws(IngestError) -> SourceColumns {
  let configuration = IngestConfiguration(interval: .minutes(1), sources: [.loki(path: path)])
  return try readColumns(
    configuration, LokiReader(path: path, window: window, isScanning: isScanning))
}

private func readColumns(
  _ configuration: IngestConfiguration, _ reader: some SourceReader
) throws(IngestError) -> SourceColumns {
  // Columns do not say which file they are of.
  var collector = TelemetryCollector(configuration, isIdentifying: false) { _ in }
  collector.logs.streams = LogStreams()
  do {
    try reader.read(into: &collector)
    try collector.finishFile()
    return try columns(&collector)
  } catch let error as IngestError {
    throw error
  } catch let error as StorageError {
    throw .storage(error)
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
}

private func columns(_ collector: inout TelemetryCollector) throws -> SourceColumns {
  var report = collector.report
  report.samples = collector.series.samples
  report.series = collector.series.all.count
  var series: [SourceColumns.Series] = []
  var shared = SharedTimes()
  for one in collector.series.all {
    report.note(
      "not_finite", .skipped, in: one.source, count: one.infinite.count,
      example: canonical(one.labels))
    var values: [Double] = []
    try collector.series.store.forEachBlock(of: one.samples) { block in
      shared.add(block)
      if block.values.count == one.samples.count {
        values = block.values
      } else {
        if values.isEmpty { values.reserveCapacity(one.samples.count) }
        values += block.values
      }
    }
    let times = shared.finish()
    series.append(SourceColumns.Series(labels: one.labels, times: times, values: values))
  }
  return SourceColumns(
    series: series, streams: collector.logs.streams?.all ?? [], report: report)
}

/// Answers of Prometheus go straight into columns, without the store that bounds memory.
private func readAnswers(
  _ path: String, _ configuration: IngestConfiguration
) throws(IngestError) -> SourceColumns {
  do {
    let paths = try TelemetryCollector(configuration) { _ in }.files(at: path)
    var answers = AnswerColumns(configuration.limits)
    var left = configuration.limits.inputBytes
    for path in paths {
      let source = try ByteSource(opening: path, limit: left, identified: false)
      var stream = JSONStream(source: path) { buffer, start in
        try source.fill(&buffer, from: start)
      }
      var answer = PrometheusAnswer(path: path)
      try answer.read(&stream, into: &answers)
      left -= source.bytesProduced
    }
    return answers.columns
  } catch let error as IngestError {
    throw error
  } catch let error as StorageError {
    throw .storage(error)
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
}

/// Gathers the series of answers.
private struct AnswerColumns: SeriesSink {
  private var series: [(labels: [String: String], times: [Int64], values: [Double])] = []
  private var numbers: [[String: String]: Int] = [:]
  private var report = IngestReport()
  private let limit: Int
  private let bounds: InstantBounds
  private var path = ""

  init(_ limits: IngestLimits) {
    limit = limits.series
    bounds = InstantBounds(limits)
  }

  var columns: SourceColumns {
    var report = report
    report.series = series.count
    return SourceColumns(
      series: series.map {
        SourceColumns.Series(labels: $0.labels, times: $0.times, values: $0.values)
      },
      streams: [], report: report)
  }

  mutating func begin(labels: [String: String], path: String) throws -> Int {
    self.path = path
    if let number = numbers[labels] { return number }
    guard series.count < limit else { throw IngestError.tooManySeries(path: path, limit: limit) }
    numbers[labels] = series.count
    series.append((labels, [], []))
    return series.count - 1
  }

  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int
  ) throws {
    report.samples += values.count
    var isPlain = true
    for value in values where !value.isFinite { isPlain = false }
    for time in times where !bounds.holds(time) { isPlain = false }
    if isPlain {
      series[number].times += times
      series[number].values += values
      return
    }
    for (value, time) in zip(values, times) {
      try bounds.check(
        time, of: "series \(quoted(canonical(series[number].labels)))", path: path, line: nil)
      if value.isFinite {
        series[number].times.append(time)
        series[number].values.append(value)
      } else if value.isInfinite {
        report.note(
          "not_finite", .skipped, in: name, example: canonical(series[number].labels))
      }
    }
  }

  mutating func skipHistograms(labels: [String: String], path: String) {
    self.path = path
    report.note("native_histogram", .skipped, in: name, example: canonical(labels))
  }

  private var name: String { singleLine(String(path.split(separator: "/").last ?? "")) }
}
