internal import Features
internal import Report
internal import Scoring
internal import Telemetry

/// Which log lines of a service were more or less frequent than in training.
struct LogChanges: Sendable {
  /// Changes that are told.
  private static let most = 6
  /// Standard deviations of a Poisson count, at least, for a change to be told.
  private static let surprising = 4.0

  private let logs: LogActivity
  private let grid: TimeGrid
  /// Lines of each pattern in training, and the cells in which they were recorded.
  private let usual: [Double]
  private let trainedCells: Int

  /// Takes the usual rates; nil without logs in training.
  init?(_ model: TrainedModel, _ dataset: Dataset, service: String) {
    guard let logs = dataset.services.first(where: { $0.service == service })?.logs else {
      return nil
    }
    let time = FittingTime(
      dataset, split: model.split, margin: model.incidentMargin,
      lookBack: model.scoring.features.definition.historyLength)
    let training = time.training(of: service)
    var usual = [Double](repeating: 0, count: logs.patterns.count)
    for count in logs.counts where training[count.row] {
      usual[count.pattern] += Double(count.lines)
    }
    trainedCells = training.indices.count { training[$0] && logs.recorded[$0] }
    guard trainedCells > 0 else { return nil }
    (self.logs, self.usual, grid) = (logs, usual, dataset.grid)
  }

  /// The changes while an incident lasts, the most surprising first.
  func during(_ incident: Incident) -> [IncidentStory.LogChange] {
    let cells = grid.indices(touching: incident.start, incident.resolved)
      .filter { logs.recorded[$0] }
    guard let first = cells.first, let last = cells.last else { return [] }
    var lines = [Int](repeating: 0, count: logs.patterns.count)
    for count in logs.counts where count.row >= first && count.row <= last {
      lines[count.pattern] += count.lines
    }
    let share = Double(cells.count) / Double(trainedCells)
    let changes = logs.patterns.indices.compactMap { pattern -> (surprise: Double, index: Int)? in
      let expected = usual[pattern] * share
      let surprise = abs(Double(lines[pattern]) - expected) / (expected + 1).squareRoot()
      let isNew = usual[pattern] == 0 && lines[pattern] > 0
      guard surprise >= Self.surprising || isNew else { return nil }
      // A severe line says more than a frequent one.
      let weight = logs.patterns[pattern].level >= .warning ? 4.0 : 1
      return (surprise * weight, pattern)
    }.sorted { ($1.surprise, $0.index) < ($0.surprise, $1.index) }
    return changes.prefix(Self.most).map { change in
      IncidentStory.LogChange(
        text: logs.patterns[change.index].text, level: "\(logs.patterns[change.index].level)",
        lines: lines[change.index], usual: usual[change.index] * share)
    }
  }
}
