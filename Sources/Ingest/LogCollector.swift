internal import LogTemplates
internal import Storage
internal import Telemetry

/// The log lines of one service.
struct RawLog {
  /// Distinct patterns.
  var patterns: [LogPattern] = []
  /// The lines: as values `LogLine`s, whose patterns are indices into `patterns`.
  var lines = SampleTrack()
  /// Lines whose pattern was beyond the limit.
  var overflow = 0
  /// The kinds of sources that the lines are from.
  var origins: Set<LogCollector.Origin> = []
  fileprivate var index: [LogPattern: Int32] = [:]
}

/// Gathers log lines into patterns per service, in bounded memory.
struct LogCollector {
  /// Sources whose coverage is judged together, by the name of their importer.
  enum Origin: String {
    /// Exports of queries, whose ends lie near the first and last line.
    case query = "loki"
    /// Files of recordings that began and stopped at the first and last line.
    case recording = "trainticket"
    /// Log files, whose services are recorded from the first line of a log to its last.
    case file = "log files"
  }

  /// A stretch of time in which logs were recorded, in milliseconds.
  struct Coverage {
    var origin: Origin
    var first: Int64
    var last: Int64
    /// The services whose logs these are; nil for all of this origin.
    var services: Set<String>?
  }

  let naming: ServiceNaming
  private let patternLimit: Int
  private let bounds: InstantBounds
  private var cache: LogPatternCache
  private var files: [String] = []
  private var index: [String: Int] = [:]
  private(set) var services: [(name: String, log: RawLog)] = []
  /// The lines of all services.
  private(set) var store: SampleStore
  private(set) var coverage: [Coverage] = []
  /// The time of all lines.
  private(set) var covered = CoveredTime()
  /// Takes the lines as they are, instead of their patterns, when it is there.
  var streams: LogStreams?
  /// Takes the lines that are asked for, and no others, when it is there.
  var quotes: LineQuotes?

  /// Makes a collector without lines.
  ///
  /// - Parameter budget: The bytes that lines may have in memory.
  init(_ configuration: IngestConfiguration, budget: Int) {
    patternLimit = min(
      configuration.limits.patternsPerService, LogLine.patternLimit - LogLevel.allCases.count)
    bounds = InstantBounds(configuration.limits)
    naming = ServiceNaming(labels: configuration.serviceLabels)
    store = SampleStore(budget: budget, folder: configuration.scratchFolder)
    cache = LogPatternCache(rules: configuration.logMasks)
  }

  mutating func beginFile(_ path: String) { files.append(path) }

  /// The line that stretches the grid most, for people.
  func farthest() throws -> String {
    let middles = try services.map { try store.time(at: $0.log.lines.count / 2, of: $0.log.lines) }
    let end = covered.farEnd(middles: middles)
    return "the log line at \(Timestamp(milliseconds: end.time)) of service "
      + "\(quoted(services[end.owner].name)) in \(files[end.file])"
  }

  /// Checks that a line's instant is among those that are allowed.
  ///
  /// - Throws: `IngestError.strayInstant`.
  func check(_ time: Timestamp, service: String, lineNumber: Int?) throws(IngestError) {
    try bounds.check(
      time.milliseconds, of: "the log of service \(quoted(service))", path: files[files.count - 1],
      line: lineNumber)
  }

  /// Adds a line of a service.
  ///
  /// - Parameters:
  ///   - lineNumber: The line's number in the file, where there is one.
  ///   - stream: Who wrote the line; what follows what is told within a stream.
  ///   - microseconds: What the line's instant has beyond `time`, below 1000.
  /// - Throws: `IngestError.strayInstant`, or `.storage` when lines that have no room in memory have
  ///   none on the disk either.
  mutating func add(
    _ line: [UInt8], at time: Int64, service: String, fallback: LogLevel, origin: Origin,
    lineNumber: Int? = nil, stream: StreamIdentity = .service, microseconds: Int = 0
  ) throws(IngestError) {
    try add(
      line.span, at: time, service: service, fallback: fallback, origin: origin,
      lineNumber: lineNumber, stream: stream, microseconds: microseconds)
  }

  /// Adds a line of a service that stands in memory of the caller.
  mutating func add(
    _ line: Span<UInt8>, at time: Int64, service: String, fallback: LogLevel, origin: Origin,
    lineNumber: Int? = nil, stream: StreamIdentity = .service, microseconds: Int = 0
  ) throws(IngestError) {
    let file = files.count - 1
    try check(Timestamp(milliseconds: time), service: service, lineNumber: lineNumber)
    if streams != nil {
      let (nanoseconds, overflow) = time.multipliedReportingOverflow(by: 1_000_000)
      streams?.add(
        line.indices.map { line[$0] }, at: overflow ? (time < 0 ? .min : .max) : nanoseconds,
        labels: ["service": service])
      return
    }
    if quotes != nil {
      guard quotes?.wants(service, at: time) == true else { return }
      var pattern: LogPattern?
      // Nothing stays, so that the pattern is handed over for every line.
      _ = cache.number(of: line, fallback: fallback, owner: 0) { found in
        pattern = found
        return (0, false)
      }
      if let pattern { quotes?.take(line, at: time, pattern: pattern) }
      return
    }
    let place = number(of: service)
    covered.add(time, owner: place, file: file)
    let number = cache.number(of: line, fallback: fallback, owner: place) { pattern in
      Self.number(of: pattern, in: &services[place].log, limit: patternLimit)
    }
    services[place].log.origins.insert(origin)
    let entry = LogLine(pattern: Int(number), stream: stream, microseconds: microseconds)
    store.held += services[place].log.lines.append(entry.value, at: time)
    if store.isFull { try spill() }
  }

  /// Notes the stretch of time that a file covers.
  ///
  /// - Parameter services: The services whose logs it holds; nil for all of this origin.
  mutating func cover(
    _ first: Int64, _ last: Int64, origin: Origin, services: Set<String>? = nil
  ) {
    coverage.append(Coverage(origin: origin, first: first, last: last, services: services))
  }

  private mutating func spill() throws(IngestError) {
    do throws(StorageError) {
      for place in services.indices { try store.spill(&services[place].log.lines) }
      try store.endSpill()
    } catch {
      throw .storage(error)
    }
  }

  private mutating func number(of service: String) -> Int {
    if let number = index[service] { return number }
    index[service] = services.count
    services.append((service, RawLog()))
    return services.count - 1
  }

  /// The number of a pattern, and whether it is its own; those beyond the limit are counted.
  private static func number(
    of pattern: LogPattern, in log: inout RawLog, limit: Int
  ) -> (number: Int32, stays: Bool) {
    if let number = log.index[pattern] { return (number, true) }
    var pattern = pattern
    let isBeyond = log.patterns.count >= limit
    if isBeyond {
      log.overflow += 1
      pattern.text = "<overflow>"
      if let number = log.index[pattern] { return (number, false) }
    }
    let number = Int32(log.patterns.count)
    log.patterns.append(pattern)
    log.index[pattern] = number
    return (number, !isBeyond)
  }
}
