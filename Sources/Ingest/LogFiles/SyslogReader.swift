internal import Storage
internal import Telemetry

/// Reads syslog line by line: RFC 5424, RFC 3164 as files have it, and RFC 3164 with times of
/// RFC 3339, each with or without the priority at the beginning.
struct SyslogReader: SourceReader {
  let source: SyslogSource

  func read(into collector: inout TelemetryCollector) throws {
    try checkYear(source.year, of: "syslog")
    let logs = try LogFolder.logs(at: source.path, in: &collector) { _ in true }
    var reading = LogFileReading<SyslogFormat>(type: "syslog")
    try reading.read(logs, into: &collector) { _ in SyslogFormat(source: source) }
  }
}

/// Refuses a year that no line can have.
func checkYear(_ year: Int?, of source: String) throws(IngestError) {
  guard let year, !(1...9900).contains(year) else { return }
  throw .invalidConfiguration(reason: "year \(year) of a \(source) source is not from 1 to 9900")
}

/// Lines of syslog.
struct SyslogFormat: LogLineFormat {
  let expected =
    "a line of syslog, such as '<34>1 2026-01-01T00:00:00Z host app - - - message' or "
    + "'Jan  1 00:00:00 host app[1]: message'"
  var remarks: [LogRemark] {
    get { clock.remarks }
    set { clock.remarks = newValue }
  }
  /// Bytes of a line's end, which some count as part of a frame.
  private static let lineEnd = 2
  private let source: SyslogSource
  private var clock: LogClock

  init(source: SyslogSource) {
    self.source = source
    clock = LogClock(zone: source.zone, year: source.year)
  }

  mutating func take(
    _ line: ArraySlice<UInt8>, number: Int, in file: SourceText, _ messages: inout [LogMessage]
  ) throws(IngestError) -> LogLineOutcome {
    var rest = line
    // Frames that count their bytes (RFC 6587) may share a line.
    while let length = SyslogHeader.takeFrameLength(&rest) {
      let frame = rest.prefix(length)
      rest = rest[frame.endIndex...]
      let outcome = try takeMessage(frame, number, file, &messages)
      guard case .taken = outcome else { return outcome }
      if length - frame.count > Self.lineEnd {
        remarks.append(
          LogRemark(
            reason: "truncated_frame",
            detail: "\(frame.count) of \(length) bytes; a line feed in a message ends it"))
      }
      if rest.isEmpty { return .taken }
    }
    return try takeMessage(rest, number, file, &messages)
  }

  mutating func finish(_ messages: inout [LogMessage]) {}

  private mutating func takeMessage(
    _ line: ArraySlice<UInt8>, _ number: Int, _ file: SourceText, _ messages: inout [LogMessage]
  ) throws(IngestError) -> LogLineOutcome {
    var rest = line
    var header = SyslogHeader()
    guard header.takePriority(&rest) else { return .skipped("bad_priority") }
    let time: CivilTime
    if header.takeVersion(&rest) {
      guard let stamp = header.takeFields5424(&rest) else { return .skipped("malformed_line") }
      guard !stamp.elementsEqual([0x2D]) else { return .skipped("no_time") }
      guard let written = CivilTime(rfc3339: Array(stamp)) else {
        return .skipped("bad_time")
      }
      time = written
    } else {
      switch SyslogTime.take(
        &rest, hasYear: clock.hasYear, year: { clock.year(ofMonth: $0, day: $1) })
      {
      case .time(let written): time = written
      case .noYear: throw missingYear(line, number, file)
      case .invalid: return .skipped("bad_time")
      case .none: return .skipped("malformed_line")
      }
      header.takeFields3164(&rest)
    }
    messages.append(
      LogMessage(
        time: clock.instant(time), service: source.service ?? header.service,
        level: header.level, text: Array(rest), place: LogPlace(file, line: number)))
    return .taken
  }

  /// Times without a year are nothing to guess: the file's own age may help whoever knows the file.
  private func missingYear(
    _ line: ArraySlice<UInt8>, _ number: Int, _ file: SourceText
  ) -> IngestError {
    // A hint for the message alone, which does without it where the file's state cannot be read.
    let changed = (try? FileSystem.status(of: file.path)).map {
      Timestamp(milliseconds: millisecondsFloored($0.modified)).description.prefix(10)
    }
    return .malformed(
      path: file.path, line: number,
      reason: "\(quoted(String(decoding: line.prefix(400), as: UTF8.self))) has no year; set the "
        + "source's 'year' to that of the first line"
        + (changed.map { " (the file was last changed on \($0))" } ?? ""))
  }
}
