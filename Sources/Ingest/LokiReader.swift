internal import LogTemplates
internal import Storage
internal import Telemetry

/// Reads log lines of Loki: one JSON object per line from `logcli`, or an answer of the API.
struct LokiReader: SourceReader {
  let path: String

  func read(into collector: inout TelemetryCollector) throws {
    for path in try collector.files(at: path) {
      let file = try collector.open(path, type: "loki")
      let lines = try LineReader(file)
      var span: ClosedRange<Int64>?
      if try isAnswer(lines.window, file) {
        var answer = try LokiAnswer(file: file, after: lines.window)
        try answer.read(into: &collector)
        span = answer.span
      } else {
        var entries = LokiLines(file: file, lines: lines)
        try entries.read(into: &collector)
        span = entries.span
      }
      if let span { collector.logs.cover(span.lowerBound, span.upperBound, origin: .query) }
    }
  }

  /// Whether a file is one answer of the API rather than lines; its first key tells.
  private func isAnswer(_ window: ByteWindow, _ file: SourceText) throws -> Bool {
    var reader = JSONReader(window.bytes, range: 0..<window.count, source: file.path)
    guard let first = reader.peek() else { return false }
    if first == 0x5B { return true }
    do {
      try reader.expect("{")
      let key = try reader.string()
      return ["status", "data", "resultType", "result", "error", "errorType"].contains(key)
    } catch {
      throw reader.error(
        "not JSON; expected lines of 'logcli --output=jsonl' or an answer of Loki's API")
    }
  }
}

/// Widens a span by an instant.
func widen(_ span: inout ClosedRange<Int64>?, by time: Int64) {
  span = span.map { min($0.lowerBound, time)...max($0.upperBound, time) } ?? time...time
}

/// The severity that a stream's labels state.
func severity(of labels: [String: String]) -> LogLevel {
  for key in ["level", "detected_level", "severity", "lvl"] {
    if let value = labels[key], let level = LogLevel(named: value) { return level }
  }
  return .unknown
}

/// `{"labels": {…}, "line": "…", "timestamp": "…"}`, one object per line.
private struct LokiLines {
  let file: SourceText
  private var lines: LineReader
  private(set) var span: ClosedRange<Int64>?

  init(file: SourceText, lines: LineReader) { (self.file, self.lines) = (file, lines) }

  mutating func read(into collector: inout TelemetryCollector) throws {
    var isFirst = true
    while let line = try lines.next() {
      guard line.isTooLong || !isBlank(line) else { continue }
      collector.report.logLines += 1
      defer { isFirst = false }
      do {
        guard !line.isTooLong else {
          collector.note(
            "long_line", .skipped, in: file, line: line.number,
            detail: "more than \(file.lineLimit) bytes")
          continue
        }
        try take(line, &collector)
      } catch let error as StorageError {
        // A file that begins wrong is another kind of file.
        if isFirst { throw error }
        collector.note(
          line.isTerminated ? "malformed_line" : "truncated_line", .skipped, in: file,
          line: line.number, detail: reason(error))
      }
    }
  }

  private func isBlank(_ line: LineReader.Line) -> Bool {
    !lines.window.bytes[line.range].contains { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }
  }

  /// Why a line is not JSON, without the path, which would make a report depend on the folder.
  private func reason(_ error: StorageError) -> String {
    guard case .invalidJSON(_, let byte, let reason) = error else { return foreign("\(error)") }
    return "\(reason) at byte \(byte)"
  }

  private mutating func take(
    _ line: LineReader.Line, _ collector: inout TelemetryCollector
  ) throws {
    let window = lines.window
    let repaired = repaired(window.bytes[line.range])
    var reader =
      if let repaired {
        JSONReader(
          repaired, source: file.path, offset: window.offset + line.range.lowerBound)
      } else {
        JSONReader(
          window.bytes, range: line.range, source: file.path, offset: window.offset)
      }
    var (labels, text, time): ([String: String], String?, Timestamp?) = ([:], nil, nil)
    var stamp = ""
    try reader.object { key, reader in
      switch key {
      case "labels": try reader.object { key, reader in labels[key] = try reader.string() }
      case "line": text = try reader.string()
      case "timestamp":
        stamp = try reader.string()
        time = Timestamp(rfc3339: stamp)
        if time == nil { throw reader.error("\(quoted(stamp)) is not an RFC 3339 instant") }
      default: try reader.skip()
      }
    }
    try reader.expectEnd()
    guard let text, let time else {
      throw reader.error("expected the members 'labels', 'line' and 'timestamp'")
    }
    if repaired != nil {
      collector.note("invalid_utf8", .changed, in: file, line: line.number, detail: quoted(text))
    }
    if collector.logs.streams != nil {
      guard let time = nanoseconds(of: time, writtenAs: stamp) else {
        throw reader.error(
          "\(quoted(stamp)) is outside the years 1678 to 2261 that nanoseconds reach")
      }
      collector.logs.streams?.add(Array(text.utf8), at: time, labels: labels)
      return
    }
    widen(&span, by: time.milliseconds)
    try collector.logs.add(
      Array(text.utf8), at: time.milliseconds, service: collector.logs.naming.service(of: labels),
      fallback: severity(of: labels), origin: .query, lineNumber: line.number,
      stream: StreamIdentity(labels: labels), microseconds: microseconds(writtenIn: stamp))
  }
}

/// `{"status", "data": {"resultType": "streams", "result": […]}}`, or a part of it.
private struct LokiAnswer {
  let file: SourceText
  private(set) var span: ClosedRange<Int64>?
  private var errorType = ""
  private var errorMessage: String?

  private let bytes: [UInt8]
  /// Whether bytes of the file were not UTF-8.
  private let isRepaired: Bool

