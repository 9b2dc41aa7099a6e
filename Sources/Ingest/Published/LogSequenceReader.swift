internal import Storage
internal import Telemetry

/// Reads sessions that are sequences of events, without times.
///
/// On the grid each session is a cell, training sessions first, and its events are log lines of the
/// cell: the templates' texts, a millisecond apart in their order. A snapshot thus holds how often
/// each event occurs in each session; reading into columns keeps the order, a stream a session. An
/// anomalous session is an incident that covers its cell.
struct LogSequenceReader: SourceReader {
  let source: PublishedSource

  /// Whether this is the part whose tables have headers and labels.
  private var isHDFS: Bool { source.part == "hdfs-100k" }

  /// The files of a part; those of training come before those of test.
  static func files(of part: String) -> [String] {
    part == "hdfs-100k"
      ? ["templates.csv", "sessions_train.csv", "sessions_test.csv"].map { "\(part)/\($0)" }
      : ["OpenStack_templates.csv", "openstack_train", "openstack_test_normal"]
        .map { "\(part)/\($0)" } + ["\(part)/openstack_test_abnormal"]
  }

  func read(into collector: inout TelemetryCollector) throws {
    let axis = IndexedAxis(step: source.interval)
    let files = Self.files(of: source.part)
    let templates = try templates(source.open(files[0], &collector))
    var (sessions, trainSessions) = (0, 0)
    for (index, name) in files.enumerated().dropFirst() {
      let file = try source.open(name, &collector)
      let abnormal = name.hasSuffix("abnormal")
      try file.eachRecord(after: isHDFS ? ["session", "label", "events"] : nil) { record in
        let session = try session(of: record, file, abnormal: abnormal, templates: templates.count)
        let (start, end) = axis.span(ofRows: sessions..<sessions + 1)
        try add(
          session, of: templates, from: start, line: record.line, &collector)
        if session.isAnomalous {
          try collector.add(
            Incident(
              id: session.id, service: source.part, kind: "anomaly", start: start, resolved: end),
            place: "\(file.path):\(record.line)")
        }
        sessions += 1
      }
      if index == 1 { trainSessions = sessions }
    }
    guard trainSessions > 0 else {
      throw IngestError.malformed(
        path: "\(source.path)/\(files[1])", line: 1, reason: "no sessions")
    }
    let all = axis.span(ofRows: 0..<sessions)
    collector.logs.cover(all.start.milliseconds + 1, all.end.milliseconds, origin: .query)
    try collector.setTestStart(axis.time(ofRow: trainSessions - 1), path: source.path)
  }

  private struct Session {
    var id: String
    var isAnomalous: Bool
    /// Indices of templates in the order of their appearance.
    var events: [Int]
  }

  /// The texts of events, of which the first has the id 1.
  private func templates(_ file: SourceText) throws -> [[UInt8]] {
    guard isHDFS else {
      // One text a line, commas and all.
      return try file.readAll().split(separator: 0x0A).map { line in
        Array(line.last == 0x0D ? line.dropLast() : line)
      }
    }
    var templates: [[UInt8]] = []
    try file.eachRecord(after: ["event_id", "template"]) { record in
      guard record.count == 2, record.string(0) == String(templates.count + 1) else {
        throw IngestError.malformed(
          path: file.path, line: record.line,
          reason: "expected the event \(templates.count + 1) and its template")
      }
      templates.append(Array(record[1]))
    }
    return templates
  }

  /// `session,label,events` of HDFS, `instance,events` of OpenStack.
  private func session(
    of record: CSVRecords.Record, _ file: SourceText, abnormal: Bool, templates: Int
  ) throws(IngestError) -> Session {
    let label = isHDFS && record.count > 1 ? record.string(1) : abnormal ? "1" : "0"
    guard record.count == (isHDFS ? 3 : 2), label == "0" || label == "1" else {
      throw .malformed(
        path: file.path, line: record.line,
        reason: "no session\(isHDFS ? ", label 0 or 1" : "") and events")
    }
    var events: [Int] = []
    for text in record.string(record.count - 1).split(separator: " ") {
      guard let event = Int(text), event >= 1, event <= templates else {
        throw .malformed(
          path: file.path, line: record.line,
          reason: "\(quoted(String(text))) is no event from 1 to \(templates)")
      }
      events.append(event - 1)
    }
    guard events.count < source.interval.milliseconds else {
      throw .malformed(
        path: file.path, line: record.line,
        reason:
          "\(events.count) events in a session; at most \(source.interval.milliseconds - 1) fit")
    }
    return Session(id: record.string(0), isAnomalous: label == "1", events: events)
  }

  private func add(
    _ session: Session, of templates: [[UInt8]], from start: Timestamp, line: Int,
    _ collector: inout TelemetryCollector
  ) throws(IngestError) {
    collector.report.logLines += session.events.count
    for (position, event) in session.events.enumerated() {
      let time = start.milliseconds + Int64(position) + 1
      if collector.logs.streams != nil {
        collector.logs.streams?.add(
          templates[event], at: time * 1_000_000,
          labels: ["service": source.part, "session": session.id])
      } else {
        try collector.logs.add(
          templates[event], at: time, service: source.part, fallback: .unknown, origin: .query,
          lineNumber: line, stream: StreamIdentity(session.id))
      }
    }
  }
}
