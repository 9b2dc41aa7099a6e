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
/// - Throws: `IngestError`.
public func ingest(
  _ configuration: IngestConfiguration, progress: ProgressSink? = nil
) throws(IngestError) -> Dataset {
  do {
    return try makeDataset(configuration, progress)
  } catch let error as IngestError {
    throw error
  } catch let error as StorageError {
    throw .storage(error)
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
}

private func makeDataset(
  _ configuration: IngestConfiguration, _ progress: ProgressSink?
) throws -> Dataset {
  try validate(configuration)
  let readers = configuration.sources.map(reader) + configuration.incidents.map(IncidentReader.init)
  var done = 0
  var collector = TelemetryCollector(configuration) { name in
    progress?(
      ProgressEvent(stage: "ingest", completed: done, total: readers.count, detail: name))
  }
  for reader in readers {
    try reader.read(into: &collector)
    done += 1
  }
  let grid = try chooseGrid(configuration, collector)
  let services = try frames(configuration, &collector, grid)
  let incidents = try relevantIncidents(&collector, grid, services)
  progress?(ProgressEvent(stage: "ingest", completed: done, total: readers.count))
  return Dataset(
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
  case .loki(let path): LokiReader(path: path)
  case .trainTicket(let path): TrainTicketReader(path: path)
  case .smd(let path, let machine): SMDReader(path: path, machine: machine)
  case .published(let source): publishedReader(source)
  }
}

/// A frame per service that has samples or log lines, and the totals of the report.
private func frames(
  _ configuration: IngestConfiguration, _ collector: inout TelemetryCollector, _ grid: TimeGrid
) throws -> [ServiceFrame] {
  let naming = ServiceNaming(labels: configuration.serviceLabels)
  let builder = FrameBuilder(grid: grid, kinds: configuration.kinds)
  let activity = LogActivityBuilder(grid: grid, coverage: collector.logs.coverage)
  var groups: [String: [RawSeries]] = [:]
  for series in collector.series.all {
    groups[series.service ?? naming.service(of: series.labels), default: []].append(series)
  }
  let logs = Dictionary(uniqueKeysWithValues: collector.logs.services.map { ($0.name, $0.log) })
  var report = collector.report
  report.samples = collector.series.samples
  report.series = collector.series.all.count
  var frames: [ServiceFrame] = []
  var isFilled = [Bool](repeating: false, count: grid.count)
  for service in Set(groups.keys).union(logs.keys).sorted() {
    let columns = builder.columns(
      of: groups[service] ?? [], service: service, report: &report)
    var values = [Double](repeating: .nan, count: grid.count * columns.count)
    for (index, column) in columns.enumerated() {
      for row in 0..<grid.count {
        values[row * columns.count + index] = column.values[row]
        if !column.values[row].isNaN { isFilled[row] = true }
      }
      report.missingCells += column.values.count { $0.isNaN }
    }
    report.cells += values.count
    let activity = logs[service].map {
      activity.activity(of: $0, service: service, report: &report)
    }
    for count in activity?.counts ?? [] { isFilled[count.row] = true }
    frames.append(
      ServiceFrame(
        service: service, columns: columns.map(\.description), values: values, logs: activity))
  }
  let empty = isFilled.count { !$0 }
  if empty * 2 > grid.count {
    let farthest =
      collector.series.covered.span == nil
      ? collector.logs.farthest : collector.series.farthest
    report.note(
      IngestReport.emptyTimeReason, .changed, in: "grid", count: empty,
      example: "\(empty) of \(grid.count) cells hold nothing of any service; \(farthest) lies "
        + "farthest from the rest: remove it, or set reader.start and reader.end")
  }
  collector.report = report
  return frames
}

/// The incidents that concern the dataset, in ascending order of start.
private func relevantIncidents(
  _ collector: inout TelemetryCollector, _ grid: TimeGrid, _ services: [ServiceFrame]
) throws(IngestError) -> [Incident] {
  try requireOverlap(collector.incidents, grid)
  let names = Set(services.map(\.service))
  var report = collector.report
  let incidents = collector.incidents.filter { incident in
    if grid.indices(touching: incident.start, incident.resolved).isEmpty {
      report.note(
        "incident_outside_range", .skipped, in: "incidents", example: foreign(incident.id))
      return false
    }
    // Kept: evaluation counts it as missed, for nobody could have seen it.
    if let service = incident.service, !names.contains(service) {
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
