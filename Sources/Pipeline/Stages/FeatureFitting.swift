internal import Features
internal import Ingest
internal import Telemetry

/// Fits the features of all services: what training and `autopilot features` share.
struct FeatureFitting: Sendable {
  /// A service whose features are fitted.
  struct Service: Sendable {
    /// Its telemetry, with everything missing that fitting may not see.
    var frame: ServiceFrame
    /// Per cell, whether models are fitted on it.
    var isFitted: [Bool]
    /// Its features.
    var model: ServiceFeatureModel
  }

  /// Stands in the list of dropped channels for a service that is left out whole.
  static let everyChannel = "every channel (no usable training cell)"

  /// What is computed.
  var definition: FeatureDefinition
  /// What may be known.
  var time: FittingTime
  /// Services worked on at once.
  var threads: Int

  /// Fits channels, what services share, and features.
  ///
  /// A service without data in its training cells is left out and listed.
  ///
  /// - Throws: `PipelineError.nothingToTrain` when no service is left.
  func callAsFunction(
    _ dataset: Dataset
  ) async throws -> (services: [Service], dropped: [DroppedChannel]) {
    let (grid, time, definition) = (dataset.grid, time, definition)
    let fitted = try await concurrentMap(dataset.services, limit: threads) { frame in
      let mask = time.training(of: frame.service)
      guard mask.contains(true) else {
        let dropped = DroppedChannel(
          service: frame.service, channel: Self.everyChannel, coverage: 0)
        return (service: Service?.none, dropped: [dropped])
      }
      let limited = frame.limited(to: time.visible(of: frame.service))
      let (model, dropped) = ServiceFeatureModel.fitChannels(
        limited, grid: grid, isFitted: mask, definition: definition)
      return (model.map { Service(frame: limited, isFitted: mask, model: $0) }, dropped)
    }
    var services = fitted.compactMap(\.service)
    guard !services.isEmpty else {
      throw PipelineError.nothingToTrain(
        services: dataset.services.count,
        lookBack: grid.interval * definition.historyLength,
        hint: dataset.report.emptyTime?.example)
    }
    var models = services.map(\.model)
    ServiceFeatureModel.shareScales(&models)
    for index in services.indices { services[index].model = models[index] }
    let finished = try await concurrentMap(services, limit: threads) { service in
      var service = service
      service.model.fitFeatures(
        service.frame, grid: grid, isFitted: service.isFitted, definition: definition)
      return service
    }
    return (finished, fitted.flatMap(\.dropped))
  }
}

extension PipelineConfiguration {
  /// The features section on a grid of the given interval.
  ///
  /// - Throws: `FeatureError.unusableWindow` for a window that is no multiple of the interval, or
  ///   shorter than its features allow.
  func featureDefinition(interval: TimeSpan) throws -> FeatureDefinition {
    func cells(_ window: TimeSpan, shortest: Int) throws -> Int {
      guard window.milliseconds % interval.milliseconds == 0, window >= interval * shortest,
        window <= interval * SelectedFeature.longestWindow
      else {
        throw FeatureError.unusableWindow(
          window: window.description, interval: interval.description)
      }
      return Int(window.milliseconds / interval.milliseconds)
    }
    let windows = try features.windows.map { try cells($0, shortest: 2) }
    let added = try features.added.flatMap { added in
      guard let shortest = added.feature.shortestWindow else {
        return [SelectedFeature(added.feature)]
      }
      return try (added.windows ?? features.windows).map {
        SelectedFeature(added.feature, window: try cells($0, shortest: shortest))
      }
    }
    return FeatureDefinition(
      interval: interval, windows: windows,
      selected: features.set.features(windows: windows) + added,
      trackedTemplates: features.trackedTemplates, usesLogs: features.logs,
      logMasks: reader.logMasks, minimumCoverage: features.minimumCoverage,
      takesDailyCourse: features.dailyCourse)
  }

  /// Features of a dataset under this configuration's split.
  func featureFitting(_ dataset: Dataset, split: Split, threads: Int) throws -> FeatureFitting {
    let definition = try featureDefinition(interval: dataset.grid.interval)
    return FeatureFitting(
      definition: definition,
      time: FittingTime(
        dataset, split: split, margin: models.incidentMargin,
        lookBack: definition.historyLength), threads: threads)
  }
}
