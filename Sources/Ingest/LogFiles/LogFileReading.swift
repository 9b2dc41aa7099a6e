internal import Storage
internal import Telemetry

/// Reads log files of one format into the collector, log by log and each from its oldest line on.
///
/// A log is a recording of its services from its first line to its last, over all files that
/// rotation cut it into: a quiet time between two of its files is silence. Where a file is missing
/// between them, and before and after, nothing is known.
struct LogFileReading<Format: LogLineFormat> {
  /// Services that lines may name.
  private static var serviceLimit: Int { 10_000 }

  /// The name of the format in the report.
  let type: String
  private var hasFile = false
  private var services: Set<String> = []
  private var recorded: Set<String> = []
  private var span: ClosedRange<Int64>?
  private var messages: [LogMessage] = []
  /// The log that is being read, of which every message follows the one before.
  private var stream = StreamIdentity.service
  private var streamName = ""
  /// The instant of the last message, and how many of its stream had the same before it.
  private var last: (time: Int64, earlier: Int) = (.min, 0)
  /// Times that the log's stream was cut.
  private var cuts = 0

  init(type: String) { self.type = type }

  /// Reads all logs.
  ///
  /// - Parameter format: The format of a log that is about to begin.
  mutating func read(
    _ logs: [RotatedLog], into collector: inout TelemetryCollector,
    format: (RotatedLog) throws -> Format
  ) throws {
    for log in logs {
      var format = try format(log)
      streamName = log.parts[0].name
      stream = StreamIdentity(streamName)
      (last, cuts) = ((.min, 0), 0)
      for part in log.parts {
        if !part.isContinuation { try endRecording(&format, &collector) }
        let file = try collector.open(part.path, type: type, name: part.name)
        hasFile = true
        try read(file, &format, &collector)
      }
      try endRecording(&format, &collector)
    }
  }

  private mutating func endRecording(
    _ format: inout Format, _ collector: inout TelemetryCollector
  ) throws {
    guard hasFile else { return }
    let file = collector.openFile
    format.finish(&messages)
    for message in messages { try add(message, file, &collector) }
    note(&format.remarks, at: messages.last?.place ?? LogPlace(file, line: 1), &collector)
    messages.removeAll(keepingCapacity: true)
    if let span {
      collector.logs.cover(span.lowerBound, span.upperBound, origin: .file, services: recorded)
    }
    hasFile = false
    span = nil
    recorded.removeAll()
  }

  private mutating func read(
    _ file: SourceText, _ format: inout Format, _ collector: inout TelemetryCollector
  ) throws {
    var lines = try LineReader(file)
    var wrong: (line: Int, count: Int, detail: String)?
    var isOfFormat = false
    while let line = try lines.next() {
      var outcome = LogLineOutcome.skipped("long_line", detail: "more than \(file.lineLimit) bytes")
      var bytes = lines.window.bytes[line.range]
      if !line.isTooLong {
        if bytes.last == 0x0D { bytes = bytes.dropLast() }
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
        bytes = valid(bytes, line.number, in: file, &collector)
        outcome = try format.take(bytes, number: line.number, in: file, &messages)
      }
      switch outcome {
      case .taken:
        isOfFormat = true
        collector.report.logLines += max(1, messages.count)
        if !line.isTerminated {
          collector.note(
            "unterminated_line", .changed, in: file, line: line.number, detail: shown(bytes))
        }
      case .skipped(let reason, let detail):
        // Frames before the one that is skipped are lines too, messages of lines before are not.
        collector.report.logLines +=
          1 + messages.count { $0.place.line == line.number && $0.place.path == file.path }
        let detail = detail ?? shown(bytes)
        collector.note(
          line.isTerminated || line.isTooLong ? reason : "truncated_line", .skipped, in: file,
          line: line.number, detail: detail)
        wrong = (wrong?.line ?? line.number, (wrong?.count ?? 0) + 1, wrong?.detail ?? detail)
        if let wrong, !isOfFormat, wrong.count == format.patience {
          throw error(wrong, format, file)
        }
      }
      for message in messages { try add(message, file, &collector) }
      messages.removeAll(keepingCapacity: true)
      if !format.remarks.isEmpty {
        note(&format.remarks, at: LogPlace(file, line: line.number), &collector)
      }
    }
    if let wrong, !isOfFormat { throw error(wrong, format, file) }
  }

