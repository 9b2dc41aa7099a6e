internal import LogTemplates
internal import Telemetry

/// The log lines of one service in the order of reading.
struct RawLog {
  /// Distinct patterns.
  var patterns: [LogPattern] = []
  /// Milliseconds since 1970, [lines].
  var times: [Int64] = []
  /// Indices into `patterns`, [lines].
  var numbers: [Int32] = []
  /// Lines whose pattern was beyond the limit.
  var overflow = 0
  /// The kinds of sources that the lines are from.
  var origins: Set<LogCollector.Origin> = []
  fileprivate var index: [LogPattern: Int32] = [:]
}

/// Gathers log lines into patterns per service.
struct LogCollector {
  /// Sources whose coverage is judged together, by the name of their importer.
  enum Origin: String {
    /// Exports of queries, whose ends lie near the first and last line.
    case query = "loki"
    /// Files of recordings that began and stopped at the first and last line.
    case recording = "trainticket"
  }

  /// A stretch of time in which logs were recorded, in milliseconds.
  struct Coverage {
    var origin: Origin
    var first: Int64
    var last: Int64
  }

  let naming: ServiceNaming
  private let patternLimit: Int
  private let rules: LogMaskRules
  private let bounds: InstantBounds
  private var files: [String] = []
  private var index: [String: Int] = [:]
  private(set) var services: [(name: String, log: RawLog)] = []
  private(set) var coverage: [Coverage] = []
  /// The time of all lines.
  private(set) var covered = CoveredTime()
  /// Takes the lines as they are, instead of their patterns, when it is there.
  var streams: LogStreams?

  init(
    patternLimit: Int, bounds: InstantBounds, naming: ServiceNaming, rules: LogMaskRules
  ) {
    (self.patternLimit, self.bounds, self.naming) = (patternLimit, bounds, naming)
    self.rules = rules
  }

  mutating func beginFile(_ path: String) { files.append(path) }

  /// The line that stretches the grid most, for people.
  var farthest: String {
    let end = covered.farEnd(
      middles: services.map { $0.log.times[$0.log.times.count / 2] })
    return "the log line at \(Timestamp(milliseconds: end.time)) of service "
      + "\(quoted(services[end.owner].name)) in \(files[end.file])"
  }

  /// Adds a line of a service.
  ///
  /// - Parameter lineNumber: The line's number in the file, where there is one.
  /// - Throws: `IngestError.strayInstant`.
  mutating func add(
    _ line: [UInt8], at time: Int64, service: String, fallback: LogLevel, origin: Origin,
    lineNumber: Int? = nil
  ) throws(IngestError) {
    let file = files.count - 1
    try bounds.check(
      time, of: "the log of service \(quoted(service))", path: files[file], line: lineNumber)
    if streams != nil {
      let (nanoseconds, overflow) = time.multipliedReportingOverflow(by: 1_000_000)
      streams?.add(
        line, at: overflow ? (time < 0 ? .min : .max) : nanoseconds, labels: ["service": service])
      return
    }
    let place = number(of: service)
    covered.add(time, owner: place, file: file)
    let pattern = LogMask.pattern(of: line, fallback: fallback, rules: rules)
    let number = Self.number(of: pattern, in: &services[place].log, limit: patternLimit)
    services[place].log.times.append(time)
    services[place].log.numbers.append(number)
    services[place].log.origins.insert(origin)
  }

  /// Notes the stretch of time that a file covers.
  mutating func cover(_ first: Int64, _ last: Int64, origin: Origin) {
    coverage.append(Coverage(origin: origin, first: first, last: last))
  }

  private mutating func number(of service: String) -> Int {
    if let number = index[service] { return number }
    index[service] = services.count
    services.append((service, RawLog()))
    return services.count - 1
  }

  private static func number(
    of pattern: LogPattern, in log: inout RawLog, limit: Int
  ) -> Int32 {
    if let number = log.index[pattern] { return number }
    var pattern = pattern
    if log.patterns.count >= limit {
      log.overflow += 1
      pattern.text = "<overflow>"
      if let number = log.index[pattern] { return number }
    }
    let number = Int32(log.patterns.count)
    log.patterns.append(pattern)
    log.index[pattern] = number
    return number
  }
}
