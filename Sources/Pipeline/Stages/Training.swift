internal import Detection
public import Diagnostics
internal import Features
internal import IsolationForest
internal import LSTM
internal import Scoring
public import Telemetry

/// The training stage: features, models and thresholds from a dataset.
///
/// Nothing after the end of the training ranges enters features or models, nothing after the
/// calibration ranges enters thresholds, and no incident's cells enter either.
public struct Training: Sendable {
  private let configuration: PipelineConfiguration
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a stage.
  ///
  /// - Parameter threads: Services worked on at once; results do not depend on it.
  public init(
    configuration: PipelineConfiguration, threads: Int, progress: @escaping ProgressSink
  ) {
    (self.configuration, self.threads) = (configuration, threads)
    self.progress = progress
  }

  /// What one service brings to the work.
  private struct ServiceInput: Sendable {
    var frame: ServiceFrame
    var isFitted: [Bool]
    var features: ServiceFeatureModel
  }

  /// One service after its own part of the work.
  private struct FittedService: Sendable {
    var features: ServiceFeatureModel
    var forest: IsolationForest?
    var history: ServiceHistory
  }

  /// Trains on a dataset.
  ///
  /// - Parameter digest: The dataset's content digest, recorded in the model.
  /// - Throws: `PipelineError`, `FeatureError`, `IsolationForestError`, `LSTMError` or
  ///   `ScoringError`, each naming what is wrong with the data or the configuration.
  public func callAsFunction(_ dataset: Dataset, digest: String) async throws -> TrainedModel {
    let split = try configuration.evaluation.split.split(
      dataset.grid, publishedTestStart: dataset.publishedTestStart)
    let definition = configuration.featureDefinition(interval: dataset.grid.interval)
    let (inputs, dropped) = try await fitChannels(dataset, split: split, definition: definition)
    let fitted = try await fitServices(inputs, grid: dataset.grid, definition: definition)
    let histories = fitted.map(\.history)

    var detectors: [any DetectorModel] = []
    if configuration.models.forest != nil {
      var forests: [String: IsolationForest] = [:]
      for service in fitted {
        guard let forest = service.forest else {
          throw PipelineError.nothingToTrain(service: service.history.service)
        }
        forests[service.history.service] = forest
      }
      detectors.append(ForestModel(forests: forests))
    }
    var training: [TrainingSummary] = []
    if let section = configuration.models.forecast {
      let (model, records) = try await fitForecast(histories, section)
      detectors.append(model)
      training = records
    }
    if configuration.models.usesDeviation {
      detectors.append(
        DeviationModel(
          features: Dictionary(
            fitted.map { ($0.history.service, $0.features.featureScaling.count) },
            uniquingKeysWith: { first, _ in first })))
    }

    let scoring = try await ScoringModel.calibrated(
      features: FeatureModel(definition: definition, services: fitted.map(\.features)),
      detectors: detectors,
      dataset: dataset,
      cells: CalibrationCells(
        ranges: split.calibration, margin: configuration.models.incidentMargin,
        exceedance: configuration.models.falseAlarmRate),
      threads: threads, progress: progress)
    return TrainedModel(
      scoring: scoring, split: split, rules: configuration.evaluation.rules,
      incidentMargin: configuration.models.incidentMargin,
      falseAlarmRate: configuration.models.falseAlarmRate, seed: configuration.seed,
      name: configuration.name, datasetDigest: digest, dropped: dropped,
      training: training)
  }

