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
  /// How much each member counts in that mean, in the same order.
  public var weights: [Double]

  /// Makes a model from its parts.
  ///
  /// - Parameter weights: How much each member counts; nil for all alike.
  /// - Precondition: As many calibrations, and weights, as detectors.
  public init(
    features: FeatureModel, detectors: [any DetectorModel], calibrations: [Calibration],
    ensemble: Calibration, weights: [Double]? = nil
  ) {
    precondition(
      detectors.count == calibrations.count,
      "\(calibrations.count) calibrations for \(detectors.count) detectors")
    (self.features, self.detectors) = (features, detectors)
    (self.calibrations, self.ensemble) = (calibrations, ensemble)
    self.weights = weights ?? detectors.map { _ in 1 }
    precondition(
      self.weights.count == detectors.count,
      "\(self.weights.count) weights for \(detectors.count) detectors")
  }

  /// Names of the scores in a row: the members', then the ensemble's.
  public var scoreNames: [String] { detectors.map(\.name) + [Self.ensembleName] }

  /// The services the model knows, ascending.
  public var services: [String] { features.services.map(\.service) }

  /// Starts scoring a service, nil when it was not seen in training.
  public func scorer(for service: String) -> ServiceScorer? {
    RawScorer(service: service, features: features, detectors: detectors).map {
      ServiceScorer(
        service: service, scorer: $0, calibrations: calibrations, ensemble: ensemble,
        weights: weights)
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
  private let weights: [Double]

  init(
    service: String, scorer: RawScorer, calibrations: [Calibration], ensemble: Calibration,
    weights: [Double]
  ) {
    (self.scorer, self.weights) = (scorer, weights)
    (self.calibrations, self.ensemble) = (calibrations.map { $0.of(service) }, ensemble.of(service))
  }

  /// Takes the next row in the order of time.
  ///
  /// - Returns: Calibrated scores in the order of `ScoringModel.scoreNames`; NaN is no score.
  public mutating func push(_ row: TelemetryRow) -> [Float] {
    var scores = scorer.push(row)
    for index in scores.indices { scores[index] = calibrations[index].score(scores[index]) }
    scores.append(ensemble.score(combine(scores, weights)))
    return scores
  }

  /// Adds what the next row would wait for, so that it can be done for many services at once.
  public func offerSteps(to batch: inout StepBatch, owner: Int) {
    scorer.offerSteps(to: &batch, owner: owner)
  }

  /// Takes what became of it, unless the next row has come.
  public mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch) {
    scorer.takeStep(ticket, from: batch)
  }

  /// What it remembers between rows.
  public func memory() -> ScorerMemory { scorer.memory() }

  /// Takes over the memory of a scorer of the same model and service.
  ///
  /// - Throws: `StorageError.invalidTensors` when it does not fit; start anew then.
  public mutating func restore(_ memory: ScorerMemory) throws { try scorer.restore(memory) }
}

/// How much a member counts in the mean of a new model: the deviation, which sees any input leave its
/// usual range, as much as three others.
public func ensembleWeight(of detector: String) -> Double {
  detector == DeviationModel.name ? 3 : 1
}

/// The weighted mean of the scores that are there, each taken as 1 + ln(score) beyond 1; NaN when none
/// is.
///
/// The logarithm keeps the order of large scores but does not let one member that is a thousand
/// times over its boundary outvote the others for good.
///
/// - Precondition: As many weights as scores.
public func combine(_ scores: [Float], _ weights: [Double]) -> Float {
  precondition(scores.count == weights.count, "\(weights.count) weights for \(scores.count) scores")
  var sum = 0.0
  var total = 0.0
  for (score, weight) in zip(scores, weights) where !score.isNaN {
    sum += weight * (score > 1 ? 1 + naturalLogarithm(Double(score)) : Double(score))
    total += weight
  }
  return total == 0 ? .nan : Float(sum / total)
}