  /// A file without any line of the format is another kind of file.
  private func error(
    _ wrong: (line: Int, count: Int, detail: String), _ format: Format, _ file: SourceText
  ) -> IngestError {
    .malformed(
      path: file.path, line: wrong.line,
      reason: "\(wrong.detail): expected \(format.expected)"
        + (wrong.count > 1 ? "; none of the first \(wrong.count) lines is one" : ""))
  }

  private func shown(_ bytes: ArraySlice<UInt8>) -> String {
    // A message shows no more than this of it.
    quoted(String(decoding: bytes.prefix(400), as: UTF8.self))
  }

  private func valid(
    _ bytes: ArraySlice<UInt8>, _ line: Int, in file: SourceText,
    _ collector: inout TelemetryCollector
  ) -> ArraySlice<UInt8> {
    guard let repaired = repaired(bytes) else { return bytes }
    collector.note("invalid_utf8", .changed, in: file, line: line, detail: shown(repaired[...]))
    return repaired[...]
  }

  private mutating func add(
    _ message: LogMessage, _ file: SourceText, _ collector: inout TelemetryCollector
  ) throws(IngestError) {
    if recorded.insert(message.service).inserted, services.insert(message.service).inserted,
      services.count > Self.serviceLimit
    {
      throw .unsupported(
        path: message.place.path,
        reason: "line \(message.place.line) names the service \(quoted(message.service)), one more "
          + "than the \(Self.serviceLimit) allowed; name the source's 'service' instead")
    }
    widen(&span, by: message.time)
    if message.place.path != file.path {
      // The collector would name the file that is open now.
      try InstantBounds(collector.limits).check(
        message.time, of: "the log of service \(quoted(message.service))",
        path: message.place.path, line: message.place.line)
    }
    order(message, &collector)
    try collector.logs.add(
      message.text, at: message.time, service: message.service, fallback: message.level,
      origin: .file, lineNumber: message.place.line, stream: stream,
      microseconds: last.earlier)
  }

  /// Gives a message its place behind the one before: within a millisecond the log's order is kept
  /// in the place of microseconds.
  ///
  /// Beyond a thousand messages of one instant, as of whole seconds, there are no places left. The
  /// log goes on as another stream, so that across the cut no pair is counted rather than a wrong
  /// one.
  private mutating func order(_ message: LogMessage, _ collector: inout TelemetryCollector) {
    guard message.time == last.time else {
      last = (message.time, 0)
      return
    }
    last.earlier += 1
    guard last.earlier == 1000 else { return }
    last.earlier = 0
    cuts += 1
    stream = StreamIdentity("\(streamName)\0\(cuts)")
    note(
      LogRemark(
        reason: "crowded_instant",
        detail: "1000 lines before it are of \(Timestamp(milliseconds: message.time)) too"),
      .noted, at: message.place, &collector)
  }

  private func note(
    _ remarks: inout [LogRemark], at place: LogPlace, _ collector: inout TelemetryCollector
  ) {
    for remark in remarks { note(remark, .changed, at: remark.place ?? place, &collector) }
    remarks.removeAll(keepingCapacity: true)
  }

  private func note(
    _ remark: LogRemark, _ effect: IngestReport.Effect, at place: LogPlace,
    _ collector: inout TelemetryCollector
  ) {
    collector.note(
      remark.reason, effect, in: place.name, file: collector.openFile, line: place.line,
      detail: remark.detail, place: "line \(place.line)")
  }
}
