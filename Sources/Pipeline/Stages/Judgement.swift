internal import Detection
public import Diagnostics
public import Evaluation
internal import Features
internal import Scoring
public import Storage
public import Telemetry

/// A model's scores on a dataset and what they are worth.
public struct Judgement: Sendable {
  /// Metrics per detector, ours first.
  public var result: EvaluationResult
  /// What lies behind the metrics.
  public var detail: EvaluationDetail
  /// The model's scores.
  public var scores: ScoreTable
  /// Services of the data that the model does not know; they are not evaluated.
  public var unknownServices: [String]
  /// What a reader has to know before believing the metrics, as sentences.
  public var caveats: [String] = []

  /// The metrics with their caveats as a JSON document, from which `EvaluationResult` reads back.
  public func json() -> JSONValue { result.json(caveats: caveats) }
}

/// The evaluation stage: our scores and the rows they must be compared with, under one protocol.
public struct JudgementStage: Sendable {
  private let threads: Int
  private let progress: ProgressSink
  private let times: FitTimes
  private let comparesBaselines: Bool

  /// Makes a stage.
  ///
  /// - Parameters:
  ///   - threads: Services worked on at once; results do not depend on it.
  ///   - times: Collects how long baselines took.
  ///   - comparesBaselines: Whether rows of what the model must be compared with stand beside its
  ///     own; without them nothing is to be reported.
  public init(
    threads: Int, progress: @escaping ProgressSink, times: FitTimes = FitTimes(),
    comparesBaselines: Bool = true
  ) {
    (self.threads, self.progress, self.times) = (threads, progress, times)
    self.comparesBaselines = comparesBaselines
  }

  /// Evaluates a model on a dataset that covers its split.
  ///
  /// The baselines are fitted and calibrated on the same cells as the model. Labels of the test
  /// time are opened after all boundaries are sealed.
  ///
  /// - Throws: `EvaluationError`, `FeatureError`, `PipelineError` or `ScoringError`.
  public func callAsFunction(_ model: TrainedModel, _ dataset: Dataset) async throws -> Judgement {
    for (part, ranges) in [
      ("train", model.split.train), ("calibration", model.split.calibration),
      ("test", model.split.test),
    ]
    where !ranges.contains(where: { !dataset.grid.indices(in: $0).isEmpty }) {
      throw PipelineError.emptySplit(part: part, range: dataset.grid.range)
    }
    let (table, rows, seal) = try await sealedScores(model, dataset)
    let labels = SealedLabels(dataset.incidents).open(with: seal)
    let result = try evaluate(
      rows, against: labels,
      plan: EvaluationPlan(
        grid: dataset.grid, test: model.split.test,
        toleranceBefore: model.rules.toleranceBefore, toleranceAfter: model.rules.toleranceAfter,
        renotify: model.rules.renotify, vusWindow: model.rules.vusWindow))
    var judgement = Judgement(
      result: result,
      detail: EvaluationDetail(
        of: result, rows, against: labels, calibration: model.split.calibration,
        primary: ScoringModel.ensembleName),
      scores: table, unknownServices: table.unknownServices)
    judgement.caveats = caveats(model, judgement)
    return judgement
  }

  /// Scores of the model and of everything it is compared with, ours first, and the proof that their
  /// boundaries were fixed without the labels of the test time.
  package func sealedScores(
    _ model: TrainedModel, _ dataset: Dataset
  ) async throws -> (table: ScoreTable, rows: [DetectorScores], seal: ThresholdSeal) {
    let table = try await ScoreStage(threads: threads, progress: progress)(model.scoring, dataset)
    let baselines =
      comparesBaselines
      ? try await baselines(model, dataset, services: Set(table.services)) : BaselineRows()
    let seal = try ThresholdSeal(
      boundaries: boundaries(model.scoring) + baselines.boundaries,
      seen: model.split.train + model.split.calibration, digest: model.calibrationDigest)
    return (table, table.detectorScores() + baselines.rows, seal)
  }

  private struct BaselineRows {
    var rows: [DetectorScores] = []
    var boundaries: [ThresholdSeal.Boundary] = []
  }

  /// The baselines' scores of the services that the model scores.
  private func baselines(
    _ model: TrainedModel, _ dataset: Dataset, services: Set<String>
  ) async throws -> BaselineRows {
    let features = model.scoring.features
    let frames = dataset.services.filter { services.contains($0.service) }
    let counter = ProgressCounter(stage: "baselines", total: frames.count, sink: progress)
    let grid = dataset.grid
    let time = FittingTime(
      dataset, split: model.split, margin: model.incidentMargin,
      lookBack: features.definition.historyLength)
    let runs = try await concurrentMap(frames, limit: threads) { frame in
      defer { counter.advance(frame.service) }
      return try BaselineRun(frame, grid: grid, time: time, model: model, times: times)
    }
    var result = BaselineRows()
    for (index, name) in BaselineRun.names(beside: model.scoring).enumerated() {
      // Training time can be too short for a baseline that needs a window of it.
      guard runs.contains(where: { $0.calibrationScores[index].contains { !$0.isNaN } }) else {
        continue
      }
      let calibration = try Calibration(
        fitting: Dictionary(
          zip(frames.map(\.service), runs.map { $0.calibrationScores[index] }),
          uniquingKeysWith: { first, _ in first }),
        rule: .quantile(exceedance: model.falseAlarmRate), detector: name)
      result.rows.append(
        DetectorScores(
          name: name,
          services: zip(frames, runs).map { frame, run in
            ServiceScores(
              service: frame.service,
              scores: run.scores[index].map { calibration.score($0, service: frame.service) })
          }))
      result.boundaries += calibration.boundaries(detector: name)
    }
    return result
  }

  private func boundaries(_ scoring: ScoringModel) -> [ThresholdSeal.Boundary] {
    zip(scoring.detectors, scoring.calibrations).flatMap { $1.boundaries(detector: $0.name) }
      + scoring.ensemble.boundaries(detector: ScoringModel.ensembleName)
  }
}

extension TrainedModel {
  /// Identifies the thresholds and what they were fixed on: the data, the split and the values.
  public var calibrationDigest: String {
    var digest = SHA256Digest()
    digest.update(framed: datasetDigest)
    digest.update(framed: split.json().text())
    digest.update(scoring.files()[ScoringModel.calibrationFile] ?? [])
    return digest.hexadecimal
  }
}

extension Calibration {
  /// The raw score at which each service begins to alarm.
  fileprivate func boundaries(detector: String) -> [ThresholdSeal.Boundary] {
    locations.sorted { $0.key < $1.key }.map { service, location in
      ThresholdSeal.Boundary(
        detector: detector, service: service, value: location.centre + location.spread * boundary)
    } + [
      ThresholdSeal.Boundary(
        detector: detector, value: fallback.centre + fallback.spread * boundary)
    ]
  }
}
