internal import LogTemplates
internal import Storage
internal import Telemetry

/// Lines that match an expression, and those that continue them.
struct PatternFormat: LogLineFormat {
  let expected: String
  /// A file may begin within a stack trace.
  var patience: Int { source.isMultiline ? 10_000 : 100 }
  var remarks: [LogRemark] {
    get { clock.remarks }
    set { clock.remarks = newValue }
  }
  private let source: PatternSource
  private let expression: LineExpression
  private let service: String
  /// The most bytes of a message of several lines.
  private let limit: Int
  private var clock: LogClock
  /// The message that lines may still continue.
  private var open: LogMessage?
  private let times, messages, levels, services: [Int]

  init(source: PatternSource, expression: LineExpression, service: String, limit: Int) {
    (self.source, self.expression, self.service) = (source, expression, service)
    self.limit = limit
    clock = LogClock(zone: source.zone, year: source.year)
    let groups = expression.groups
    times = groups["time"] ?? []
    messages = groups["message"] ?? []
    levels = groups["level"] ?? []
    services = groups["service"] ?? []
    expected = "a line of the expression \(quoted(source.expression))"
  }

  mutating func take(
    _ line: ArraySlice<UInt8>, number: Int, in file: SourceText, _ messages: inout [LogMessage]
  ) -> LogLineOutcome {
    switch expression.match(line) {
    case .tooHard:
      // The lines that follow belong to this one, not to the message before.
      finish(&messages)
      return .skipped("too_hard_to_match")
    case .noMatch:
      guard source.isMultiline else { return .skipped("no_match") }
      guard open != nil else { return .skipped("continues_nothing") }
      extend(by: line)
      return .taken
    case .match(let ranges):
      let part = { (groups: [Int]) -> ArraySlice<UInt8>? in
        groups.lazy.compactMap { ranges.indices.contains($0) ? ranges[$0] : nil }.first
          .map { line[$0] }
      }
      finish(&messages)
      guard let written = part(times), let time = time(written) else {
        return .skipped(
          "bad_time",
          detail: part(times).map { quoted(String(decoding: $0.prefix(400), as: UTF8.self)) })
      }
      let named = part(services).map { String(decoding: $0.prefix(256), as: UTF8.self) }
      open = LogMessage(
        time: clock.instant(time), service: named.flatMap { $0.isEmpty ? nil : $0 } ?? service,
        level: part(levels).flatMap(level(named:)) ?? .unknown,
        text: Array(part(self.messages).map { whole($0, in: line) } ?? line),
        place: LogPlace(file, line: number))
      if !source.isMultiline { finish(&messages) }
      return .taken
    }
  }

  mutating func finish(_ messages: inout [LogMessage]) {
    guard let message = open else { return }
    messages.append(message)
    open = nil
  }

  /// The expression sees the beginning of a long line. A message that reaches to there goes on.
  private func whole(_ part: ArraySlice<UInt8>, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    part.endIndex == LineExpression.seen(of: line).endIndex ? line[part.startIndex...] : part
  }

  private mutating func extend(by line: ArraySlice<UInt8>) {
    let room = limit - (open?.text.count ?? 0)
    guard line.count < room else {
      remarks.append(LogRemark(reason: "long_message", detail: "more than \(limit) bytes"))
      return
    }
    open?.text.append(0x0A)
    open?.text += line
  }

  private mutating func time(_ text: ArraySlice<UInt8>) -> CivilTime? {
    guard let format = source.timeFormat else { return automaticTime(text) }
    return format.read(text) { clock.year(ofMonth: $0, day: $1) }
  }
}

/// The severity that a word, its abbreviation of three letters or its first letter names.
func level(named text: ArraySlice<UInt8>) -> LogLevel? {
  let word = String(decoding: text.prefix(16), as: UTF8.self)
  return LogLevel(named: word) ?? abbreviations[word.uppercased()]
}

private let abbreviations: [String: LogLevel] = [
  "T": .debug, "TRC": .debug, "V": .debug, "VRB": .debug, "D": .debug, "DBG": .debug,
  "I": .info, "INF": .info, "INFORMATION": .info, "INFORMATIONAL": .info, "N": .info,
  "W": .warning, "WRN": .warning, "E": .error, "C": .error, "CRT": .error, "F": .error,
  "FTL": .error, "A": .error,
]
