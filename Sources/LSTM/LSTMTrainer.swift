public import Diagnostics
internal import LinearAlgebra

/// Trains LSTM forecasters by truncated back-propagation through time (Williams and Peng 1990).
///
/// Every epoch cuts the sequences into stretches at new places, shuffles them and walks batches of
/// them chunk by chunk. The state is carried from chunk to chunk, the gradient is not. Each chunk is
/// one step of Adam on the mean loss of the forecasts, with the gradient's norm clipped. Training
/// stops when the validation loss no longer falls, and the best weights are returned.
///
/// The result is a function of data, configuration and seed, whatever the number of threads.
public struct LSTMTrainer: Sendable {
  /// Sizes and settings.
  public var configuration: LSTMConfiguration
  /// Keys the weights and the order of the stretches.
  public var seed: UInt64
  /// Threads that share the lanes of a batch, at least 1.
  public var threads = 1

  /// Makes a trainer.
  public init(configuration: LSTMConfiguration = LSTMConfiguration(), seed: UInt64) {
    (self.configuration, self.seed) = (configuration, seed)
  }

  /// Trains a network.
  ///
  /// - Parameters:
  ///   - training: Sequences to learn from, all with F columns.
  ///   - validation: Later sequences that decide when to stop. Without any, every epoch runs and the
  ///     last weights are kept.
  ///   - outputs: How many of the first columns are forecast; nil for all F. The rest, such as the
  ///     time of day, are inputs alone.
  ///   - progress: Receives every epoch's losses.
  /// - Returns: The network of the best epoch and a record of all.
  /// - Throws: `LSTMError` when a setting is out of range, an input is not finite, no target is
  ///   observed, or the loss diverges.
  /// - Precondition: All sequences have F columns, and `outputs` is within 1...F.
  public func train(
    _ training: [TrainingSequence], validation: [TrainingSequence] = [], outputs: Int? = nil,
    progress: ProgressSink = { _ in }
  ) throws(LSTMError) -> (network: LSTMNetwork, record: TrainingRecord) {
    try configuration.validate()
    guard let width = training.first?.rows.columns else { throw .noTargets(part: "training") }
    let outputs = outputs ?? width
    precondition((1...width).contains(outputs), "\(outputs) outputs for rows of \(width)")
    try check(training, part: "training", width: width, outputs: outputs)
    if !validation.isEmpty {
      try check(validation, part: "validation", width: width, outputs: outputs)
    }
    let shape = LSTMShape(
      inputs: width, hidden: configuration.hidden, layers: configuration.layers, outputs: outputs,
      horizon: configuration.horizon, quantiles: configuration.quantiles,
      layerNorm: configuration.layerNorm)
    var run = TrainingRun(
      LSTMNetwork(shape: shape, seed: seed), configuration, seed: seed, threads: threads)
    var best = run.network
    var record = TrainingRecord()
    var lowest = Double.infinity
    for epoch in 0..<configuration.epochs {
      let loss = try run.trainEpoch(epoch, on: training)
      record.trainLoss.append(loss)
      var detail = "loss \(rounded(loss))"
      if validation.isEmpty {
        (best, record.bestEpoch) = (run.network, epoch)
      } else {
        let loss = try run.validationLoss(after: epoch, on: validation)
        record.validationLoss.append(loss)
        detail += ", validation \(rounded(loss))"
        if loss < lowest - configuration.minimumDelta {
          (lowest, best, record.bestEpoch) = (loss, run.network, epoch)
        }
      }
      progress(
        ProgressEvent(
          stage: "train lstm", completed: epoch + 1, total: configuration.epochs, detail: detail))
      if epoch - record.bestEpoch >= configuration.patience { break }
    }
    return (best, record)
  }

  /// Four significant digits or more are enough for people.
  private func rounded(_ loss: Double) -> Float { Float((loss * 1e6).rounded() / 1e6) }

