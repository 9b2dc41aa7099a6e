internal import Storage
internal import Telemetry

/// Reads a day of the TrainTicket data that Nezha published: metrics, logs and incidents.
///
/// Yu et al., "Nezha: Interpretable Fine-Grained Root Causes Analysis for Microservices on
/// Multi-Modal Observability Data" (ESEC/FSE 2023). A pod's service is its name without the last
/// two parts; `front_service.csv`, the system as its users see it, is the service `front`.
/// `incidents.csv` holds the incidents, `suspected_unlisted.csv` stretches to leave out.
struct TrainTicketReader: SourceReader {
  /// The name of this source in the report.
  static let name = "trainticket"

  let path: String

  func read(into collector: inout TelemetryCollector) throws {
    let folder = try dayFolder()
    for path in try tables(in: "\(folder)/metric", &collector) {
      let file = try collector.open(path, type: Self.name)
      try TrainTicketMetrics(file: file).read(into: &collector)
    }
    var logs = TrainTicketLogs()
    for part in ["log", "log-fault-free"] {
      if part != "log", FileSystem.item(at: "\(folder)/\(part)") == nil { continue }
      for path in try tables(in: "\(folder)/\(part)", &collector) {
        let file = try collector.open(path, type: Self.name)
        try logs.read(file, into: &collector)
      }
    }
    guard FileSystem.item(at: "\(folder)/incidents.csv") != nil else {
      throw IngestError.missingPart(
        path: "\(folder)/incidents.csv", expected: "the injected faults as an incidents file")
    }
    for (name, role) in [
      ("incidents.csv", Incident.Role.incident), ("suspected_unlisted.csv", .excluded),
    ] where FileSystem.item(at: "\(folder)/\(name)") != nil {
      let source = IncidentsSource(path: "\(folder)/\(name)", role: role)
      try IncidentReader(source: source).read(into: &collector)
    }
  }

  /// The folder itself, or the only one in it that has metrics.
  private func dayFolder() throws -> String {
    if FileSystem.item(at: "\(path)/metric") != nil { return path }
    let days = try FileSystem.contents(of: path).filter {
      FileSystem.item(at: "\(path)/\($0)/metric") != nil
    }
    guard days.count == 1 else {
      throw IngestError.missingPart(
        path: "\(path)/metric",
        expected: "the folder of one day of the TrainTicket data, with 'metric' and 'log' in it")
    }
    return "\(path)/\(days[0])"
  }

  private func tables(
    in folder: String, _ collector: inout TelemetryCollector
  ) throws -> [String] {
    guard FileSystem.item(at: folder) != nil else {
      throw IngestError.missingPart(path: folder, expected: "a folder of the TrainTicket data")
    }
    return try collector.files(at: folder, endings: [".csv", ".csv.gz"])
  }
}

/// One table of metrics: `Time,TimeStamp,PodName` or `Time,TimeStamp,ServiceName`, then values.
private struct TrainTicketMetrics {
  /// The upper bound of the highest bucket of the latency histograms, in seconds: not a measurement.
  static let latencyCap = 3600.0
  /// Metrics that are 0 throughout, whatever happens.
  static let broken: Set<String> = ["PodSuccessRate(%)", "SuccessRate(%)"]

  let file: SourceText

  func read(into collector: inout TelemetryCollector) throws {
    var records = try CSVRecords(file)
    var record = CSVRecords.Record()
    let isThere = try records.next(&record)
    let header = isThere ? (0..<record.count).map { record.string($0) } : []
    guard header.count > 3, header[0] == "Time", header[1] == "TimeStamp",
      header[2] == "PodName" || header[2] == "ServiceName"
    else {
      throw IngestError.wrongHeader(
        path: file.path, found: header.joined(separator: ","),
        expected: "'Time,TimeStamp,PodName' or 'Time,TimeStamp,ServiceName' and values")
    }
    let isPod = header[2] == "PodName"
    var columns: [String: [Int?]] = [:]
    while try records.next(&record) {
      guard !record.isTooLong else {
        note("long_record", record, "more than \(file.lineLimit) bytes", &collector)
        continue
      }
      try record.requireClosedQuotes(in: file)
      guard !record.isDamaged, record.count == header.count else {
        note("wrong_field_count", record, "\(record.count) fields", &collector)
        continue
      }
      guard record.isValidUTF8 else {
        note("invalid_utf8", record, "", &collector)
        continue
      }
      guard let time = goTime(record.string(0)) else {
        note("bad_time", record, quoted(record.string(0)), &collector)
        continue
      }
      let owner = record.string(2)
      if columns[owner] == nil {
        columns[owner] = try header.dropFirst(3).map { metric in
          guard !Self.broken.contains(metric) else { return nil }
          return try collector.series.number(
            labels: ["__name__": metric, isPod ? "pod" : "instance": owner],
            service: isPod ? deployment(ofPod: owner) : "front", kind: .gauge, in: file)
        }
      }
      try take(record, header, at: time.milliseconds, columns[owner] ?? [], &collector)
    }
  }

  /// Adds a row's values to their series.
  private func take(
    _ record: CSVRecords.Record, _ header: [String], at time: Int64, _ numbers: [Int?],
    _ collector: inout TelemetryCollector
  ) throws(IngestError) {
    for (index, number) in zip(header.indices.dropFirst(3), numbers) {
      guard let number else {
        note("broken_metric", record, header[index], &collector)
        continue
      }
      let text = record.string(index)
      guard let value = Double(text) else {
        note("bad_number", record, quoted(text), &collector)
        continue
      }
      if value >= Self.latencyCap, header[index].contains("Latency") {
        // Kept: that a call took longer than can be measured is worth knowing.
        note("latency_at_cap", record, header[index], &collector, .changed)
      }
      try collector.series.append(value, at: time, to: number, line: record.line)
    }
  }

  private func note(
    _ reason: String, _ record: CSVRecords.Record, _ detail: @autoclosure () -> String,
    _ collector: inout TelemetryCollector, _ effect: IngestReport.Effect = .skipped
  ) {
    collector.note(
      reason, effect, in: TrainTicketReader.name, file: file, line: record.line, detail: detail(),
      place: "\(file.name) line \(record.line)")
  }
}

/// An instant as Go's `time.Time.String()` writes it, with the monotonic clock at its end:
/// `2023-01-29 08:41:10.649486457 +0000 UTC m=+1.725648324`.
func goTime(_ text: String) -> Timestamp? {
  let words = text.split(separator: " ")
  guard words.count >= 3 else { return nil }
  return Timestamp(rfc3339: "\(words[0]) \(words[1])\(words[2])")
}
