public import Diagnostics
internal import LogTemplates
internal import Storage
public import Telemetry

/// Reads exported telemetry and lays it out on one grid.
///
/// Cell t of the grid covers (t − interval, t]; where cells end within the interval is chosen from
/// the sample times (see `gridPhase`). A gauge's cell holds its last sample, a counter's the
/// increase per second; several series of one column are averaged or summed. What the report says
/// was left out or changed is all that was. The result depends on the content of the files and not
/// on the order of samples in them, or of files among the sources; only which log patterns are kept
/// when there are more than `IngestLimits.patternsPerService` is decided in the order of reading.
///
/// Memory is bounded by `IngestLimits.memoryBytes` and the dataset's own size.
///
/// - Throws: `IngestError`.
public func ingest(
  _ configuration: IngestConfiguration, progress: ProgressSink? = nil
) throws(IngestError) -> Dataset {
  var builder = DatasetBuilder()
  do {
    let outline = try ingest(configuration, into: &builder, progress: progress)
    return builder.dataset(outline)
  } catch let error as IngestError {
    throw error
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
}

/// Reads exported telemetry as `ingest(_:progress:)` does, and hands it to a sink service by service
/// and column by column, so that memory does not grow with the size of the files.
///
/// - Returns: What the dataset says beside what the sink has got.
/// - Throws: `IngestError`, or what the sink throws.
public func ingest(
  _ configuration: IngestConfiguration, into sink: inout some DatasetSink,
  progress: ProgressSink? = nil
) throws -> DatasetOutline {
  do {
    return try makeDataset(configuration, &sink, progress)
  } catch let error as StorageError {
    throw IngestError.storage(error)
  }
}

private func makeDataset(
  _ configuration: IngestConfiguration, _ sink: inout some DatasetSink, _ progress: ProgressSink?
) throws -> DatasetOutline {
  try validate(configuration)
  let readers = configuration.sources.map(reader) + configuration.incidents.map(IncidentReader.init)
  var done = 0
  var collector = TelemetryCollector(configuration) { name in
    progress?(
      ProgressEvent(stage: "ingest", completed: done, total: readers.count, detail: name))
  }
  for reader in readers {
    try reader.read(into: &collector)
    try collector.finishFile()
    done += 1
  }
  let grid = try chooseGrid(configuration, collector)
  try requireOverlap(collector.incidents, grid)
  let services = try writeServices(configuration, &collector, grid, to: &sink)
  try collector.check(configuration.defectBudget)
  let incidents = relevantIncidents(&collector, grid, Set(services))
  progress?(ProgressEvent(stage: "ingest", completed: done, total: readers.count))
  return DatasetOutline(
    grid: grid, services: services, incidents: incidents, sources: collector.sources,
    report: collector.report, publishedTestStart: collector.publishedTestStart,
    lineage: configuration.lineage)
}

private func validate(_ configuration: IngestConfiguration) throws(IngestError) {
  guard configuration.interval > .zero else {
    throw .invalidConfiguration(
      reason: "interval \(configuration.interval) is not positive; choose one such as 1m")
  }
  guard !configuration.sources.isEmpty else {
    throw .invalidConfiguration(reason: "no sources; name at least one file of telemetry")
  }
  let (earliest, latest) = (configuration.limits.earliest, configuration.limits.latest)
  guard earliest < latest else {
    throw .invalidConfiguration(
      reason: "latest \(latest) is not after earliest \(earliest); exchange the two")
  }
}

/// The reader of a source's format.
func reader(for source: SourceConfiguration) -> any SourceReader {
  switch source {
  case .prometheus(let path): PrometheusReader(path: path)
  case .csv(let source): CSVReader(source: source)
  case .openMetrics(let path, let time): OpenMetricsReader(path: path, time: time)
  case .loki(let path): LokiReader(path: path)
  case .containerLogs(let source): ContainerLogReader(source: source)
  case .syslog(let source): SyslogReader(source: source)
  case .pattern(let source): PatternReader(source: source)
  case .trainTicket(let path): TrainTicketReader(path: path)
  case .smd(let path, let machine): SMDReader(path: path, machine: machine)
  case .published(let source): publishedReader(source)
  }
}

/// Hands the sink all services that have samples or log lines, and puts the totals into the report.
///
/// - Returns: The services' names in ascending order.
func writeServices(
  _ configuration: IngestConfiguration, _ collector: inout TelemetryCollector, _ grid: TimeGrid,
  to sink: inout some DatasetSink
) throws -> [String] {
  let naming = ServiceNaming(labels: configuration.serviceLabels)
  let series = collector.series
  let writer = ServiceWriter(grid: grid, series: series, configuration: configuration)
  let activity = LogActivityBuilder(
    grid: grid, coverage: collector.logs.coverage, store: collector.logs.store,
    limits: configuration.limits)
  var groups: [String: [Int]] = [:]
  for (number, series) in series.all.enumerated() {
    groups[series.service ?? naming.service(of: series.labels), default: []].append(number)
  }
  let kinds = series.kinds.merging(configuration.kinds) { _, configured in configured }
  let logs = Dictionary(uniqueKeysWithValues: collector.logs.services.map { ($0.name, $0.log) })
  let services = Set(groups.keys).union(logs.keys).sorted()
  var report = collector.report
  report.samples = series.samples
  report.series = series.all.count
  var isFilled = [Bool](repeating: false, count: grid.count)
  try sink.begin(grid)
  for (index, service) in services.enumerated() {
    collector.progress.mention("service \(index + 1) of \(services.count)")
    let layout = ServiceLayout(
      service: service, series: groups[service] ?? [], in: series, kinds: kinds)
    try writer.write(layout, to: &sink, report: &report, filling: &isFilled)
    let activity = try logs[service].map {
      try activity.activity(of: $0, service: service, report: &report)
    }
    for count in activity?.counts ?? [] { isFilled[count.row] = true }
    try sink.endService(logs: activity)
  }
  let empty = isFilled.count { !$0 }
  if empty * 2 > grid.count {
    let farthest =
      collector.series.covered.span == nil
      ? try collector.logs.farthest() : try collector.series.farthest()
    report.note(
      IngestReport.emptyTimeReason, .changed, in: "grid", count: empty,
      example: "\(empty) of \(grid.count) cells hold nothing of any service; \(farthest) lies "
        + "farthest from the rest: remove it, or set reader.start and reader.end")
  }
  collector.report = report
  return services
}

/// The incidents that concern the dataset, in ascending order of start.
private func relevantIncidents(
  _ collector: inout TelemetryCollector, _ grid: TimeGrid, _ services: Set<String>
) -> [Incident] {
  var report = collector.report
  let incidents = collector.incidents.filter { incident in
    if grid.indices(touching: incident.start, incident.resolved).isEmpty {
      report.note(
        "incident_outside_range", .skipped, in: "incidents", example: foreign(incident.id))
      return false
    }
    // Kept: evaluation counts it as missed, for nobody could have seen it.
    if let service = incident.service, !services.contains(service) {
      report.note(
        "incident_of_unknown_service", .changed, in: "incidents",
        example: "\(foreign(incident.id)): \(foreign(service))")
    }
    return true
  }
  collector.report = report
  return incidents.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
}

/// Incidents that all lie elsewhere are a mistake in a time zone or a file's name, not data.
private func requireOverlap(_ incidents: [Incident], _ grid: TimeGrid) throws(IngestError) {
  guard let first = incidents.map(\.start).min(), let last = incidents.map(\.resolved).max(),
    incidents.allSatisfy({ grid.indices(touching: $0.start, $0.resolved).isEmpty })
  else { return }
  throw .incidentsOutsideData(
    count: incidents.count, incidents: "\(first) to \(last)",
    data: "\(grid.range.start) to \(grid.range.end)")
}
