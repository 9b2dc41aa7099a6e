internal import LogTemplates
internal import Storage
internal import Telemetry

/// Hands lines of Loki's streams to the collector. What follows from a stream's labels is worked out
/// once.
final class LokiStreams {
  /// Streams that are known at once, and the bytes of their labels.
  private static let limit = (count: 1 << 16, bytes: 16 << 20)

  /// What follows from labels.
  private struct Stream {
    var labels: [String: String]
    var service: String
    var level: LogLevel
    /// What tells the stream's lines from those of others.
    var identity: UInt64 = 0
    /// Who wrote its lines.
    var writer = StreamIdentity.service
    /// Its number where lines are kept as they are, once it has one.
    var number = -1
  }

  /// Labels as they are written, for the scanner.
  private(set) var texts = LabelTexts()
  /// The span of the part's lines, in milliseconds.
  private(set) var span: ClosedRange<Int64>?
  private var streams: [Stream] = []
  private var labelBytes = 0
  /// The stream of lines without labels.
  private var unlabelled: Stream
  private var last: (labels: [String: String], number: Int32)?
  private let naming: ServiceNaming
  private let isKeepingLines: Bool
  /// Nil where there is one part alone.
  private var repeated: RepeatedLines?
  private let remembered: Int

  init(_ logs: LogCollector, limits: IngestLimits) {
    naming = logs.naming
    isKeepingLines = logs.streams != nil
    remembered = RepeatedLines.lines(memory: limits.memoryBytes)
    unlabelled = Stream(
      labels: [:], service: logs.naming.service(of: [:]), level: .unknown,
      identity: RepeatedLines.identity(of: canonical([:])))
  }

  /// Begins with another part of the export: a file, or another answer in it.
  ///
  /// - Parameter isOnly: Whether no other part will follow; nothing is a repetition then.
  func beginPart(isOnly: Bool = false) {
    span = nil
    guard !isOnly, !isKeepingLines else { return }
    repeated = repeated ?? RepeatedLines(limit: remembered)
    repeated?.beginPart()
  }

  /// Begins with another answer of the same file.
  func beginAnswer() {
    let span = span
    beginPart()
    self.span = span
  }

  /// The number of the stream with labels, under which lines can be added.
  ///
  /// - Precondition: No line waits in a buffer, for numbers may begin anew.
  func number(of labels: [String: String]) -> Int32 {
    if let last, last.labels == labels { return last.number }
    let bytes = labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    if streams.count == Self.limit.count || labelBytes + bytes > Self.limit.bytes {
      (streams, labelBytes) = ([], 0)
      texts.removeAll()
    }
    labelBytes += bytes
    let number = Int32(streams.count)
    streams.append(stream(of: labels))
    last = (labels, number)
    return number
  }

  private func stream(of labels: [String: String]) -> Stream {
    Stream(
      labels: labels, service: naming.service(of: labels), level: severity(of: labels),
      identity: RepeatedLines.identity(of: canonical(labels)),
      writer: StreamIdentity(labels: labels))
  }

  /// Adds lines as they are; a stream appears with its first line.
  private func keep(_ buffer: LogLineBuffer, in kept: inout LogStreams) {
    for number in buffer.numbers[..<buffer.count] {
      if number < 0 {
        if unlabelled.number < 0 { unlabelled.number = kept.number(of: [:]) }
      } else if streams[Int(number)].number < 0 {
        streams[Int(number)].number = kept.number(of: streams[Int(number)].labels)
      }
    }
    kept.add(buffer) { $0 < 0 ? unlabelled.number : streams[Int($0)].number }
  }

  /// The service that a stream belongs to.
  func service(of number: Int32) -> String { streams[Int(number)].service }

  /// Remembers the number of labels as they are written; false where they are too long for that.
  func set(_ text: ArraySlice<UInt8>, number: Int32) -> Bool { texts.set(text, number: number) }

  /// Adds lines, whose numbers `number(of:)` gave; those without one have no labels.
  ///
  /// - Parameter firstLine: The first line's number in the file, where lines have numbers.
  func add(
    _ buffer: LogLineBuffer, in file: SourceText, firstLine: Int? = nil,
    _ collector: inout TelemetryCollector
  ) throws {
    if var kept = collector.logs.streams.take() {
      keep(buffer, in: &kept)
      collector.logs.streams = kept
      return
    }
    for index in 0..<buffer.count {
      let number = Int(buffer.numbers[index])
      let stream = number < 0 ? unlabelled : streams[number]
      let nanoseconds = buffer.times[index]
      let time = millisecondsFloored(nanoseconds)
      if repeated?.isRepeated(index, of: buffer, stream.identity, time: time) == true {
        note(index, of: buffer, stream.service, time, file, firstLine, &collector)
        continue
      }
      widen(&span, by: time)
      try collector.logs.add(
        buffer.text.span.extracting(buffer.range(of: index)), at: time, service: stream.service,
        fallback: stream.level, origin: .query, lineNumber: firstLine.map { $0 + index },
        stream: stream.writer, microseconds: microseconds(of: nanoseconds))
    }
  }

  /// Notes a line that stood in another part already.
  private func note(
    _ index: Int, of buffer: LogLineBuffer, _ service: String, _ time: Int64, _ file: SourceText,
    _ firstLine: Int?, _ collector: inout TelemetryCollector
  ) {
    let line = String(decoding: buffer.text[buffer.range(of: index)], as: UTF8.self)
    let place = firstLine.map { "line \($0 + index): " } ?? ""
    collector.report.note(
      RepeatedLines.reason, .skipped, in: file.name,
      example: "\(place)\(foreign(service)) at \(Timestamp(milliseconds: time)): \(quoted(line))")
  }

  /// Notes lines of which nobody knows whether they were there already.
  func finish(_ path: String, _ collector: inout TelemetryCollector) {
    guard let repeated else { return }
    collector.report.note(
      RepeatedLines.uncheckedReason, .changed, in: String(path.split(separator: "/").last ?? ""),
      count: repeated.unchecked,
      example: "files of the same time with more than \(repeated.limit) lines between them: lines "
        + "that stand in two of them are counted twice")
  }
}