  private func fitChannels(
    _ dataset: Dataset, split: Split, definition: FeatureDefinition
  ) async throws -> (inputs: [ServiceInput], dropped: [DroppedChannel]) {
    let (grid, incidents) = (dataset.grid, dataset.incidents)
    let margin = configuration.models.incidentMargin
    let fitted = try await concurrentMap(dataset.services, limit: threads) { frame in
      let mask = CellMask(
        split.train, service: frame.service, grid: grid, incidents: incidents, margin: margin
      ).isIncluded
      guard mask.contains(true) else {
        throw PipelineError.nothingToTrain(service: frame.service)
      }
      let (model, dropped) = ServiceFeatureModel.fitChannels(
        frame, grid: grid, isFitted: mask, definition: definition)
      return (
        input: model.map { ServiceInput(frame: frame, isFitted: mask, features: $0) },
        dropped: dropped
      )
    }
    var inputs = fitted.compactMap(\.input)
    guard !inputs.isEmpty else {
      throw FeatureError.noUsableService(services: dataset.services.count)
    }
    var models = inputs.map(\.features)
    ServiceFeatureModel.shareScales(&models)
    for index in inputs.indices { inputs[index].features = models[index] }
    return (inputs, fitted.flatMap(\.dropped))
  }

  private func fitServices(
    _ inputs: [ServiceInput], grid: TimeGrid, definition: FeatureDefinition
  ) async throws -> [FittedService] {
    let counter = ProgressCounter(
      stage: "features and forests", total: inputs.count, sink: progress)
    let (forest, seed) = (configuration.models.forest, configuration.seed)
    return try await concurrentMap(inputs, limit: threads) { input in
      defer { counter.advance(input.frame.service) }
      var model = input.features
      model.fitFeatures(
        input.frame, grid: grid, isFitted: input.isFitted, definition: definition)
      var history = ServiceHistory(
        input.frame, model: model, definition: definition, grid: grid, isFitted: input.isFitted)
      let fittedForest = try forest.flatMap {
        try ForestModel.fit(history, configuration: $0, seed: seed)
      }
      // Forecasters look at channels only; features are the larger part by far.
      for index in history.observations.indices { history.observations[index].features = [] }
      return FittedService(features: model, forest: fittedForest, history: history)
    }
  }

  private func fitForecast(
    _ histories: [ServiceHistory], _ section: PipelineConfiguration.ForecastSection
  ) async throws -> (ForecastModel, [TrainingSummary]) {
    let configured = ForecastModel.Configuration(
      network: section.network, smoothing: section.smoothing, usesCalendar: section.calendar)
    let (seed, progress) = (configuration.seed, progress)
    let groups = ForecastModel.grouped(histories)
    let fitted = try await concurrentMap(Array(groups.enumerated()), limit: threads) {
      try ForecastModel.fit(
        group: $0.element, index: $0.offset, configuration: configured, seed: seed,
        progress: progress)
    }
    let work = zip(groups, fitted).flatMap { group, result in
      group.map { (history: $0, network: result.group.network) }
    }
    let errors = try await concurrentMap(work, limit: threads) {
      ForecastModel.usualErrors(
        of: $0.network, on: $0.history, usesCalendar: section.calendar)
    }
    let model = ForecastModel(
      groups: fitted.map(\.group),
      errors: Dictionary(
        zip(work.map(\.history.service), errors), uniquingKeysWith: { first, _ in first }),
      smoothing: section.smoothing, usesCalendar: section.calendar)
    return (model, fitted.map { TrainingSummary(services: $0.group.services, record: $0.record) })
  }
}

extension PipelineConfiguration {
  /// The features section on a grid of the given interval.
  func featureDefinition(interval: TimeSpan) -> FeatureDefinition {
    FeatureDefinition(
      interval: interval,
      windows: features.windows.map { max(2, Int($0.milliseconds / interval.milliseconds)) },
      trackedTemplates: features.trackedTemplates, usesLogs: features.logs,
      minimumCoverage: features.minimumCoverage)
  }
}

extension ServiceHistory {
  /// Runs the features of a service from the start of its frame to the last fitted cell.
  init(
    _ frame: ServiceFrame, model: ServiceFeatureModel, definition: FeatureDefinition,
    grid: TimeGrid, isFitted: [Bool]
  ) {
    let end = (isFitted.lastIndex(of: true) ?? -1) + 1
    var extractor = FeatureExtractor(definition: definition, model: model)
    let rows = FrameRows(
      frame: frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: end),
      columns: model.metricColumns)
    self.init(
      service: frame.service, channels: model.channels,
      observations: rows.map { extractor.push($0) }, isFitted: Array(isFitted[..<end]))
  }
}
