internal import LogTemplates
internal import Storage
public import Telemetry

/// A log line as it stands in a source.
public struct QuotedLine: Hashable, Sendable {
  /// When it was written.
  public var time: Timestamp
  /// Its text, without line breaks; bytes that are not UTF-8 are replaced.
  public var text: String
  /// Its masked form, by which datasets count it.
  public var pattern: LogPattern
}

/// Lines of a service that were looked up in the sources of a dataset.
public struct QuotedLines: Hashable, Sendable {
  /// The first lines of each pattern, by time.
  public var lines: [QuotedLine] = []
  /// Lines of the service in the stretch of time, those that are not quoted too.
  public var found = 0
}

/// Which lines to quote, and those found so far.
struct LineQuotes {
  /// Longer lines are cut.
  private static let longest = 2_000
  /// Patterns that are told apart.
  private static let mostPatterns = 10_000

  let service: String
  let first: Int64, last: Int64
  /// Lines of each pattern that are kept.
  let each: Int
  private(set) var quoted = QuotedLines()
  private var kept: [LogPattern: [Int]] = [:]

  init(service: String, first: Int64, last: Int64, each: Int) {
    (self.service, self.first, self.last, self.each) = (service, first, last, each)
  }

  /// Whether a line is asked for.
  func wants(_ service: String, at time: Int64) -> Bool {
    time >= first && time <= last && service == self.service
  }

  mutating func take(_ line: Span<UInt8>, at time: Int64, pattern: LogPattern) {
    quoted.found += 1
    var places = kept[pattern] ?? []
    guard !places.isEmpty || kept.count < Self.mostPatterns else { return }
    let bytes = (0..<min(line.count, Self.longest)).map { line[$0] }
    let found = QuotedLine(
      time: Timestamp(milliseconds: time),
      text: String(decoding: bytes, as: UTF8.self) + (line.count > Self.longest ? "…" : ""),
      pattern: pattern)
    if places.count < each {
      places.append(quoted.lines.count)
      quoted.lines.append(found)
      kept[pattern] = places
    } else if let latest = places.max(by: { quoted.lines[$0].time < quoted.lines[$1].time }),
      found.time < quoted.lines[latest].time
    {
      // Sources need not be in the order of time.
      quoted.lines[latest] = found
    }
  }
}

/// Looks a service's log lines up in the sources that a dataset was made of.
///
/// - Parameters:
///   - configuration: How the dataset was read; sources without log lines are left out.
///   - service: The service as the dataset names it.
///   - start: The earliest instant.
///   - end: The latest instant.
///   - each: Lines of each pattern that are quoted, the first ones.
/// - Throws: `IngestError`.
public func quoteLines(
  _ configuration: IngestConfiguration, of service: String, from start: Timestamp,
  to end: Timestamp, each: Int
) throws(IngestError) -> QuotedLines {
  do {
    var collector = TelemetryCollector(configuration, isIdentifying: false) { _ in }
    collector.logs.quotes = LineQuotes(
      service: service, first: start.milliseconds, last: end.milliseconds, each: each)
    for source in configuration.sources where source.hasLogLines {
      try reader(for: source).read(into: &collector)
      try collector.finishFile()
    }
    var quoted = collector.logs.quotes?.quoted ?? QuotedLines()
    quoted.lines.sort { ($0.time, $0.text) < ($1.time, $1.text) }
    return quoted
  } catch let error as IngestError {
    throw error
  } catch let error as StorageError {
    throw .storage(error)
  } catch {
    preconditionFailure("unexpected error \(error)")
  }
}

extension SourceConfiguration {
  /// Whether lines of logs can stand in such a source.
  fileprivate var hasLogLines: Bool {
    switch self {
    case .loki, .containerLogs, .syslog, .pattern, .trainTicket: true
    case .published(let source): source.dataset == .nezhaTrainTicket || source.dataset == .loghub
    case .prometheus, .csv, .openMetrics, .smd: false
    }
  }
}
