internal import Detection
internal import Features
internal import Scoring
internal import Telemetry

/// Raw scores of the baselines on one service, fitted on the model's own training cells.
struct BaselineRun: Sendable {
  /// All baselines in order.
  private static let all = [
    "random", NullModel.name, "moving_z", MedianDeviationModel.name, MeanDeviationModel.name,
    SeasonalNaiveModel.name, RangeModel.name, ComponentsModel.name, WindowedComponentsModel.name,
    AutoregressionModel.name,
  ]

  /// The baselines that a model is compared with: those that are no members of its own.
  static func names(beside model: ScoringModel) -> [String] {
    all.filter { !model.scoreNames.contains($0) }
  }

  /// Per baseline, [grid.count].
  let scores: [[Float]]
  /// Per baseline, the scores of the cells that its boundary rests on.
  let calibrationScores: [[Float]]

  init(
    _ frame: ServiceFrame, grid: TimeGrid, time: FittingTime, model: TrainedModel, times: FitTimes
  ) throws {
    let features = model.scoring.features
    let names = Self.names(beside: model.scoring)
    guard let service = features.service(named: frame.service) else {
      scores = names.map { _ in Array(repeating: .nan, count: grid.count) }
      calibrationScores = names.map { _ in [] }
      return
    }
    let visible = frame.limited(to: time.visible(of: frame.service))
    let history = ServiceHistory(
      visible, model: service, definition: features.definition, grid: grid,
      isFitted: time.training(of: frame.service))
    let calibration = time.calibration(of: frame.service)
    let parts = halves(calibration)
    var models = try names.map { name in
      try times.measure(name) { try Self.fitted(name, history, model) }
    }
    models.fit(
      quiet: quietDeviations(
        visible, grid: grid, features: features, detectors: models, mask: parts.first),
      service: frame.service)
    var scores = names.map { _ in [Float]() }
    if var scorer = RawScorer(service: frame.service, features: features, detectors: models) {
      for row in FrameRows(frame: frame, grid: grid, columns: service.metricColumns) {
        for (index, score) in scorer.push(row).enumerated() { scores[index].append(score) }
      }
    }
    self.scores = scores
    calibrationScores = zip(models, scores).map { model, scores in
      // What learns from the first half has its boundary from the second.
      let cells = model is any QuietFitted ? parts.second : calibration
      return zip(scores, cells).filter { $0.1 }.map { $0.0 }
    }
  }

  private static func fitted(
    _ name: String, _ history: ServiceHistory, _ model: TrainedModel
  ) throws -> any DetectorModel {
    let configuration = model.baselines
    switch name {
    case "random": return RandomModel(seed: model.seed)
    case "moving_z":
      // A definition without windows has no past to deviate from; two cells are the least there is.
      return MovingDeviationModel(window: max(2, model.scoring.features.definition.historyLength))
    case NullModel.name: return NullModel()
    case MedianDeviationModel.name: return MedianDeviationModel(fitting: history)
    case MeanDeviationModel.name: return MeanDeviationModel()
    case SeasonalNaiveModel.name:
      return SeasonalNaiveModel(
        fitting: history, season: season(model.scoring.features.definition.interval))
    case RangeModel.name: return RangeModel()
    case ComponentsModel.name:
      return try ComponentsModel(fitting: [history], configuration.components)
    case WindowedComponentsModel.name:
      return try WindowedComponentsModel(
        fitting: [history], window: configuration.window, configuration.components)
    default:
      return try AutoregressionModel(
        fitting: [history], lags: configuration.lags, errors: configuration.errors)
    }
  }

  /// Cells of a day, the season that nearly all systems have.
  private static func season(_ interval: TimeSpan) -> Int {
    max(1, Int(TimeSpan.hours(24).milliseconds / interval.milliseconds))
  }
}