  private func check(
    _ sequences: [TrainingSequence], part: String, width: Int, outputs: Int
  ) throws(LSTMError) {
    for (index, sequence) in sequences.enumerated() {
      precondition(
        sequence.rows.columns == width,
        "\(part) sequence \(index) has \(sequence.rows.columns) columns, the first has \(width)")
      if let element = sequence.rows.elements.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteInput(
          part: part, sequence: index, row: element / width, column: element % width)
      }
    }
    guard sequences.contains(where: { $0.hasTargets(columns: outputs) }) else {
      throw .noTargets(part: part)
    }
  }
}

/// A network in training with all the memory that training needs.
private struct TrainingRun {
  private(set) var network: LSTMNetwork
  private let configuration: LSTMConfiguration
  private let seed: UInt64
  private var optimiser: Adam
  private let shards: LSTMShards
  private var batch: LSTMBatch
  private var steps = 0

  init(
    _ network: LSTMNetwork, _ configuration: LSTMConfiguration, seed: UInt64, threads: Int
  ) {
    (self.network, self.configuration, self.seed) = (network, configuration, seed)
    let shape = network.shape
    optimiser = Adam(
      count: shape.parameterCount, learningRate: configuration.learningRate,
      firstDecay: configuration.firstDecay, secondDecay: configuration.secondDecay,
      epsilon: configuration.epsilon)
    let (lanes, steps) = (configuration.batch, configuration.chunk)
    shards = LSTMShards(
      shape: shape, lanes: lanes, steps: steps, dropout: configuration.dropout > 0,
      shardLanes: configuration.shardLanes, threads: WorkerThreads(threads: threads))
    batch = LSTMBatch(shape: shape, lanes: lanes, steps: steps)
  }

  /// Walks all sequences once and learns; returns the mean loss on the way.
  mutating func trainEpoch(
    _ epoch: Int, on sequences: [TrainingSequence]
  ) throws(LSTMError) -> Double {
    var generator = Philox(seed: seed, purpose: "lstm stretches", index: epoch)
    let stretches = Stretch.shuffled(
      steps: sequences.map(\.steps), length: configuration.stretch, using: &generator)
    return try walk(stretches, of: sequences, part: "training", epoch: epoch, learning: true)
  }

  /// The mean loss on sequences, each walked whole from a zero state as in production.
  mutating func validationLoss(
    after epoch: Int, on sequences: [TrainingSequence]
  ) throws(LSTMError) -> Double {
    // Sequences of similar length go together, so that few lanes run empty.
    let stretches = sequences.enumerated()
      .map { Stretch(sequence: $0.offset, start: 0, steps: $0.element.steps) }
      .sorted { ($0.steps, $0.sequence) > ($1.steps, $1.sequence) }
    return try walk(stretches, of: sequences, part: "validation", epoch: epoch, learning: false)
  }

  private mutating func walk(
    _ stretches: [Stretch], of sequences: [TrainingSequence], part: String, epoch: Int,
    learning: Bool
  ) throws(LSTMError) -> Double {
    var total = LossSum()
    for group in Stretch.groups(of: stretches.count, limit: configuration.batch) {
      let lanes = stretches[group]
      let longest = lanes.map(\.steps).max() ?? 0
      shards.reset(lanes: lanes.count)
      for begin in stride(from: 0, to: longest, by: configuration.chunk) {
        let steps = min(configuration.chunk, longest - begin)
        batch.load(lanes, of: sequences, from: begin, steps: steps)
        let loss =
          learning
          ? shards.gradients(network, batch, dropout: dropout) : shards.loss(network, batch)
        total += loss
        guard loss.sum.isFinite, !learning || loss.weight == 0 || learn() else {
          throw .diverged(part: part, epoch: epoch, learningRate: configuration.learningRate)
        }
        shards.carry(after: steps)
      }
    }
    return total.mean
  }

  /// What is dropped in the next step of the optimiser.
  private var dropout: LSTMDropout? {
    configuration.dropout > 0
      ? LSTMDropout(rate: configuration.dropout, seed: seed, step: steps) : nil
  }

  /// One step of the optimiser; false when the gradient is not finite.
  private mutating func learn() -> Bool {
    let length = norm(of: shards.gradients)
    guard length.isFinite else { return false }
    optimiser.update(
      &network.parameters, gradients: shards.gradients,
      scale: clippingScale(norm: length, limit: configuration.gradientNorm))
    steps += 1
    return true
  }
}
