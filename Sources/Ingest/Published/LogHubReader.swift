internal import LogTemplates
internal import Storage
internal import Telemetry

/// Reads a sample of raw log lines of one system.
///
/// Zhu et al., "Loghub: A Large Collection of System Log Datasets for AI-driven Log Analytics"
/// (ISSRE 2023). A line's header gives its time and severity, the rest is its text. No system states
/// a zone: times are UTC. BGL marks alerts at the head of a line; a run of lines with one mark is an
/// incident. The samples are spread thinly over their time, so how many lines an hour has means
/// nothing.
struct LogHubReader: SourceReader {
  let source: PublishedSource

  func read(into collector: inout TelemetryCollector) throws {
    guard let format = LogHubFormat(rawValue: source.part) else {
      throw IngestError.missingPart(
        path: "\(source.path)/\(source.part)",
        expected: "one of \(LogHubFormat.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    let file = try source.open("\(source.part)/\(source.part)_2k.log", &collector)
    var parser = LogHubParser(format: format)
    var span: ClosedRange<Int64>?
    var alert: Alert?
    var alerts = 0
    var line = 0
    for bytes in try file.readAll().split(separator: 0x0A, omittingEmptySubsequences: false) {
      line += 1
      let ends = bytes.reversed().prefix { $0 == 0x0D }.count
      guard bytes.count > ends else { continue }
      collector.report.logLines += 1
      let text = String(decoding: bytes.dropLast(ends), as: UTF8.self)
      guard let entry = parser.parse(text) else {
        collector.note("bad_header", .skipped, in: file, line: line, detail: quoted(text))
        continue
      }
      let time = entry.time.milliseconds
      span = min(span?.lowerBound ?? time, time)...max(span?.upperBound ?? time, time)
      try collector.logs.add(
        Array(entry.content.utf8), at: time, service: source.part,
        fallback: LogLevel(named: String(entry.level)) ?? .unknown, origin: .query,
        lineNumber: line)
      let mark = entry.alert.map(String.init)
      if let run = alert, run.kind != mark {
        alerts += 1
        try add(run, alerts, file, &collector)
        alert = nil
      }
      if let mark {
        let known = alert?.span ?? time...time
        alert = Alert(
          kind: mark, line: alert?.line ?? line,
          span: min(known.lowerBound, time)...max(known.upperBound, time))
      }
    }
    if let alert { try add(alert, alerts + 1, file, &collector) }
    if let span { collector.logs.cover(span.lowerBound, span.upperBound, origin: .query) }
  }

  /// Consecutive lines with one mark.
  private struct Alert {
    var kind: String
    var line: Int
    /// Milliseconds since 1970.
    var span: ClosedRange<Int64>
  }

  private func add(
    _ alert: Alert, _ number: Int, _ file: SourceText, _ collector: inout TelemetryCollector
  ) throws(IngestError) {
    try collector.add(
      source.incident(
        number, of: source.part, kind: alert.kind,
        (
          Timestamp(milliseconds: alert.span.lowerBound - 1),
          Timestamp(milliseconds: alert.span.upperBound)
        )),
      place: "\(file.path):\(alert.line)")
  }
}
