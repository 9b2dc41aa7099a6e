internal import Storage
internal import Telemetry

/// Reads the logs of containers: lines of the CRI and of Docker's json-file driver, told apart by
/// their first byte.
struct ContainerLogReader: SourceReader {
  let source: ContainerLogSource

  func read(into collector: inout TelemetryCollector) throws {
    let logs = try LogFolder.logs(at: source.path, in: &collector) { name in
      name.hasSuffix(".log") || name.contains(".log.") || name.contains(".log-")
    }
    let limit = collector.limits.lineBytes
    var reading = LogFileReading<ContainerLogFormat>(type: "container_logs")
    try reading.read(logs, into: &collector) { log in
      ContainerLogFormat(service: source.service ?? containerService(of: log), limit: limit)
    }
  }
}

/// `time stream tag message` (CRI) and `{"log": …, "stream": …, "time": …}` (Docker).
///
/// Runtimes cut long lines into parts. The CRI tags all but the last part `P` and the last `F`; in
/// Docker's files the last part is the one that ends in a line feed. Parts are joined within their
/// stream and have the time of the first.
struct ContainerLogFormat: LogLineFormat {
  let expected =
    "a container's log line, such as '2026-01-01T00:00:00.5Z stdout F message' or "
    + #"'{"log":"message\n","stream":"stdout","time":"2026-01-01T00:00:00.5Z"}'"#
  var remarks: [LogRemark] = []
  private let service: String
  /// The most bytes of a joined message.
  private let limit: Int
  /// Messages whose last part is still to come, by stream.
  private var open: [Stream: OpenMessage] = [:]

  private struct OpenMessage {
    var message: LogMessage
    /// Whether it reached the limit, so that all further parts are left out.
    var isCut = false
  }

  private enum Stream: String, CaseIterable {
    case stdout, stderr
  }

  init(service: String, limit: Int) { (self.service, self.limit) = (service, limit) }

  mutating func take(
    _ line: ArraySlice<UInt8>, number: Int, in file: SourceText, _ messages: inout [LogMessage]
  ) -> LogLineOutcome {
    line.first == 0x7B
      ? takeJSON(line, number, file, &messages) : takeCRI(line, number, file, &messages)
  }

  /// What was written of a line before the container stopped is still what it said.
  mutating func finish(_ messages: inout [LogMessage]) {
    for stream in Stream.allCases {
      guard let message = open.removeValue(forKey: stream)?.message else { continue }
      remarks.append(
        LogRemark(
          reason: "unfinished_message",
          detail: quoted(String(decoding: message.text.prefix(400), as: UTF8.self)),
          place: message.place))
      messages.append(message)
    }
  }

  private mutating func takeCRI(
    _ line: ArraySlice<UInt8>, _ number: Int, _ file: SourceText, _ messages: inout [LogMessage]
  ) -> LogLineOutcome {
    let fields = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
    guard fields.count >= 3,
      let stream = Stream(rawValue: String(decoding: fields[1], as: UTF8.self))
    else { return .skipped("malformed_line") }
    // Tags are separated by colons; the first tells whether the line is whole.
    let tag = fields[2].prefix { $0 != 0x3A }
    let isPartial = tag.elementsEqual([0x50])
    guard isPartial || tag.elementsEqual([0x46]) else { return .skipped("malformed_line") }
    guard let time = CivilTime(rfc3339: Array(fields[0])) else { return .skipped("bad_time") }
    join(
      fields.count > 3 ? fields[3] : [], stream, time, isPartial: isPartial,
      LogPlace(file, line: number), &messages)
    return .taken
  }

  private mutating func takeJSON(
    _ line: ArraySlice<UInt8>, _ number: Int, _ file: SourceText, _ messages: inout [LogMessage]
  ) -> LogLineOutcome {
    var (log, time): (String?, CivilTime?) = (nil, nil)
    var (stream, stamp) = (Stream.stdout, "")
    var reader = JSONReader(Array(line), source: file.path)
    do {
      try reader.object { key, reader in
        switch key {
        case "log": log = try reader.string()
        case "stream": stream = Stream(rawValue: try reader.string()) ?? .stdout
        case "time":
          stamp = try reader.string()
          time = CivilTime(rfc3339: stamp)
        default: try reader.skip()
        }
      }
      try reader.expectEnd()
    } catch {
      return .skipped("malformed_line")
    }
    guard let log else { return .skipped("malformed_line", detail: "no member 'log'") }
    guard let time else { return .skipped("bad_time", detail: quoted(stamp)) }
    var text = Array(log.utf8)
    let isPartial = text.last != 0x0A
    if !isPartial { text.removeLast() }
    if text.last == 0x0D { text.removeLast() }
    join(
      text[...], stream, time, isPartial: isPartial, LogPlace(file, line: number), &messages)
    return .taken
  }

  private mutating func join(
    _ text: ArraySlice<UInt8>, _ stream: Stream, _ time: CivilTime, isPartial: Bool,
    _ place: LogPlace, _ messages: inout [LogMessage]
  ) {
    var joined =
      open.removeValue(forKey: stream)
      ?? OpenMessage(
        message: LogMessage(
          time: time.timestamp.milliseconds, service: service, level: .unknown, text: [],
          place: place))
    let room = limit - joined.message.text.count
    if !joined.isCut, text.count > room {
      joined.message.text += characters(of: text, within: room)
      joined.isCut = true
      remarks.append(LogRemark(reason: "long_message", detail: "more than \(limit) bytes"))
    } else if !joined.isCut {
      joined.message.text += text
    }
    if isPartial { open[stream] = joined } else { messages.append(joined.message) }
  }

  /// As many whole characters from the beginning of UTF-8 as a number of bytes holds, which is less
  /// than all.
  private func characters(
    of text: ArraySlice<UInt8>, within count: Int
  ) -> ArraySlice<UInt8> {
    var end = text.startIndex + count
    while end > text.startIndex, text[end] & 0xC0 == 0x80 { end -= 1 }
    return text[..<end]
  }
}
