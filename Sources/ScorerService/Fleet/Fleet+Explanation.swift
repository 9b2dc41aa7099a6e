internal import Synchronization
internal import Detection
internal import Features
internal import Scoring
internal import Telemetry

extension Fleet {
  /// Causes named at most.
  private static let mostCauses = 5

  /// Why a cell has its score, from the rows that are kept; nil when they do not hold it any more, or
  /// no detector explains itself.
  func explanation(of place: Int, at time: Timestamp) -> CellExplanation? {
    let (recent, scores) = cells[place].state.withLock { ($0.recent, $0.scores) }
    let rows = (0..<recent.count).map { recent[$0] }
    guard let cell = rows.firstIndex(where: { $0.time == time }), let first = rows.first else {
      return nil
    }
    let service = model.services[place]
    let frame = ServiceFrame(
      service: service.service,
      columns: zip(service.metricColumns, service.metricKinds).map {
        MetricColumn(name: $0, kind: $1)
      },
      values: rows.flatMap(\.metrics), logs: nil)
    let grid = TimeGrid(first: first.time, interval: model.interval, count: rows.count)
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
        explanation.time = time
        return explanation
      }
    }
    return nil
  }

  private func rank(_ scores: [Float], _ detector: Int) -> Float {
    detector < scores.count && !scores[detector].isNaN ? scores[detector] : -1
  }
}
