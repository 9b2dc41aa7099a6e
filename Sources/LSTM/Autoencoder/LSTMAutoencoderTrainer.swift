public import Diagnostics
internal import LinearAlgebra

/// Trains autoencoders on windows by Adam on the mean squared error, with the gradient's norm
/// clipped; stops when the validation loss no longer falls, and returns the best weights.
///
/// The result is a function of data, settings and seed, whatever the number of threads.
public struct LSTMAutoencoderTrainer: Sendable {
  /// Sizes and settings; of `hidden`, `layers`, `batch` (windows side by side), `epochs`, those of
  /// Adam, `gradientNorm`, `patience`, `minimumDelta` and `shardLanes`.
  public var configuration: LSTMConfiguration
  /// Rows of a window, at least 1.
  public var window: Int
  /// Rows from the start of one window to that of the next, at least 1.
  public var stride: Int
  /// Keys the weights and the order of the windows.
  public var seed: UInt64
  /// Threads that share the windows of a batch, at least 1.
  public var threads = 1

  /// Makes a trainer.
  ///
  /// - Precondition: `window` and `stride` are positive.
  public init(
    configuration: LSTMConfiguration = LSTMConfiguration(), window: Int, stride: Int = 1,
    seed: UInt64
  ) {
    precondition(window > 0 && stride > 0, "windows of \(window) every \(stride) rows")
    (self.configuration, self.seed) = (configuration, seed)
    (self.window, self.stride) = (window, stride)
  }

  /// Trains an autoencoder.
  ///
  /// - Parameters:
  ///   - training: Sequences to learn from, all with F columns. Windows lie within one sequence, and
  ///     values that are not observed do not count.
  ///   - validation: Later sequences that decide when to stop. Without any, every epoch runs and the
  ///     last weights are kept.
  ///   - outputs: How many of the first columns are reconstructed; nil for all F.
  ///   - progress: Receives every epoch's losses.
  /// - Returns: The autoencoder of the best epoch and a record of all.
  /// - Throws: `LSTMError` when a setting is out of range, an input is not finite, there is no
  ///   window, or the loss diverges.
  /// - Precondition: All sequences have F columns, and `outputs` is within 1...F.
  public func train(
    _ training: [TrainingSequence], validation: [TrainingSequence] = [], outputs: Int? = nil,
    progress: ProgressSink = { _ in }
  ) throws(LSTMError) -> (autoencoder: LSTMAutoencoder, record: TrainingRecord) {
    try configuration.validate()
    guard let width = training.first?.rows.columns else {
      throw .noWindows(part: "training", length: window)
    }
    let outputs = outputs ?? width
    let windows = try self.windows(of: training, "training", width: width, outputs: outputs)
    let checks =
      validation.isEmpty
      ? [] : try self.windows(of: validation, "validation", width: width, outputs: outputs)
    var run = AutoencoderRun(
      LSTMAutoencoder(
        inputs: width, outputs: outputs, hidden: configuration.hidden,
        layers: configuration.layers, seed: seed), self)
    var (best, record, lowest) = (run.autoencoder, TrainingRecord(), Double.infinity)
    for epoch in 0..<configuration.epochs {
      let loss = try run.trainEpoch(epoch, windows, of: training)
      record.trainLoss.append(loss)
      var detail = "loss \(Float(loss))"
      if validation.isEmpty {
        (best, record.bestEpoch) = (run.autoencoder, epoch)
      } else {
        let loss = try run.walk(checks, of: validation, part: "validation", epoch: epoch)
        record.validationLoss.append(loss)
        detail += ", validation \(Float(loss))"
        if loss < lowest - configuration.minimumDelta {
          (lowest, best, record.bestEpoch) = (loss, run.autoencoder, epoch)
        }
      }
      progress(
        ProgressEvent(
          stage: "train lstm autoencoder", completed: epoch + 1, total: configuration.epochs,
          detail: detail))
      if epoch - record.bestEpoch >= configuration.patience { break }
    }
    return (best, record)
  }

  /// Every window that has an observed value.
  private func windows(
    of sequences: [TrainingSequence], _ part: String, width: Int, outputs: Int
  ) throws(LSTMError) -> [Stretch] {
    var result: [Stretch] = []
    for (index, sequence) in sequences.enumerated() {
      precondition(
        sequence.rows.columns == width,
        "\(part) sequence \(index) has \(sequence.rows.columns) columns, the first has \(width)")
      if let element = sequence.rows.elements.firstIndex(where: { !$0.isFinite }) {
        throw .nonFiniteInput(
          part: part, sequence: index, row: element / width, column: element % width)
      }
      for start in Swift.stride(from: 0, through: sequence.rows.rows - window, by: stride) {
        let counts = (start..<start + window).contains { row in
          sequence.observed[row * width..<row * width + outputs].contains(true)
        }
        if counts { result.append(Stretch(sequence: index, start: start, steps: window)) }
      }
    }
    guard !result.isEmpty else { throw .noWindows(part: part, length: window) }
    return result
  }
}
