public import Detection
public import Features
public import Storage

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

  /// Adds what detectors put off until the next row.
  public func offerSteps(to batch: inout StepBatch, owner: Int) {
    batch.add(detectors, owner: owner)
  }

  /// Takes what became of it.
  public mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch) {
    detectors[ticket.detector]?.takeStep(ticket, from: batch)
  }

  /// What extractor and detectors remember, so that another process goes on where this one stopped.
  public func memory() -> ScorerMemory {
    ScorerMemory(
      features: extractor.snapshot(),
      detectors: detectors.map { detector in
        var memory = DetectorMemory()
        detector?.remember(in: &memory)
        return memory
      })
  }

  /// Takes over the memory of a scorer of the same model and service; scores go on bit for bit.
  ///
  /// - Throws: `StorageError.invalidTensors` when it does not fit this scorer, which then must not be
  ///   used any more.
  public mutating func restore(_ memory: ScorerMemory) throws {
    try extractor.restore(memory.features)
    for (index, part) in memory.detectors.enumerated() where index < detectors.count {
      var part = part
      detectors[index]?.recall(from: &part)
      guard part.isSpent else { throw Self.misfit(memory, "detector \(index)") }
    }
    guard memory.detectors.count == detectors.count else {
      throw Self.misfit(memory, "\(memory.detectors.count) detectors for \(detectors.count)")
    }
  }

  private static func misfit(_ memory: ScorerMemory, _ what: String) -> StorageError {
    .invalidTensors(
      path: memory.features.source, reason: "\(what): another model wrote this memory")
  }
}

/// What a scorer of one service remembers between rows.
public struct ScorerMemory: Hashable, Sendable {
  /// The memory of its feature extractor, see `FeatureExtractor.snapshot`.
  public var features: TensorBundle
  /// The memories of its detectors in the model's order.
  public var detectors: [DetectorMemory]

  /// Makes a memory from its parts.
  public init(features: TensorBundle, detectors: [DetectorMemory]) {
    (self.features, self.detectors) = (features, detectors)
  }
}
