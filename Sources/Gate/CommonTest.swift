internal import Diagnostics
internal import Evaluation
internal import Pipeline
internal import Scoring
internal import Telemetry

/// Candidate and baseline over the same services and a time that neither has seen.
struct CommonTest: Sendable {
  /// What was judged, and how strictly.
  let plan: EvaluationPlan
  /// Scores of the candidate's ensemble, then of the baseline's.
  let scores: [DetectorScores]
  /// The evaluation of both.
  let result: EvaluationResult

  var candidate: DetectorResult { result.rows[0] }
  var baseline: DetectorResult? { result.rows.count > 1 ? result.rows[1] : nil }

  /// Scores and judges both.
  ///
  /// A service that only one of them knows has no scores of the other, whose incidents there count
  /// as missed: a candidate that lost a service must not look the better for it.
  ///
  /// - Throws: `GateError.noCommonTime`, `EvaluationError` and what scoring throws.
  init(
    candidate: TrainedModel, baseline: TrainedModel?, dataset: Dataset, threads: Int,
    progress: @escaping ProgressSink
  ) async throws {
    let models = [candidate] + [baseline].compactMap { $0 }
    var test = candidate.split.test
    for model in models {
      for seen in model.split.train + model.split.calibration {
        test = test.flatMap { $0.without(seen) }
      }
    }
    test = test.filter { !dataset.grid.indices(in: $0).isEmpty }
    guard !test.isEmpty else {
      throw GateError.noCommonTime(data: dataset.grid.range)
    }
    var tables: [ScoreTable] = []
    for model in models {
      tables.append(
        try await ScoreStage(threads: threads, progress: progress)(model.scoring, dataset))
    }
    let services = Set(tables.flatMap(\.services)).sorted()
    let names = ["candidate", "baseline"]
    let scores = zip(names, tables).map { name, table in
      DetectorScores(
        name: name,
        services: services.map { service in
          ServiceScores(
            service: service,
            scores: table.services.firstIndex(of: service).flatMap { table.scores[$0].last }
              ?? Array(repeating: .nan, count: dataset.grid.count))
        })
    }
    let seal = try ThresholdSeal(
      boundaries: scores.map { .init(detector: $0.name, value: Double(alertBoundary)) },
      seen: models.flatMap { $0.split.train + $0.split.calibration },
      digest: models.map(\.calibrationDigest).joined(separator: "+"))
    plan = EvaluationPlan(
      grid: dataset.grid, test: test, toleranceBefore: candidate.rules.toleranceBefore,
      toleranceAfter: candidate.rules.toleranceAfter, renotify: candidate.rules.renotify,
      vusWindow: candidate.rules.vusWindow)
    self.scores = scores
    result = try evaluate(
      scores, against: SealedLabels(dataset.incidents).open(with: seal), plan: plan)
  }
}

extension TimeRange {
  /// What is left of a range without another.
  fileprivate func without(_ other: TimeRange) -> [TimeRange] {
    guard overlaps(other) else { return [self] }
    var parts: [TimeRange] = []
    if start < other.start { parts.append(TimeRange(start: start, end: other.start)) }
    if other.end < end { parts.append(TimeRange(start: other.end, end: end)) }
    return parts
  }
}
