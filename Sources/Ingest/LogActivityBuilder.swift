internal import Telemetry

/// Counts log lines per grid cell.
struct LogActivityBuilder {
  /// Share of a cell that must be covered for its lines to count.
  static let coveredShare = 0.8
  /// Exports with at most this many cells between them are parts of one.
  static let bridgedCells: Int64 = 5
  /// A line and its place while sorting, of the half of the memory that is free by then.
  private static let bytesPerSortedLine = 64

  let grid: TimeGrid
  let coverage: [LogCollector.Coverage]
  let store: SampleStore
  let limits: IngestLimits

  /// Whether logs were recorded in each cell, [grid.count].
  ///
  /// A recording counts where it covers most of a cell. An export of a query and a log file count in
  /// every cell they touch, since their range is only known from their lines, and over short gaps
  /// between files.
  func recorded(_ origins: Set<LogCollector.Origin>, of service: String) -> [Bool] {
    var covered = [Int64](repeating: 0, count: grid.count)
    let step = grid.interval.milliseconds
    let origin = grid.first.milliseconds - step
    for span in spans(origins, of: service) {
      let from = max(span.lowerBound - origin, 0)
      let to = min(span.upperBound - origin, step * Int64(grid.count))
      guard from < to else { continue }
      for row in Int(from / step)...Int((to - 1) / step) {
        let start = Int64(row) * step
        covered[row] += min(to, start + step) - max(from, start)
      }
    }
    return covered.map { Double($0) >= Self.coveredShare * Double(step) }
  }

  /// Disjoint covered stretches in ascending order, as distances are counted: after the lower bound
  /// up to the upper.
  private func spans(
    _ origins: Set<LogCollector.Origin>, of service: String
  ) -> [ClosedRange<Int64>] {
    let step = grid.interval.milliseconds
    var spans: [ClosedRange<Int64>] = []
    for origin in [LogCollector.Origin.query, .recording, .file] where origins.contains(origin) {
      let stretches = coverage.filter {
        $0.origin == origin && $0.services?.contains(service) != false
      }.sorted { $0.first < $1.first }
      var joined: [ClosedRange<Int64>] = []
      for stretch in stretches {
        let bridge = origin != .recording ? Self.bridgedCells * step : 0
        if let last = joined.last, stretch.first - last.upperBound <= bridge {
          joined[joined.count - 1] = last.lowerBound...max(last.upperBound, stretch.last)
        } else {
          joined.append(stretch.first - 1...stretch.last)
        }
      }
      spans += origin != .recording ? joined.map(wholeCells) : joined
    }
    return union(spans)
  }

  /// A stretch widened to the cells it touches.
  private func wholeCells(_ span: ClosedRange<Int64>) -> ClosedRange<Int64> {
    let first = grid.index(covering: Timestamp(milliseconds: span.lowerBound + 1))
    let last = grid.index(covering: Timestamp(milliseconds: span.upperBound))
    return (grid.timestamp(at: first) - grid.interval)
      .milliseconds...grid.timestamp(at: last).milliseconds
  }

  private func union(_ spans: [ClosedRange<Int64>]) -> [ClosedRange<Int64>] {
    var result: [ClosedRange<Int64>] = []
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, span.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
      } else {
        result.append(span)
      }
    }
    return result
  }

  /// The activity of one service, its patterns in order of first appearance in time.
  ///
  /// - Throws: `StorageError` when spilled lines cannot be read.
  func activity(
    of log: RawLog, service: String, report: inout IngestReport
  ) throws -> LogActivity {
    let recorded = recorded(log.origins, of: service)
    var cells: [Int: Int] = [:]
    var firsts = [Int64](repeating: .max, count: log.patterns.count)
    var (outside, uncovered) = (0, 0)
    var slices = TimeSlices(of: grid)
    try store.forEachBlock(of: log.lines) { block in
      for (index, value) in block.values.enumerated() {
        let (time, number) = (block.time(index), LogLine(value).pattern)
        let row = grid.index(covering: Timestamp(milliseconds: time))
        guard row >= 0, row < grid.count else {
          outside += 1
          continue
        }
        guard recorded[row] else {
          uncovered += 1
          continue
        }
        firsts[number] = min(firsts[number], time)
        cells[row * log.patterns.count + number, default: 0] += 1
        slices.count(time)
      }
    }
    report.note("log_outside_range", .skipped, in: service, count: outside, example: service)
    // An export of a query covers the cells of its lines, so these are of a recording if any is.
    let importer = log.origins.contains(.recording) ? LogCollector.Origin.recording : .query
    report.note(
      "log_in_partly_recorded_cell", .skipped, in: importer.rawValue, count: uncovered,
      example: service)
    report.note(
      "pattern_limit", .changed, in: service, count: log.overflow, example: service)
    let order = order(of: log.patterns, firsts: firsts)
    var position = [Int](repeating: -1, count: log.patterns.count)
    for (index, number) in order.enumerated() { position[number] = index }
    let counts = cells.map { key, lines in
      LogActivity.Count(
        row: key / log.patterns.count, pattern: position[key % log.patterns.count], lines: lines)
    }
    let following = try transitions(of: log, recorded, position, slices)
    report.note(
      "transition_limit", .changed, in: service, count: following.overflow, example: service)
    return LogActivity(
      patterns: order.map { log.patterns[$0] },
      counts: counts.sorted { ($0.row, $0.pattern) < ($1.row, $1.pattern) }, recorded: recorded,
      transitions: following.found)
  }

  /// Patterns that lie on the grid, by their first instant, of one instant by severity and text.
  private func order(of patterns: [LogPattern], firsts: [Int64]) -> [Int] {
    patterns.indices.filter { firsts[$0] < .max }.sorted { a, b in
      let (x, y) = (patterns[a], patterns[b])
      if firsts[a] != firsts[b] { return firsts[a] < firsts[b] }
      return x.level != y.level
        ? x.level < y.level : x.text.utf8.lexicographicallyPrecedes(y.text.utf8)
    }
  }

  /// What follows what. Lines are sorted in slices of time, for each of which all are read.
  private func transitions(
    of log: RawLog, _ recorded: [Bool], _ position: [Int], _ slices: TimeSlices
  ) throws -> TransitionCounter {
    var counter = TransitionCounter(grid: grid, limit: limits.transitionsPerService)
    for slice in slices.ranges(limit: max(1, limits.memoryBytes / Self.bytesPerSortedLine)) {
      var lines: [TransitionCounter.Line] = []
      try store.forEachBlock(of: log.lines) { block in
        for (index, value) in block.values.enumerated() {
          let time = block.time(index)
          guard slice.contains(time),
            recorded[grid.index(covering: Timestamp(milliseconds: time))]
          else { continue }
          let line = LogLine(value)
          lines.append(
            TransitionCounter.Line(time: time, bits: line.bits(of: position[line.pattern])))
        }
      }
      counter.add(lines)
    }
    counter.finish()
    return counter
  }
}
