internal import LinearAlgebra

/// An autoencoder in training with all the memory that training needs.
struct AutoencoderRun {
  private(set) var autoencoder: LSTMAutoencoder
  private let settings: LSTMAutoencoderTrainer
  private var encoderOptimiser: Adam
  private var decoderOptimiser: Adam
  private let shards: AutoencoderShards
  private var batch: AutoencoderBatch

  init(_ autoencoder: LSTMAutoencoder, _ settings: LSTMAutoencoderTrainer) {
    (self.autoencoder, self.settings) = (autoencoder, settings)
    let configuration = settings.configuration
    func adam(_ network: LSTMNetwork) -> Adam {
      Adam(
        count: network.parameters.count, learningRate: configuration.learningRate,
        firstDecay: configuration.firstDecay, secondDecay: configuration.secondDecay,
        epsilon: configuration.epsilon)
    }
    encoderOptimiser = adam(autoencoder.encoder)
    decoderOptimiser = adam(autoencoder.decoder)
    shards = AutoencoderShards(
      autoencoder, lanes: configuration.batch, steps: settings.window,
      shardLanes: configuration.shardLanes, threads: WorkerThreads(threads: settings.threads))
    batch = AutoencoderBatch(autoencoder, lanes: configuration.batch, steps: settings.window)
  }

  /// Learns from all windows once, in a new order (Fisher and Yates).
  mutating func trainEpoch(
    _ epoch: Int, _ windows: [Stretch], of sequences: [TrainingSequence]
  ) throws(LSTMError) -> Double {
    var generator = Philox(seed: settings.seed, purpose: "lstm windows", index: epoch)
    var order = windows
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.index(below: last + 1))
    }
    return try walk(order, of: sequences, part: "training", epoch: epoch, learning: true)
  }

  /// The mean squared error of windows, measured before each gradient step when learning.
  mutating func walk(
    _ windows: [Stretch], of sequences: [TrainingSequence], part: String, epoch: Int,
    learning: Bool = false
  ) throws(LSTMError) -> Double {
    var total = LossSum()
    for group in Stretch.groups(of: windows.count, limit: settings.configuration.batch) {
      batch.load(windows[group], of: sequences)
      let loss = shards.run(autoencoder, batch, learning: learning)
      total += loss
      guard loss.sum.isFinite, !learning || loss.weight == 0 || learn() else {
        throw .diverged(
          part: part, epoch: epoch, step: encoderOptimiser.steps,
          learningRate: settings.configuration.learningRate)
      }
    }
    return total.mean
  }

  /// One step of the optimiser; false when the gradient is not finite.
  private mutating func learn() -> Bool {
    let (a, b) = (norm(of: shards.encoder), norm(of: shards.decoder))
    let length = (a * a + b * b).squareRoot()
    guard length.isFinite else { return false }
    let scale = clippingScale(norm: length, limit: settings.configuration.gradientNorm)
    encoderOptimiser.update(
      &autoencoder.encoder.parameters, gradients: shards.encoder, scale: scale)
    decoderOptimiser.update(
      &autoencoder.decoder.parameters, gradients: shards.decoder, scale: scale)
    return true
  }
}
