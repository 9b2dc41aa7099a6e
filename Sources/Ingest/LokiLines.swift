internal import Storage
internal import Telemetry

/// `{"labels": {…}, "line": "…", "timestamp": "…"}`, one object per line.
struct LokiLines {
  private let file: SourceText
  private let isScanning: Bool
  private var lines: LineReader
  private let streams: LokiStreams
  private var buffer = LogLineBuffer()
  private var one = LogLineBuffer(capacity: 1)

  init(file: SourceText, lines: LineReader, streams: LokiStreams, isScanning: Bool) {
    (self.file, self.lines, self.streams) = (file, lines, streams)
    self.isScanning = isScanning
  }

  mutating func read(into collector: inout TelemetryCollector) throws {
    var isFirst = true
    while true {
      if isScanning, try scan(&collector) { isFirst = false }
      guard let line = try lines.next() else { return }
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

  /// Takes lines of the usual form as long as there are any; returns whether there were.
  private mutating func scan(_ collector: inout TelemetryCollector) throws -> Bool {
    var taken = false
    while true {
      let first = lines.count + 1
      let unknown = lines.takeLogLines(labels: streams.texts, into: &buffer)
      if buffer.count > 0 {
        taken = true
        collector.report.logLines += buffer.count
        try streams.add(buffer, in: file, firstLine: first, &collector)
      }
      let wasFull = buffer.isFull
      buffer.removeAll()
      if let unknown, learn(unknown) { continue }
      guard wasFull else { return taken }
    }
  }

  /// Learns labels that the scanner did not know; false when they have an unusual form, or are too
  /// long to be remembered.
  private mutating func learn(_ range: Range<Int>) -> Bool {
    var reader = JSONReader(lines.window.bytes, range: range, source: file.path)
    do {
      let labels = try reader.labels()
      try reader.expectEnd()
      let number = streams.number(of: labels)
      return streams.set(lines.window.bytes[range], number: number)
    } catch {
      // The line is refused, with the place and reason, when it is taken as a whole.
      return false
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

  /// Takes a line of any form.
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
    let entry = try entry(&reader)
    if repaired != nil {
      collector.note(
        "invalid_utf8", .changed, in: file, line: line.number, detail: quoted(entry.text))
    }
    guard let nanoseconds = nanoseconds(of: entry.time, writtenAs: entry.stamp) else {
      if collector.logs.streams == nil {
        try collector.logs.check(
          entry.time, service: collector.logs.naming.service(of: entry.labels),
          lineNumber: line.number)
      }
      throw reader.error(
        "\(quoted(entry.stamp)) is outside the years 1678 to 2261 that nanoseconds reach")
    }
    let number = streams.number(of: entry.labels)
    one.removeAll()
    one.append(Array(entry.text.utf8), at: nanoseconds, number: number)
    try streams.add(one, in: file, firstLine: line.number, &collector)
  }

  private func entry(
    _ reader: inout JSONReader
  ) throws -> (labels: [String: String], text: String, time: Timestamp, stamp: String) {
    var (labels, text, time) = ([String: String]?.none, String?.none, Timestamp?.none)
    var stamp = ""
    try reader.object { key, reader in
      switch key {
      case "labels" where labels == nil: labels = try reader.labels()
      case "line" where text == nil: text = try reader.string()
      case "timestamp" where time == nil:
        stamp = try reader.string()
        time = Timestamp(rfc3339: stamp)
        if time == nil { throw reader.error("\(quoted(stamp)) is not an RFC 3339 instant") }
      case "labels", "line", "timestamp": throw reader.error("second member \(quoted(key))")
      default: try reader.skip()
      }
    }
    try reader.expectEnd()
    guard let text, let time else {
      throw reader.error(
        "expected the members 'labels', 'line' and 'timestamp'; export with "
          + "'logcli query --output=jsonl --include-common-labels'")
    }
    return (labels ?? [:], text, time, stamp)
  }
}
