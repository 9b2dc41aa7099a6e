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

  init(
    _ frame: ServiceFrame, grid: TimeGrid, incidents: [Incident], model: TrainedModel
  ) throws {
    func mask(_ ranges: [TimeRange]) -> [Bool] {
      CellMask(
        ranges, service: frame.service, grid: grid, incidents: incidents,
        margin: model.incidentMargin
      ).isIncluded
    }
    isCalibrated = mask(model.split.calibration)
    let features = model.scoring.features
    guard let service = features.service(named: frame.service) else {
      scores = Self.names.map { _ in Array(repeating: .nan, count: grid.count) }
      return
    }
    let history = ServiceHistory(
      frame, model: service, definition: features.definition, grid: grid,
      isFitted: mask(model.split.train))
    let models: [any DetectorModel] = [
      RandomModel(seed: model.seed),
      MovingDeviationModel(window: features.definition.historyLength),
      try ComponentsModel(fitting: [history]),
    ]
    var running = models.map { $0.detector(for: frame.service) }
    var extractor = FeatureExtractor(definition: features.definition, model: service)
    var scores = Self.names.map { _ in [Float]() }
    for row in FrameRows(frame: frame, grid: grid, columns: service.metricColumns) {
      let observation = extractor.push(row)
      for index in running.indices {
        scores[index].append(running[index]?.score(observation) ?? .nan)
      }
    }
    self.scores = scores
  }

  /// A baseline's raw scores on the calibration cells.
  func calibrationScores(_ index: Int) -> [Float] {
    zip(scores[index], isCalibrated).filter { $0.1 }.map { $0.0 }
  }
}
