public import Detection
public import Features

/// Features and detectors of one service side by side: raw scores, one row at a time.
///
/// Calibration, baselines and calibrated scoring all run through this.
public struct RawScorer: Sendable {
  private var extractor: FeatureExtractor
  private var detectors: [(any Detector)?]

  /// Starts a service, nil when it was not seen in training.
  public init?(service: String, features: FeatureModel, detectors: [any DetectorModel]) {
    guard let model = features.service(named: service) else { return nil }
    extractor = FeatureExtractor(definition: features.definition, model: model)
    self.detectors = detectors.map { $0.detector(for: service) }
  }

  /// Takes the next row in the order of time.
  ///
  /// - Returns: A raw score per detector; NaN is no score.
  public mutating func push(_ row: TelemetryRow) -> [Float] {
    let observation = extractor.push(row)
    return detectors.indices.map { detectors[$0]?.score(observation) ?? .nan }
  }
}
