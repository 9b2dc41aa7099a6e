public import Detection
public import Features
public import Telemetry

/// Everything that turns telemetry into calibrated scores: the one score path of training,
/// evaluation, batch scoring and live scoring.
public struct ScoringModel: Sendable {
  /// The name of the combined score.
  public static let ensembleName = "ensemble"

  /// Features and their scaling.
  public var features: FeatureModel
  /// Members in a fixed order.
  public var detectors: [any DetectorModel]
  /// One calibration per member, in the same order.
  public var calibrations: [Calibration]
  /// Calibration of the members' mean.
  public var ensemble: Calibration

  /// Makes a model from its parts.
  ///
  /// - Precondition: As many calibrations as detectors.
  public init(
    features: FeatureModel, detectors: [any DetectorModel], calibrations: [Calibration],
    ensemble: Calibration
  ) {
    precondition(
      detectors.count == calibrations.count,
      "\(calibrations.count) calibrations for \(detectors.count) detectors")
    (self.features, self.detectors) = (features, detectors)
    (self.calibrations, self.ensemble) = (calibrations, ensemble)
  }

  /// Names of the scores in a row: the members', then the ensemble's.
  public var scoreNames: [String] { detectors.map(\.name) + [Self.ensembleName] }

  /// The services the model knows, ascending.
  public var services: [String] { features.services.map(\.service) }

  /// Starts scoring a service, nil when it was not seen in training.
  public func scorer(for service: String) -> ServiceScorer? {
    RawScorer(service: service, features: features, detectors: detectors).map {
      ServiceScorer(
        service: service, scorer: $0, calibrations: calibrations, ensemble: ensemble)
    }
  }

  /// Scores every cell of a service's frame.
  ///
  /// - Returns: One array of `grid.count` scores per name in `scoreNames`; NaN is no score. Nil for
  ///   a service not seen in training.
  public func scores(of frame: ServiceFrame, grid: TimeGrid) -> [[Float]]? {
    guard var scorer = scorer(for: frame.service),
      let model = features.service(named: frame.service)
    else { return nil }
    var scores = Array(repeating: [Float](), count: detectors.count + 1)
    for row in FrameRows(frame: frame, grid: grid, columns: model.metricColumns) {
      for (index, score) in scorer.push(row).enumerated() { scores[index].append(score) }
    }
    return scores
  }
}

/// Scores one service, one row at a time.
public struct ServiceScorer: Sendable {
  private var scorer: RawScorer
  private let calibrations: [Calibration.OfService]
  private let ensemble: Calibration.OfService

  init(
    service: String, scorer: RawScorer, calibrations: [Calibration], ensemble: Calibration
  ) {
    self.scorer = scorer
    (self.calibrations, self.ensemble) = (calibrations.map { $0.of(service) }, ensemble.of(service))
  }

  /// Takes the next row in the order of time.
  ///
  /// - Returns: Calibrated scores in the order of `ScoringModel.scoreNames`; NaN is no score.
  public mutating func push(_ row: TelemetryRow) -> [Float] {
    var scores = scorer.push(row)
    for index in scores.indices { scores[index] = calibrations[index].score(scores[index]) }
    scores.append(ensemble.score(combine(scores)))
    return scores
  }

  /// What it remembers between rows.
  public func memory() -> ScorerMemory { scorer.memory() }

  /// Takes over the memory of a scorer of the same model and service.
  ///
  /// - Throws: `StorageError.invalidTensors` when it does not fit; start anew then.
  public mutating func restore(_ memory: ScorerMemory) throws { try scorer.restore(memory) }
}

/// The mean of the scores that are there, each taken as 1 + ln(score) beyond 1; NaN when none is.
///
/// The logarithm keeps the order of large scores but does not let one member that is a thousand
/// times over its boundary outvote the others for good.
public func combine(_ scores: [Float]) -> Float {
  var sum = 0.0
  var count = 0
  for score in scores where !score.isNaN {
    sum += score > 1 ? 1 + naturalLogarithm(Double(score)) : Double(score)
    count += 1
  }
  return count == 0 ? .nan : Float(sum / Double(count))
}
