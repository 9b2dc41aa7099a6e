internal import Detection
public import Diagnostics
internal import Features
internal import Ingest
internal import IsolationForest
internal import Scoring
public import Telemetry

/// The training stage: features, models and thresholds from a dataset.
///
/// Only training cells enter features and models, only calibration cells enter thresholds, and
/// neither are cells whose windows hold a known incident or time that belongs to the test.
public struct Training: Sendable {
  private let configuration: PipelineConfiguration
  private let threads: Int
  private let limits: TrainingLimits
  private let progress: ProgressSink
  private let times: FitTimes

  /// Makes a stage.
  ///
  /// - Parameters:
  ///   - threads: Services worked on at once; results do not depend on it, unless the time budget
  ///     of `models.lstm.max_duration` ends the training.
  ///   - limits: Where checkpoints go, and what may stop the training.
  ///   - times: Collects how long detectors took.
  public init(
    configuration: PipelineConfiguration, threads: Int, limits: TrainingLimits = TrainingLimits(),
    progress: @escaping ProgressSink, times: FitTimes = FitTimes()
  ) {
    (self.configuration, self.threads, self.limits) = (configuration, threads, limits)
    (self.progress, self.times) = (progress, times)
  }

  /// One service after its own part of the work.
  private struct FittedService: Sendable {
    var features: ServiceFeatureModel
    var forest: IsolationForest?
    var components: ComponentsModel?
    var history: ServiceHistory
  }

  /// Trains on a dataset.
  ///
  /// - Parameter digest: The dataset's content digest, recorded in the model.
  /// - Throws: `PipelineError`, `FeatureError`, `DetectionError`, `IsolationForestError`,
  ///   `LSTMError` or `ScoringError`, each naming what is wrong with the data or the configuration,
  ///   or that training was stopped; `StorageError` when a checkpoint cannot be read or written.
  public func callAsFunction(_ dataset: Dataset, digest: String) async throws -> TrainedModel {
    let split = try configuration.evaluation.split.split(
      dataset.grid, publishedTestStart: dataset.publishedTestStart)
    let fitting = try configuration.featureFitting(dataset, split: split, threads: threads)
    let definition = fitting.definition
    let (services, dropped) = try await fitting(dataset)
    let fitted = try await fitForests(services, grid: dataset.grid, definition: definition)
    let histories = fitted.map(\.history)

    var detectors: [any DetectorModel] = []
    if configuration.models.forest != nil {
      var forests: [String: IsolationForest] = [:]
      for service in fitted {
        forests[service.history.service] = service.forest
      }
      detectors.append(ForestModel(forests: forests))
    }
    var training: [TrainingSummary] = []
    if let section = configuration.models.forecast {
      let stage = ForecastFitting(
        section: section, seed: configuration.seed, threads: threads, limits: limits,
        progress: progress, times: times)
      let (model, records) = try await stage(histories)
      detectors.append(model)
      training = records
    }
    if configuration.models.usesDeviation {
      detectors.append(deviation(fitted, definition))
    }

    detectors += try await linearMembers(fitted)

    let (scoring, boundaryCells) = try await ScoringModel.calibrated(
      features: FeatureModel(definition: definition, services: fitted.map(\.features)),
      detectors: detectors,
      dataset: dataset,
      rule: ThresholdRule(time: fitting.time, boundary: configuration.models.boundary),
      threads: threads, progress: progress)
    return TrainedModel(
      scoring: scoring, split: split, rules: configuration.evaluation.rules,
      incidentMargin: configuration.models.incidentMargin,
      falseAlarmRate: configuration.models.boundary.exceedance, seed: configuration.seed,
      name: configuration.name, datasetDigest: digest,
      serviceLabels: configuration.reader.serviceLabels, boundaryCells: boundaryCells,
      dropped: dropped, training: training, baselines: configuration.models.baselines,
      expiresAfter: configuration.registry.expiresAfter,
      configurationDigest: configuration.statementsDigest)
  }

  /// The robust deviation of all services, without the features of states.
  private func deviation(
    _ fitted: [FittedService], _ definition: FeatureDefinition
  ) -> DeviationModel {
    // Channels come first, each with the same features; what follows has no states.
    let perChannel = definition.featureNames(ofChannel: "").count
    var model = DeviationModel(features: [:], least: max(1, perChannel))
    for service in fitted {
      let (name, count) = (service.history.service, service.features.featureScaling.count)
      let states = service.history.isState.flatMap { Array(repeating: $0, count: perChannel) }
      model.features[name] = count
      model.leaveOut(states + Array(repeating: false, count: count - states.count), of: name)
    }
    return model
  }

