public import LogTemplates
public import Telemetry

/// The lines of one service that name a trace.
public struct TracedLog: Hashable, Sendable {
  /// The service as datasets name it.
  public var service: String
  /// What the lines' numbers stand for, in the order of severity and text.
  public var patterns: [LogPattern]
  /// In the order of time; lines of one instant by trace, then by their patterns.
  public var lines: [TracedLine]

  /// Makes a log from its parts.
  public init(service: String, patterns: [LogPattern], lines: [TracedLine]) {
    (self.service, self.patterns, self.lines) = (service, patterns, lines)
  }

  /// The lines of every cell of a grid.
  ///
  /// - Parameter recorded: Per cell, whether logs were recorded.
  /// - Returns: Per cell its lines; nil where logs were not recorded.
  public func cells(of grid: TimeGrid, recorded: [Bool]) -> [[TracedLine]?] {
    var cells = recorded.map { $0 ? [TracedLine]() : nil }
    for line in lines {
      // As datasets take them: an instant counts with the millisecond that it begins in.
      let below = (line.time % 1000 + 1000) % 1000
      let row = grid.index(covering: Timestamp(milliseconds: (line.time - below) / 1000))
      guard cells.indices.contains(row) else { continue }
      cells[row]?.append(line)
    }
    return cells
  }
}

/// Masks the lines of a service one after the other, and keeps those that name a trace.
public struct TracedLogReader: Sendable {
  private let service: String
  private var cache: LogPatternCache
  private var patterns: [LogPattern] = []
  private var numbers: [LogPattern: Int] = [:]
  private var lines: [TracedLine] = []

  /// Starts without lines.
  public init(service: String, rules: LogMaskRules = LogMaskRules()) {
    self.service = service
    cache = LogPatternCache(rules: rules)
  }

  /// Takes a line.
  ///
  /// - Parameter time: Microseconds since 1970.
  public mutating func take(_ line: Span<UInt8>, at time: Int64) {
    guard let trace = TraceIdentity(in: line) else { return }
    let number = cache.number(of: line, fallback: .unknown, owner: 0) { pattern in
      let number = numbers[pattern] ?? patterns.count
      if number == patterns.count {
        numbers[pattern] = number
        patterns.append(pattern)
      }
      return (Int32(number), true)
    }
    lines.append(TracedLine(time: time, trace: trace, number: Int(number)))
  }

  /// The lines so far, in an order that does not depend on that of taking them.
  public func log() -> TracedLog {
    let ranks = patterns.indices.sorted {
      let (a, b) = (patterns[$0], patterns[$1])
      return a.level != b.level
        ? a.level < b.level : a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    }
    var place = [Int](repeating: 0, count: patterns.count)
    for (rank, number) in ranks.enumerated() { place[number] = rank }
    return TracedLog(
      service: service, patterns: ranks.map { patterns[$0] },
      lines: lines.map { TracedLine(time: $0.time, trace: $0.trace, number: place[$0.number]) }
        .sorted { ($0.time, $0.trace, $0.number) < ($1.time, $1.trace, $1.number) })
  }
}
