internal import Storage
internal import Telemetry

/// Answers of Loki's query API, in memory that does not grow with them.
///
/// `{"status", "data": {"resultType": "streams", "result": […]}}`, a part of it such as the array or
/// single streams, or the `{"streams": […]}` of the push and tail API; one answer or several behind
/// each other.
struct LokiAnswer {
  /// Keys by which an answer is told from lines.
  static let keys: Set<String> = [
    "status", "data", "resultType", "result", "error", "errorType", "streams", "stream", "values",
  ]
  /// Bytes, and lines of 24 bytes more each, that may stand before their stream's labels and wait for
  /// them in memory.
  private static let waitingLimit = (bytes: 64 << 20, lines: 1 << 20)
  /// Lines that are read before they are handed on.
  private static let batch = 4096

  private let file: SourceText
  private let isScanning: Bool
  private let streams: LokiStreams
  private var buffer = LogLineBuffer(capacity: batch)
  /// Lines of the buffer that had to be changed to become UTF-8.
  private var repairs: [Int] = []
  private var errorType = ""
  private var errorMessage: String?

  init(file: SourceText, streams: LokiStreams, isScanning: Bool) {
    (self.file, self.streams, self.isScanning) = (file, streams, isScanning)
  }

  mutating func read(
    _ stream: inout JSONStream, into collector: inout TelemetryCollector
  ) throws {
    var isFirst = true
    while try stream.peek() != nil {
      if !isFirst { streams.beginAnswer() }
      isFirst = false
      switch try stream.peek() {
      case 0x5B: try result(&stream, &collector)
      case 0x7B: try envelope(&stream, &collector)
      default: throw stream.error("text after the end of the document")
      }
      if let errorMessage {
        throw IngestError.failedQuery(
          path: file.path, type: errorType.isEmpty ? "error" : errorType, message: errorMessage)
      }
    }
  }

  /// An answer, what is in its `data`, or a stream of its own.
  private mutating func envelope(
    _ stream: inout JSONStream, _ collector: inout TelemetryCollector, depth: Int = 0
  ) throws {
    guard depth < JSONReader.depthLimit else {
      throw stream.error("nested deeper than \(JSONReader.depthLimit) levels")
    }
    var part = StreamPart()
    try stream.object { key, stream in
      switch key {
      case "status":
        if try stream.string() != "success" { errorMessage = errorMessage ?? "no message" }
      case "errorType": errorType = try stream.string()
      case "error": errorMessage = try stream.string()
      case "data":
        guard try stream.peek() == 0x7B else { return try stream.skip() }
        try requireNoLines(stream)
        try envelope(&stream, &collector, depth: depth + 1)
      case "resultType":
        let type = try stream.string()
        guard type == "streams" else {
          throw IngestError.unsupported(
            path: file.path,
            reason: "result type \(quoted(type)) is metrics, not log lines; read it as prometheus")
        }
      case "result", "streams":
        try requireNoLines(stream)
        try result(&stream, &collector)
      default: try member(key, &stream, &part, &collector)
      }
    }
    if !part.isEmpty { try finish(part, stream, &collector) }
  }

  /// Lines that wait for their labels must not become those of a stream within.
  private func requireNoLines(_ stream: borrowing JSONStream) throws {
    guard buffer.count == 0 else {
      throw stream.error("streams within a log stream, whose member 'stream' is missing")
    }
  }

  private mutating func result(
    _ stream: inout JSONStream, _ collector: inout TelemetryCollector
  ) throws {
    try stream.array { stream in
      var part = StreamPart()
      try stream.object { key, stream in try member(key, &stream, &part, &collector) }
      try finish(part, stream, &collector)
    }
  }

  /// What is known of a stream while it is read.
  private struct StreamPart {
    var number: Int32?
    var hasValues = false
    var isEmpty: Bool { number == nil && !hasValues }
  }

  /// A member of `{"stream": {…}, "values": [["nanoseconds", "line"], …]}`, which come in any order.
  private mutating func member(
    _ key: String, _ stream: inout JSONStream, _ part: inout StreamPart,
    _ collector: inout TelemetryCollector
  ) throws {
    switch key {
    case "stream":
      guard part.number == nil else { throw stream.error("second member 'stream'") }
      let before = stream.repairs
      let labels = try stream.labels()
      // Lines that stand before their labels still have the number of none.
      part.number = streams.number(of: labels)
      if stream.repairs > before {
        collector.report.note(
          "invalid_utf8", .changed, in: file.name, example: foreign(canonical(labels)))
      }
    case "values":
      guard !part.hasValues else { throw stream.error("second member 'values'") }
      part.hasValues = true
      try values(&stream, part, &collector)
    default: try stream.skip()
    }
  }

  private mutating func values(
    _ stream: inout JSONStream, _ part: StreamPart, _ collector: inout TelemetryCollector
  ) throws {
    try stream.expect("[")
    if try stream.take("]") { return }
    repeat {
      if buffer.isFull || buffer.textCount >= JSONStream.defaultWindow {
        try makeRoom(stream, part, &collector)
      }
      let isTaken = isScanning ? try stream.takeLogEntries(into: &buffer) : false
      if !isTaken { try entry(&stream) }
    } while try stream.take(",")
    try stream.expect("]")
  }

  /// `["nanoseconds", "line"]`, with structured metadata as a possible third element.
  private mutating func entry(_ stream: inout JSONStream) throws {
    try stream.expect("[")
    let text = try stream.string()
    guard let nanoseconds = Int64(text) else {
      throw stream.error("\(quoted(text)) is not a number of nanoseconds since 1970")
    }
    try stream.expect(",")
    let before = stream.repairs
    let line = try stream.string()
    if stream.repairs > before { repairs.append(buffer.count) }
    while try stream.take(",") { try stream.skip() }
    try stream.expect("]")
    buffer.append(Array(line.utf8), at: nanoseconds, number: -1)
  }

  /// Hands a full buffer on, or makes it larger while the stream's labels are still to come.
  private mutating func makeRoom(
    _ stream: borrowing JSONStream, _ part: StreamPart, _ collector: inout TelemetryCollector
  ) throws {
    if let number = part.number { return try flush(number, &collector) }
    guard buffer.count < Self.waitingLimit.lines, buffer.textCount < Self.waitingLimit.bytes else {
      throw stream.error(
        "more than \(buffer.count) lines before their labels; put 'stream' before 'values'")
    }
    if buffer.isFull { buffer.grow() }
  }

  private mutating func finish(
    _ part: StreamPart, _ stream: borrowing JSONStream, _ collector: inout TelemetryCollector
  ) throws {
    guard let number = part.number else {
      throw stream.error("log stream without a member 'stream'")
    }
    try flush(number, &collector)
  }

  private mutating func flush(
    _ number: Int32, _ collector: inout TelemetryCollector
  ) throws {
    guard buffer.count > 0 else { return }
    buffer.setNumbers(number)
    collector.report.logLines += buffer.count
    for index in repairs {
      let line = String(decoding: buffer.text[buffer.range(of: index)], as: UTF8.self)
      collector.report.note(
        "invalid_utf8", .changed, in: file.name,
        example: "\(foreign(streams.service(of: number))): \(quoted(line))")
    }
    try streams.add(buffer, in: file, &collector)
    repairs.removeAll()
    // A buffer that lines had to wait in is larger than the next stream needs.
    if buffer.capacity > Self.batch {
      buffer = LogLineBuffer(capacity: Self.batch)
    } else {
      buffer.removeAll()
    }
  }
}
