internal import Evaluation
public import Pipeline
public import Telemetry

/// What trials see: the time before the test, with its last part in the place of the test.
///
/// Nothing of the test time is in it, neither values nor log lines nor incidents, so that nothing of
/// it can choose.
public struct TrialData: Sendable {
  /// The data of the fit time.
  public let dataset: Dataset
  /// How it is divided: the test is the part that trials are judged on.
  public let split: Split
  /// Incidents that trials are judged on.
  public let incidents: Int

  /// Fewer cells cannot be divided.
  private static let fewestCells = 12

  /// Cuts the fit time out of a dataset.
  ///
  /// - Parameters:
  ///   - split: The division of the whole time.
  ///   - share: The part of the fit time that trials are judged on, within 0...1. What is before it
  ///     ends with as much calibration as the whole fit time has, but no more than half of it:
  ///     boundaries that rest on less would raise more alarms than those of the final run.
  /// - Throws: `TuningError.shortFitTime` or `.noIncident`.
  public init(_ dataset: Dataset, split: Split, validation share: Double) throws {
    let grid = dataset.grid
    let calibration = split.calibration.reduce(0) { $0 + grid.indices(in: $1).count }
    var isFit = [Bool](repeating: false, count: grid.count)
    for range in split.train + split.calibration {
      for cell in grid.indices(in: range) { isFit[cell] = true }
    }
    let cells = isFit.indices.filter { isFit[$0] }
    guard let first = cells.first, let last = cells.last, cells.count >= Self.fewestCells else {
      throw TuningError.shortFitTime(cells: cells.count)
    }
    let judged = Int((Double(cells.count) * share).rounded())
    let rest = cells.count - judged
    let trained = rest - min(calibration, rest / 2)
    guard judged > 0, trained > 0, trained < rest else {
      throw TuningError.shortFitTime(cells: cells.count)
    }
    let inner = Split(
      train: Self.ranges(cells[..<trained], grid),
      calibration: Self.ranges(cells[trained..<rest], grid),
      test: Self.ranges(cells[rest...], grid))
    let cut = dataset.limited(to: first..<last + 1, where: isFit)
    let services = Set(cut.services.map(\.service))
    let known = cut.incidents.filter { incident in
      incident.role == .incident && (incident.service.map(services.contains) ?? true)
    }
    let found = known.filter { incident in
      let touched = cut.grid.indices(touching: incident.start, incident.resolved)
      return inner.test.contains { cut.grid.indices(in: $0).overlaps(touched) }
    }
    guard !found.isEmpty else {
      let start = inner.test.first?.start ?? grid.range.start
      throw TuningError.noIncident(
        validation: TimeRange(start: start, end: inner.test.last?.end ?? grid.range.end),
        fitted: known.count, latest: known.map(\.resolved).max())
    }
    (self.dataset, self.split, incidents) = (cut, inner, found.count)
  }

  /// Consecutive cells as ranges.
  private static func ranges(_ cells: ArraySlice<Int>, _ grid: TimeGrid) -> [TimeRange] {
    var runs: [Range<Int>] = []
    for cell in cells {
      if let last = runs.last, last.upperBound == cell {
        runs[runs.count - 1] = last.lowerBound..<cell + 1
      } else {
        runs.append(cell..<cell + 1)
      }
    }
    return runs.map {
      TimeRange(
        start: grid.timestamp(at: $0.lowerBound - 1), end: grid.timestamp(at: $0.upperBound - 1))
    }
  }
}

extension Dataset {
  /// The dataset of some cells, with everything else missing and nothing known of it.
  fileprivate func limited(to cells: Range<Int>, where isKnown: [Bool]) -> Dataset {
    let part = TimeGrid(
      first: grid.timestamp(at: cells.lowerBound), interval: grid.interval, count: cells.count)
    return Dataset(
      grid: part,
      services: services.map { $0.limited(to: cells, where: isKnown) },
      incidents: incidents.compactMap { incident in
        let touched = grid.indices(touching: incident.start, incident.resolved)
        guard touched.contains(where: { isKnown[$0] }) else { return nil }
        var incident = incident
        // When one that is open at the end was over is not known yet.
        incident.resolved = min(incident.resolved, part.range.end)
        if let detected = incident.detected, detected > part.range.end { incident.detected = nil }
        return incident
      })
  }
}

extension ServiceFrame {
  fileprivate func limited(to cells: Range<Int>, where isKnown: [Bool]) -> ServiceFrame {
    let width = columns.count
    var part = ServiceFrame(
      service: service, columns: columns,
      values: Array(values[cells.lowerBound * width..<cells.upperBound * width]))
    for cell in cells where !isKnown[cell] {
      let row = (cell - cells.lowerBound) * width
      for index in row..<row + width { part.values[index] = .nan }
    }
    part.logs = logs?.limited(to: cells, where: isKnown)
    return part
  }
}

extension LogActivity {
  fileprivate func limited(to cells: Range<Int>, where isKnown: [Bool]) -> LogActivity {
    func isIn(_ row: Int) -> Bool { cells.contains(row) && isKnown[row] }
    // Patterns that only later lines have are not known yet.
    var numbers: [Int: Int] = [:]
    var known: [LogPattern] = []
    func number(_ pattern: Int) -> Int {
      if let number = numbers[pattern] { return number }
      numbers[pattern] = known.count
      known.append(patterns[pattern])
      return known.count - 1
    }
    for pattern in Set(counts.filter { isIn($0.row) }.map(\.pattern)).sorted() {
      _ = number(pattern)
    }
    let start = cells.lowerBound
    let counts = counts.filter { isIn($0.row) }.map {
      Count(row: $0.row - start, pattern: number($0.pattern), lines: $0.lines)
    }
    let transitions = transitions?.filter {
      isIn($0.row) && numbers[$0.from] != nil && numbers[$0.to] != nil
    }.map {
      Transition(
        row: $0.row - start, from: number($0.from), to: number($0.to), lines: $0.lines)
    }
    return LogActivity(
      patterns: known, counts: counts, recorded: cells.map { recorded[$0] && isKnown[$0] },
      transitions: transitions)
  }
}
