internal import Detection
internal import Features
internal import Scoring
internal import Telemetry

/// Raw scores of the baselines on one service, fitted on the model's own training cells.
struct BaselineRun: Sendable {
  /// The baselines in order.
  static let names = ["random", "moving_z", "pca"]

  /// Per baseline, [grid.count].
  let scores: [[Float]]
  private let isCalibrated: [Bool]

  init(_ frame: ServiceFrame, grid: TimeGrid, time: FittingTime, model: TrainedModel) throws {
    isCalibrated = time.calibration(of: frame.service)
    let features = model.scoring.features
    guard let service = features.service(named: frame.service) else {
      scores = Self.names.map { _ in Array(repeating: .nan, count: grid.count) }
      return
    }
    let history = ServiceHistory(
      frame.limited(to: time.visible(of: frame.service)), model: service,
      definition: features.definition, grid: grid,
      isFitted: time.training(of: frame.service))
    let models: [any DetectorModel] = [
      RandomModel(seed: model.seed),
      MovingDeviationModel(window: features.definition.historyLength),
      try ComponentsModel(fitting: [history]),
    ]
    var scores = Self.names.map { _ in [Float]() }
    if var scorer = RawScorer(service: frame.service, features: features, detectors: models) {
      for row in FrameRows(frame: frame, grid: grid, columns: service.metricColumns) {
        for (index, score) in scorer.push(row).enumerated() { scores[index].append(score) }
      }
    }
    self.scores = scores
  }

  /// A baseline's raw scores on the calibration cells.
  func calibrationScores(_ index: Int) -> [Float] {
    zip(scores[index], isCalibrated).filter { $0.1 }.map { $0.0 }
  }
}
