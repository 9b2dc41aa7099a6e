internal import LogTemplates
internal import Storage
internal import Telemetry

/// Reads log lines of Loki: one JSON object per line from `logcli`, or answers of the API.
struct LokiReader: SourceReader {
  /// Bytes within which a file's first key ends.
  private static let headLength = 1024

  let path: String
  /// Bytes to read at a time: they stay in the processor's second cache.
  var window = 1 << 18
  /// Whether plain lines are scanned; otherwise every line goes the slow way, for tests.
  var isScanning = true

  func read(into collector: inout TelemetryCollector) throws {
    let paths = try collector.files(at: path)
    let parts = try paths.map { try LokiPart(path: $0) }
    let streams = LokiStreams(collector.logs, limits: collector.limits)
    for (index, path) in paths.enumerated() {
      let file = try collector.open(path, type: "loki")
      var lines = try LineReader(file, window: window)
      try lines.look(ahead: Self.headLength)
      let isAnswer = try isAnswer(lines.window, file)
      // Behind an answer may stand another one.
      streams.beginPart(isOnly: paths.count == 1 && !isAnswer)
      if isAnswer {
        var answer = LokiAnswer(file: file, streams: streams, isScanning: isScanning)
        var stream = JSONStream(
          source: file.path, window: window, tokenLimit: file.lineLimit, isRepairing: true,
          fill: file.bytes(after: lines.window))
        try answer.read(&stream, into: &collector)
      } else {
        var entries = LokiLines(
          file: file, lines: lines, streams: streams, isScanning: isScanning)
        try entries.read(into: &collector)
      }
      if let span = parts[index].covered(by: streams.span) {
        collector.logs.cover(span.lowerBound, span.upperBound, origin: .query)
      }
    }
    streams.finish(path, &collector)
    LokiPart.noteGaps(between: parts, &collector)
  }

  /// Whether a file is an answer of the API rather than lines; its first key tells.
  private func isAnswer(_ window: ByteWindow, _ file: SourceText) throws -> Bool {
    var reader = JSONReader(window.bytes, range: 0..<window.count, source: file.path)
    guard let first = reader.peek() else { return false }
    if first == 0x5B { return true }
    do {
      try reader.expect("{")
      return LokiAnswer.keys.contains(try reader.string())
    } catch {
      throw reader.error(
        "not JSON; expected lines of 'logcli --output=jsonl' or an answer of Loki's API; export "
          + "again with 'logcli query --output=jsonl --include-common-labels'")
    }
  }
}

extension SourceText {
  /// The content piece by piece, for a stream.
  ///
  /// - Parameter window: What was taken already and comes first.
  func bytes(after window: ByteWindow) -> JSONStream.Source {
    var taken = 0
    return { buffer, start in
      guard taken < window.count else { return try source.fill(&buffer, from: start) }
      let next = window.bytes[taken..<min(taken + buffer.count - start, window.count)]
      buffer.replaceSubrange(start..<start + next.count, with: next)
      taken += next.count
      return next.count
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
