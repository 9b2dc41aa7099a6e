internal import Detection
internal import Features
internal import LogTemplates
public import Scoring
internal import Synchronization
internal import Telemetry

/// Why a cell has its score.
public struct CellReasons: Sendable {
  /// What stands out, by the detector that finds the cell strangest; nil when none explains itself.
  public var explanation: CellExplanation?
  /// Log lines that the service does not usually write, the strangest first.
  public var lines: [UnusualLines]
}

extension Fleet {
  /// Causes named at most.
  private static let mostCauses = 5

  /// Why a cell has its score, from the rows that are kept; nothing when they do not hold it any more.
  func reasons(of place: Int, at time: Timestamp) -> CellReasons {
    let (recent, scores) = cells[place].state.withLock { ($0.recent, $0.scores) }
    let rows = (0..<recent.count).map { recent[$0] }
    guard let cell = rows.firstIndex(where: { $0.time == time }), let first = rows.first else {
      return CellReasons(explanation: nil, lines: [])
    }
    let service = model.services[place]
    let frame = ServiceFrame(
      service: service.service,
      columns: zip(service.metricColumns, service.metricKinds).map {
        MetricColumn(name: $0, kind: $1)
      },
      values: rows.flatMap(\.metrics), logs: LogActivity(rows))
    let grid = TimeGrid(first: first.time, interval: model.interval, count: rows.count)
    return CellReasons(
      explanation: explanation(of: frame, grid, cell: cell, scores),
      lines: UnusualLines.found(by: model.scoring.features, in: frame, grid: grid, cell: cell))
  }

  private func explanation(
    of frame: ServiceFrame, _ grid: TimeGrid, cell: Int, _ scores: [Float]
  ) -> CellExplanation? {
    let scoring = model.scoring
    let explained = scoring.explainedDetectors
    // The detector that finds it strangest.
    let order = scoring.detectors.indices.filter { explained.contains(scoring.detectors[$0].name) }
      .sorted { rank(scores, $0) > rank(scores, $1) }
    for detector in order {
      let found = scoring.explanations(
        of: frame, grid: grid, causes: Self.mostCauses, by: scoring.detectors[detector].name,
        at: [cell])
      if var explanation = found.first {
        explanation.score = scores.last ?? explanation.score
        explanation.time = grid.timestamp(at: cell)
        return explanation
      }
    }
    return nil
  }

  private func rank(_ scores: [Float], _ detector: Int) -> Float {
    detector < scores.count && !scores[detector].isNaN ? scores[detector] : -1
  }
}

extension LogActivity {
  /// The logs of rows that follow each other; nil when none of them says anything of logs.
  fileprivate init?(_ rows: [TelemetryRow]) {
    guard rows.contains(where: { $0.logs != nil }) else { return nil }
    var numbers: [LogPattern: Int] = [:]
    var patterns: [LogPattern] = []
    func number(of pattern: LogPattern) -> Int {
      if let known = numbers[pattern] { return known }
      numbers[pattern] = patterns.count
      patterns.append(pattern)
      return patterns.count - 1
    }
    var counts: [Count] = []
    var transitions: [Transition] = []
    for (row, content) in rows.enumerated() {
      counts += (content.logs ?? []).map {
        Count(row: row, pattern: number(of: $0.pattern), lines: $0.lines)
      }
      transitions += (content.transitions ?? []).map {
        Transition(
          row: row, from: number(of: $0.from), to: number(of: $0.to), lines: $0.lines)
      }
    }
    self.init(
      patterns: patterns,
      counts: counts.sorted { ($0.row, $0.pattern) < ($1.row, $1.pattern) },
      recorded: rows.map { $0.logs != nil },
      transitions: rows.contains { $0.transitions != nil }
        ? transitions.sorted { ($0.row, $0.from, $0.to) < ($1.row, $1.from, $1.to) } : nil)
  }
}