  init(file: SourceText, after window: ByteWindow) throws(StorageError) {
    let bytes = try file.readAll(after: window)
    let repaired = repaired(bytes[...])
    (self.file, self.bytes, isRepaired) = (file, repaired ?? bytes, repaired != nil)
  }

  mutating func read(into collector: inout TelemetryCollector) throws {
    var reader = JSONReader(bytes, source: file.path)
    if reader.peek() == 0x5B {
      try result(&reader, &collector)
    } else {
      try envelope(&reader, &collector)
    }
    try reader.expectEnd()
    if let errorMessage {
      throw IngestError.failedQuery(
        path: file.path, type: errorType.isEmpty ? "error" : errorType, message: errorMessage)
    }
  }

  private mutating func envelope(
    _ reader: inout JSONReader, _ collector: inout TelemetryCollector
  ) throws {
    try reader.object { key, reader in
      switch key {
      case "status":
        if try reader.string() != "success" { errorMessage = errorMessage ?? "no message" }
      case "errorType": errorType = try reader.string()
      case "error": errorMessage = try reader.string()
      case "data" where reader.peek() == 0x7B: try envelope(&reader, &collector)
      case "resultType":
        let type = try reader.string()
        guard type == "streams" else {
          throw IngestError.unsupported(
            path: file.path,
            reason: "result type \(quoted(type)) is metrics, not log lines; read it as prometheus")
        }
      case "result": try result(&reader, &collector)
      default: try reader.skip()
      }
    }
  }

  private mutating func result(
    _ reader: inout JSONReader, _ collector: inout TelemetryCollector
  ) throws {
    try reader.array { reader in try stream(&reader, &collector) }
  }

  /// `{"stream": {…}, "values": [["nanoseconds", "line"], …]}`, members in any order.
  private mutating func stream(
    _ reader: inout JSONReader, _ collector: inout TelemetryCollector
  ) throws {
    var labels: [String: String]?
    var entries: [(nanoseconds: Int64, line: String)] = []
    try reader.object { key, reader in
      switch key {
      case "stream":
        var members: [String: String] = [:]
        try reader.object { key, reader in members[key] = try reader.string() }
        labels = members
      case "values": try reader.array { reader in entries.append(try entry(&reader)) }
      default: try reader.skip()
      }
    }
    guard let labels else { throw reader.error("log stream without a member 'stream'") }
    let service = collector.logs.naming.service(of: labels)
    let level = severity(of: labels)
    let identity = StreamIdentity(labels: labels)
    collector.report.logLines += entries.count
    for entry in entries {
      // In a file with such bytes a line may have had this character before; it is counted too.
      if isRepaired, entry.line.unicodeScalars.contains("\u{FFFD}") {
        collector.report.note(
          "invalid_utf8", .changed, in: file.name,
          example: "\(foreign(service)): \(quoted(entry.line))")
      }
      let line = Array(entry.line.utf8)
      if collector.logs.streams != nil {
        collector.logs.streams?.add(line, at: entry.nanoseconds, labels: labels)
        continue
      }
      let time = millisecondsFloored(entry.nanoseconds)
      widen(&span, by: time)
      try collector.logs.add(
        line, at: time, service: service, fallback: level, origin: .query, stream: identity,
        microseconds: microseconds(of: entry.nanoseconds))
    }
  }

  /// `["nanoseconds", "line"]`, with structured metadata as a possible third element.
  private func entry(_ reader: inout JSONReader) throws -> (nanoseconds: Int64, line: String) {
    try reader.expect("[")
    let text = try reader.string()
    guard let nanoseconds = Int64(text) else {
      throw reader.error("\(quoted(text)) is not a number of nanoseconds since 1970")
    }
    try reader.expect(",")
    let line = try reader.string()
    while reader.take(",") { try reader.skip() }
    try reader.expect("]")
    return (nanoseconds, line)
  }
}

/// Nanoseconds as whole milliseconds, rounded down.
func millisecondsFloored(_ nanoseconds: Int64) -> Int64 {
  nanoseconds / 1_000_000 - (nanoseconds % 1_000_000 < 0 ? 1 : 0)
}

/// Whole microseconds beyond those milliseconds, from 0 to 999.
func microseconds(of nanoseconds: Int64) -> Int {
  let rest = nanoseconds % 1_000_000
  return Int((rest < 0 ? rest + 1_000_000 : rest) / 1000)
}

/// The fraction of a second in an RFC 3339 text, in nanoseconds.
private func fraction(writtenIn text: String) -> Int64 {
  var nanoseconds: Int64 = 0
  var unit: Int64 = 1_000_000_000
  for byte in text.utf8.drop(while: { $0 != 0x2E && $0 != 0x2C }).dropFirst() {
    guard byte >= 0x30, byte <= 0x39 else { break }
    unit /= 10
    nanoseconds += Int64(byte - 0x30) * unit
  }
  return nanoseconds
}

/// What an RFC 3339 text says beyond milliseconds, from 0 to 999.
func microseconds(writtenIn text: String) -> Int {
  Int(fraction(writtenIn: text) / 1000 % 1000)
}

/// An instant in nanoseconds since 1970, with the digits of its RFC 3339 text that `Timestamp` cuts
/// off; nil when 64 bits do not hold it.
func nanoseconds(of time: Timestamp, writtenAs text: String) -> Int64? {
  let nanoseconds = fraction(writtenIn: text)
  // The fraction counts forwards also before 1970.
  let (start, overflow) = (time.milliseconds - nanoseconds / 1_000_000)
    .multipliedReportingOverflow(by: 1_000_000)
  let (sum, carry) = start.addingReportingOverflow(nanoseconds)
  return overflow || carry ? nil : sum
}
