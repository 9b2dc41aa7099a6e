/// All that a training run has come to between two batches: what goes on from an equal state with
/// equal data, configuration and seed ends in the same bits.
///
/// Lanes start from zero at every batch, so that no LSTM state belongs to it, and random numbers
/// are functions of the seed and the counters.
struct TrainingState: Hashable, Sendable {
  /// The weights now.
  var network: LSTMNetwork
  /// The weights of the best epoch.
  var best: LSTMNetwork
  /// The optimiser with its moments and steps.
  var optimiser: Adam
  /// The step size.
  var rate: LearningRate
  /// What happened in the epochs that are over.
  var record = TrainingRecord()
  /// The lowest validation loss.
  var lowest = Double.infinity
  /// Epochs that are over.
  var epoch = 0
  /// Batches of the current epoch that are over.
  var group = 0
  /// Losses of the current epoch, each times what it counts.
  var lossSum = 0.0
  /// What they count.
  var lossWeight = 0.0
  /// Whether training has ended by itself.
  var isFinished = false

  /// Starts a run.
  init(_ network: LSTMNetwork, _ configuration: LSTMConfiguration, frozen: [String]) {
    (self.network, best) = (network, network)
    optimiser = Adam(
      count: network.shape.parameterCount, learningRate: configuration.learningRate,
      firstDecay: configuration.firstDecay, secondDecay: configuration.secondDecay,
      epsilon: configuration.epsilon, weightDecay: configuration.weightDecay,
      decaying: network.shape.decaying(frozen: frozen))
    rate = LearningRate(configuration)
  }

  /// Whether no batch was learned from yet.
  var isFresh: Bool { epoch == 0 && group == 0 }

  /// Closes an epoch.
  ///
  /// - Parameters:
  ///   - validation: Its validation loss; nil without validation.
  mutating func finishEpoch(validation: Double?, _ configuration: LSTMConfiguration) {
    let loss = lossSum / lossWeight
    record.trainLoss.append(loss)
    record.learningRate.append(Double(optimiser.learningRate))
    if let validation {
      record.validationLoss.append(validation)
      if validation < lowest - configuration.minimumDelta {
        (lowest, best, record.bestEpoch) = (validation, network, epoch)
      }
    } else {
      (best, record.bestEpoch) = (network, epoch)
    }
    rate.observe(validation ?? loss)
    if epoch - record.bestEpoch >= configuration.patience {
      (record.ending, isFinished) = (.patience, true)
    }
    (epoch, group, lossSum, lossWeight) = (epoch + 1, 0, 0, 0)
    if epoch == configuration.epochs { isFinished = true }
  }

  /// The best weights so far and the record, for a run whose time is over.
  func endedByTime() -> (network: LSTMNetwork, record: TrainingRecord) {
    var (network, record) = (best, record)
    record.ending = .timeBudget
    // A part of an epoch is better than random weights, but not known to be better than a base.
    if epoch == 0, record.bestEpoch == 0 {
      network = self.network
      record.trainLoss = lossWeight > 0 ? [lossSum / lossWeight] : []
      record.learningRate = [Double(optimiser.learningRate)]
    }
    return (network, record)
  }
}
