internal import Storage
internal import Telemetry

/// Reads samples in the text formats of OpenMetrics 1.0 and Prometheus 0.0.4, also as
/// `promtool tsdb dump-openmetrics` and `promtool tsdb dump` write them.
struct OpenMetricsReader: SourceReader {
  let path: String
  let time: Timestamp?

  func read(into collector: inout TelemetryCollector) throws {
    for path in try collector.files(at: path) {
      let file = try collector.open(path, type: "openmetrics")
      var exposition = try Exposition(file: file, time: time)
      try exposition.read(into: &collector)
    }
  }
}

/// One file of samples.
///
/// Both formats are one here: an instant is in seconds when it has a point or lies before the year
/// 1973 as milliseconds, and a dump that puts names among the labels has milliseconds.
private struct Exposition {
  private let file: SourceText
  /// The instant of samples without one.
  private let time: Timestamp?
  private var lines: LineReader
  private var line = 1
  private var series = ExpositionSeries()
  private var buffer = SampleBuffer()
  /// Whether something was there that only OpenMetrics has, which ends in `# EOF`.
  private var isOpenMetrics = false
  private var isEnded = false
  private var hasUnderstood = false

  init(file: SourceText, time: Timestamp?) throws(StorageError) {
    (self.file, self.time, lines) = (file, time, try LineReader(file))
  }

  mutating func read(into collector: inout TelemetryCollector) throws {
    while let next = try lines.next() {
      line = next.number
      guard !next.isTooLong else {
        skip("long_line", "more than \(file.lineLimit) bytes", &collector)
        continue
      }
      let text = trimmed(lines.window.bytes[next.range])
      guard let first = text.first else { continue }
      if first == 0x23 {
        try comment(text, &collector)
      } else if !next.isTerminated {
        // Digits may be missing from its end.
        skip("truncated_line", shown(text), &collector)
      } else {
        isEnded = false
        try take(text.startIndex..<text.endIndex, &collector)
      }
    }
    if isOpenMetrics, !isEnded {
      skip("missing_eof", "no '# EOF' at the end: more may be missing", &collector)
    }
  }

  private func skip(
    _ reason: String, _ detail: @autoclosure () -> String, _ collector: inout TelemetryCollector,
    count: Int = 1
  ) {
    collector.note(reason, .skipped, in: file, line: line, detail: detail(), count: count)
  }

  private func shown(_ text: ArraySlice<UInt8>) -> String {
    quoted(String(decoding: text.prefix(400), as: UTF8.self))
  }

  /// `# EOF`, or what metadata says of the kind of a family's samples.
  private mutating func comment(
    _ text: ArraySlice<UInt8>, _ collector: inout TelemetryCollector
  ) throws {
    switch ExpositionComment(text) {
    case .end: (isOpenMetrics, isEnded, hasUnderstood) = (true, true, true)
    case .unit: isOpenMetrics = true
    case .type(let family, let type):
      hasUnderstood = true
      for (name, kind) in type.samples(of: family) {
        guard try collector.series.describe(name, kind, in: file) else { continue }
        collector.note(
          "conflicting_type", .changed, in: file, line: line,
          detail: "\(quoted(name)) is both a counter and a gauge, and read as a gauge")
      }
      if type.hasCreated { series.leaveOut("\(family)_created") }
    case .other: break
    }
  }

  /// Takes the sample of a line, and those of the same series that follow it.
  private mutating func take(
    _ range: Range<Int>, _ collector: inout TelemetryCollector
  ) throws {
    guard let end = seriesEnd(in: lines.window.bytes[range]) else {
      return try reject(range, &collector)
    }
    let name = range.lowerBound..<end
    let isDump = ExpositionSeries.isDump(lines.window.bytes[name])
    buffer.removeAll()
    let part = lines.wholeLines(from: range.lowerBound)
    let stop = buffer.takeLines(
      of: name, from: lines.window.bytes, in: part, isMilliseconds: isDump)
    guard buffer.count > 0 else { return try takeUnusual(range, name, isDump, &collector) }
    if !isDump, isInSeconds(lines.window.bytes[end..<range.upperBound]) { isOpenMetrics = true }
    try keep(name, &collector)
    lines.pass(to: stop, lines: buffer.count - 1)
  }

  /// Hands on the samples in the buffer.
  private mutating func keep(
    _ name: Range<Int>, _ collector: inout TelemetryCollector
  ) throws {
    let text = lines.window.bytes[name]
    switch try series.owner(of: text, file, &collector) {
    case .series(let number):
      hasUnderstood = true
      try collector.series.append(
        buffer.values[..<buffer.count], at: buffer.times[..<buffer.count], to: number, line: line)
    case .created:
      hasUnderstood = true
      collector.note(
        "created_series", .ignored, in: file, line: line, detail: shown(text), count: buffer.count)
    case .invalidUTF8: skip("invalid_utf8", shown(text), &collector, count: buffer.count)
    case .malformed: try reject(name, &collector, count: buffer.count)
    }
  }

  /// Whether the instant at the end of a sample is in seconds.
  private func isInSeconds(_ sample: ArraySlice<UInt8>) -> Bool {
    let time = sample[((sample.lastIndex(of: 0x20) ?? sample.startIndex - 1) + 1)...]
    return time.count < 12 || time.contains(0x2E)
  }

  /// A line with an exemplar, without an instant, with a native histogram, or with numbers in rare
  /// forms.
  private mutating func takeUnusual(
    _ range: Range<Int>, _ name: Range<Int>, _ isDump: Bool,
    _ collector: inout TelemetryCollector
  ) throws {
    let rest = trimmed(lines.window.bytes[name.upperBound..<range.upperBound])
    if rest.first == 0x7B {
      hasUnderstood = true
      return skip("native_histogram", shown(lines.window.bytes[range]), &collector)
    }
    let mark = rest.firstIndex(of: 0x23)
    let fields = String(decoding: rest[..<(mark ?? rest.endIndex)], as: UTF8.self)
      .split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard let first = fields.first, fields.count <= 2, let value = number(first) else {
      return try reject(range, &collector)
    }
    let instant: Int64
    if fields.count == 2 {
      guard let stamp = Double(fields[1]), stamp.isFinite else {
        return try reject(range, &collector)
      }
      let isSeconds = !isDump && (fields[1].contains(".") || stamp.magnitude < 1e11)
      if isSeconds { isOpenMetrics = true }
      instant = wholeMilliseconds(isSeconds ? stamp * 1000 : stamp)
    } else if let time {
      instant = time.milliseconds
    } else {
      hasUnderstood = true
      return skip(
        "no_time",
        "\(shown(lines.window.bytes[range])) has no instant, as in a scrape; set the source's "
          + "'time', or export with 'promtool tsdb dump-openmetrics'", &collector)
    }
    if mark != nil {
      isOpenMetrics = true
      collector.note("exemplar", .ignored, in: file, line: line, detail: shown(rest))
    }
    buffer.append(value, at: instant)
    try keep(name, &collector)
  }

  /// Counts a line that is no sample; a file that begins with one is another kind of file.
  private func reject(
    _ range: Range<Int>, _ collector: inout TelemetryCollector, count: Int = 1
  ) throws(IngestError) {
    let text = shown(lines.window.bytes[range])
    guard hasUnderstood else {
      throw .malformed(
        path: file.path, line: line,
        reason: "\(text) is no sample; expected 'name{label=\"value\"} value time', as OpenMetrics "
          + "and 'promtool tsdb dump' have it")
    }
    skip("malformed_line", text, &collector, count: count)
  }
}
