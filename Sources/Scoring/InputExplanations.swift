internal import Detection
internal import Features
internal import IsolationForest
internal import LinearAlgebra
public import Telemetry

extension ScoringModel {
  /// Names of the detectors whose scores can be explained.
  public var explainedDetectors: [String] {
    detectors.filter { detector in
      detector is ForestModel
        || services.contains { detector.detector(for: $0) is any ChannelExplaining }
    }.map(\.name)
  }

  /// Explains the cells of a service's frame in which a detector's score is at least 1.
  ///
  /// - Parameters:
  ///   - causes: Channels or features named for each cell at most.
  ///   - name: The detector, one of `explainedDetectors`.
  ///   - cells: The cells to explain, whatever their score, instead.
  /// - Returns: Nothing for a model without that detector of the service.
  public func explanations(
    of frame: ServiceFrame, grid: TimeGrid, causes: Int, by name: String, at cells: Set<Int>? = nil
  ) -> [CellExplanation] {
    if name == ForestModel.name {
      return explanations(of: frame, grid: grid, causes: causes, at: cells)
    }
    guard let place = detectors.firstIndex(where: { $0.name == name }),
      var detector = detectors[place].detector(for: frame.service) as? any ChannelExplaining,
      let service = features.service(named: frame.service)
    else { return [] }
    let names = InputNames(detector.explained, features, service)
    let calibration = calibrations[place]
    var extractor = FeatureExtractor(definition: features.definition, model: service)
    var found: [CellExplanation] = []
    for (cell, row) in rows(of: frame, grid: grid, of: service, upTo: cells?.max()).enumerated() {
      let observation = extractor.push(row)
      // A state that is not explained goes on all the same.
      let explanation = detector.explain(observation)
      guard cells?.contains(cell) ?? true else { continue }
      let score = calibration.score(explanation.score, service: frame.service)
      guard cells != nil || score >= 1 else { continue }
      found.append(
        CellExplanation(
          time: row.time, service: frame.service, score: score,
          causes: names.causes(of: explanation, observation, limit: causes)))
    }
    return found
  }
}

/// What a detector's inputs are called and measured in.
private struct InputNames {
  private let inputs: ExplainedInputs
  private let names: [String]
  private let features: FeatureModel
  private let service: ServiceFeatureModel

  init(_ inputs: ExplainedInputs, _ features: FeatureModel, _ service: ServiceFeatureModel) {
    (self.inputs, self.features, self.service) = (inputs, features, service)
    switch inputs {
    case .channels: names = service.channels
    case .features: names = features.featureNames(of: service)
    }
  }

  /// What turns inputs back into the metrics' units at an instant.
  private func units(at time: Timestamp) -> [RobustSummary] {
    switch inputs {
    case .channels:
      service.channelScaling.enumerated().map { channel, scaling in
        RobustSummary(
          median: scaling.median + service.course(ofChannel: channel, at: time),
          scale: scaling.scale)
      }
    case .features: features.units(of: service, at: time)
    }
  }

  /// The inputs that add most to the score, the strongest first.
  func causes(
    of explanation: InputExplanation, _ observation: Observation, limit: Int
  ) -> [CellExplanation.Cause] {
    let observed = inputs == .channels ? observation.channels : observation.features
    let units = units(at: observation.time)
    let contributions = explanation.contributions
    let order = contributions.indices.filter { contributions[$0] > 0 }.sorted {
      (-contributions[$0], $0) < (-contributions[$1], $1)
    }
    return order.prefix(limit).map { input in
      let unit = units[input]
      let value = unit.median + unit.scale * Double(observed[input])
      let expected = explanation.expected[input].map {
        unit.median + unit.scale * $0.lowerBound...unit.median + unit.scale * $0.upperBound
      }
      return CellExplanation.Cause(
        feature: names[input], value: value, contribution: Double(contributions[input]),
        // Smoothed errors outlast what caused them.
        expected: expected?.contains(value) == true ? nil : expected)
    }
  }
}
