public import Diagnostics
internal import LinearAlgebra

/// Trains LSTM forecasters by truncated back-propagation through time (Williams and Peng 1990).
///
/// Every epoch cuts the sequences into stretches at new places, shuffles them and walks batches of
/// them chunk by chunk. The state is carried from chunk to chunk, the gradient is not. With a
/// `WindowPlan` it cuts windows instead, which start from a zero state and are one chunk each. Each
/// chunk is one step of Adam or AdamW on the mean loss of the forecasts, with the gradient's norm
/// clipped. Training stops when the validation loss no longer falls, and the best weights are
/// returned.
///
/// The result is a function of data, configuration and seed, whatever the number of threads. A run
/// that was stopped, or killed, and goes on from its checkpoint comes to the same bits. Only a time limit
/// that ends a run makes it depend on the machine.
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
  ///   - fineTuning: The model to go on from; nil for random weights.
  ///   - control: Time limit, checkpoints and requests to stop.
  ///   - progress: Receives every epoch's losses, and within long epochs the loss so far.
  /// - Returns: The network of the best epoch and a record of all.
  /// - Throws: `LSTMError` when a setting is out of range, an input is not finite, no target is
  ///   observed, the loss diverges, a checkpoint is of another run, or training was stopped;
  ///   `StorageError` when a checkpoint cannot be read or written.
  /// - Precondition: All sequences have F columns, and `outputs` is within 1...F.
  public func train(
    _ training: [TrainingSequence], validation: [TrainingSequence] = [], outputs: Int? = nil,
    from fineTuning: FineTuning? = nil, control: TrainingControl = TrainingControl(),
    progress: ProgressSink = { _ in }
  ) throws -> (network: LSTMNetwork, record: TrainingRecord) {
    try configuration.validate()
    guard let width = training.first?.rows.columns else {
      throw LSTMError.noTargets(part: "training")
    }
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
    try fineTuning?.validate(shape)
    let checkpoint = control.checkpoint.map { path in
      TrainingCheckpoint(
        path: path,
        identity: TrainingIdentity(
          configuration: configuration, seed: seed, outputs: outputs, fineTuning: fineTuning,
          training: training, validation: validation))
    }
    var run = TrainingRun(
      fineTuning?.base ?? LSTMNetwork(shape: shape, seed: seed), configuration, seed: seed,
      threads: threads, fineTuning: fineTuning, control: control, checkpoint: checkpoint)
    return try run(training, validation: validation, progress: progress)
  }

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
      let allowed = TrainingSequence.weightRange
      for (row, weight) in (sequence.rowWeights ?? []).enumerated()
      where weight != 0 && !allowed.contains(weight) {
        throw .invalidWeight(part: part, sequence: index, row: row, value: weight)
      }
    }
    guard sequences.contains(where: { $0.hasTargets(columns: outputs) }) else {
      throw .noTargets(part: part)
    }
  }
}
