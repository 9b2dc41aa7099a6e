internal import LinearAlgebra
internal import Features
internal import Scoring
internal import Telemetry

/// Carried state of one service under one model.
struct ServiceState: Sendable {
  /// Missing rows that are put in between two rows at most; after a longer gap a service starts anew.
  static let longestGap = 10_000

  private let model: ServedModel
  private let place: Int
  var scorer: ServiceScorer?
  /// The last rows, in the columns of this model.
  private(set) var recent: RecentRows
  /// The end of the last row.
  private(set) var last: Timestamp?
  /// Rows since the start, those put in included.
  private(set) var rows = 0
  /// The scores of the last row.
  private(set) var scores: [Float] = []

  init(_ model: ServedModel, place: Int) {
    (self.model, self.place) = (model, place)
    recent = RecentRows(
      columns: model.services[place].metricColumns.count, capacity: model.keptRows)
  }

  /// Whether windows are not yet full.
  var isWarming: Bool { rows < model.historyLength }

  /// Scores the next row in the order of time. Missing rows are put in where cells have passed
  /// without one, as they are in a dataset.
  ///
  /// - Returns: Nil when the row is not later than the last.
  mutating func push(_ row: TelemetryRow) -> [Float]? {
    if let last {
      let interval = model.interval.milliseconds
      let passed = (row.time - last).milliseconds
      let cells = Int((passed + interval / 2) / interval)
      guard passed > 0, cells >= 1 else { return nil }
      if cells > Self.longestGap {
        self = ServiceState(model, place: place)
      } else if cells > 1 {
        let absent = Array(repeating: Double.nan, count: row.metrics.count)
        for cell in 1..<cells {
          advance(
            TelemetryRow(time: last + model.interval * cell, metrics: absent, logs: nil))
        }
      }
    }
    advance(row)
    return scores
  }

  private mutating func advance(_ row: TelemetryRow) {
    if scorer == nil { scorer = model.scoring.scorer(for: model.services[place].service) }
    scores = scorer?.push(row) ?? []
    recent.append(row)
    last = row.time
    rows = min(rows + 1, 1 << 40)
  }

  /// Takes over what another state of the same service, under another model, knows: its memory where
  /// models differ in calibration only, and otherwise what its last rows say.
  mutating func takeOver(_ former: ServiceState) {
    guard former.rows > 0 else { return }
    if former.model.stateDigest == model.stateDigest, let memory = former.scorer?.memory(),
      restore(memory, recent: former.recent, last: former.last, rows: former.rows)
    {
      return
    }
    let positions = former.model.columns[former.place]
    let columns = model.services[place].metricColumns.map { positions.place(of: $0) }
    for index in 0..<former.recent.count {
      var row = former.recent[index]
      row.metrics = columns.map { place in place.map { row.metrics[$0] } ?? .nan }
      _ = push(row)
    }
  }

  /// Forgets everything and takes over what another state knows.
  mutating func startAgain(from former: ServiceState) {
    self = ServiceState(model, place: place)
    takeOver(former)
  }

  /// Goes on from a memory; whether it fitted.
  mutating func restore(
    _ memory: ScorerMemory, recent: RecentRows, last: Timestamp?, rows: Int
  ) -> Bool {
    guard var scorer = model.scoring.scorer(for: model.services[place].service),
      (try? scorer.restore(memory)) != nil
    else { return false }
    self.scorer = scorer
    (self.recent, self.last, self.rows) = (recent, last, rows)
    return true
  }

  /// The metric that is farthest from where it usually is, in its own unit.
  var farthest: (observed: Double, lower: Double, upper: Double, deviation: Double)? {
    let service = model.services[place]
    var found: (observed: Double, lower: Double, upper: Double, deviation: Double)?
    for column in service.metricColumns.indices {
      let value = recent.last(column: column)
      let scaling = service.channelScaling[column]
      // What comes every day at its hour is expected.
      let usual = scaling.median + (last.map { service.course(ofChannel: column, at: $0) } ?? 0)
      let deviation = abs(value - usual) / scaling.scale
      guard deviation.isFinite, deviation > found?.deviation ?? -1 else { continue }
      let span = Self.usualSpan * scaling.scale
      found = (value, usual - span, usual + span, deviation)
    }
    return found
  }

  /// Robust deviations on either side of the median within which a metric is expected.
  private static let usualSpan = 3.0
}