  /// The linear detectors that the configuration makes members of the ensemble.
  private func linearMembers(_ fitted: [FittedService]) async throws -> [any DetectorModel] {
    let (baselines, members) = (configuration.models.baselines, configuration.models.members)
    let times = times
    var detectors: [any DetectorModel] = []
    if members.contains(ComponentsModel.name) {
      detectors.append(
        ComponentsModel(
          components: fitted.reduce(into: [:]) { all, service in
            all.merge(
              service.components?.components ?? [:], uniquingKeysWith: { first, _ in first })
          }))
    }
    if members.contains(WindowedComponentsModel.name) {
      let models = try await concurrentMap(fitted.map(\.history), limit: threads) { history in
        try times.measure(WindowedComponentsModel.name) {
          try WindowedComponentsModel(
            fitting: [history], window: baselines.window, baselines.components)
        }
      }
      detectors.append(
        WindowedComponentsModel(
          window: baselines.window,
          components: models.reduce(into: [:]) { all, model in
            all.merge(model.components, uniquingKeysWith: { first, _ in first })
          }))
    }
    if members.contains(AutoregressionModel.name) {
      let models = try await concurrentMap(fitted.map(\.history), limit: threads) { history in
        try times.measure(AutoregressionModel.name) {
          try AutoregressionModel(
            fitting: [history], lags: baselines.lags, errors: baselines.errors)
        }
      }
      var whole = AutoregressionModel(forecasters: [:], errors: baselines.errors)
      for model in models {
        whole.forecasters.merge(model.forecasters, uniquingKeysWith: { first, _ in first })
        whole.errors.usual.merge(model.errors.usual, uniquingKeysWith: { first, _ in first })
        whole.errors.quiet.merge(model.errors.quiet, uniquingKeysWith: { first, _ in first })
      }
      detectors.append(whole)
    }
    return detectors
  }

  private func fitForests(
    _ services: [FeatureFitting.Service], grid: TimeGrid, definition: FeatureDefinition
  ) async throws -> [FittedService] {
    let counter = ProgressCounter(stage: "forests", total: services.count, sink: progress)
    let (forest, seed, times) = (configuration.models.forest, configuration.seed, times)
    let (baselines, usesComponents) = (
      configuration.models.baselines, configuration.models.members.contains(ComponentsModel.name)
    )
    // Where there are fewer services than threads, their trees are divided among the others.
    let growing = max(1, threads / max(1, services.count))
    return try await concurrentMap(services, limit: threads) { service in
      defer { counter.advance(service.frame.service) }
      var history = ServiceHistory(
        service.frame, model: service.model, definition: definition, grid: grid,
        isFitted: service.isFitted)
      let growth = try forest.flatMap {
        try ForestModel.growth(
          history.withoutStates(features: definition.featureNames(ofChannel: "").count),
          features: FeatureModel(definition: definition, services: [])
            .featureNames(of: service.model),
          configuration: $0, seed: seed)
      }
      let fittedForest = try await times.measure(ForestModel.name) {
        try await growth?.forest(threads: growing)
      }
      let components =
        usesComponents
        ? try times.measure(ComponentsModel.name) {
          try ComponentsModel(fitting: [history], baselines.components)
        } : nil
      // Forecasters look at channels only; features are the larger part by far.
      for index in history.observations.indices { history.observations[index].features = [] }
      return FittedService(
        features: service.model, forest: fittedForest, components: components, history: history)
    }
  }
}

extension ServiceHistory {
  /// Runs the features of a service from the start of its frame to the last fitted cell.
  init(
    _ frame: ServiceFrame, model: ServiceFeatureModel, definition: FeatureDefinition,
    grid: TimeGrid, isFitted: [Bool]
  ) {
    let end = (isFitted.lastIndex(of: true) ?? -1) + 1
    let batch = FeatureBatch(
      frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: end),
      definition: definition, model: model)
    self.init(
      service: frame.service, channels: model.channels,
      observations: batch.observations(), isFitted: Array(isFitted[..<end]),
      isState: model.channels.indices.map {
        $0 < model.metricKinds.count && model.metricKinds[$0] == .state
      })
  }
}
