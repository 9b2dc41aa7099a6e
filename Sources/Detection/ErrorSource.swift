internal import Baselines
internal import Features
internal import LinearAlgebra

/// Compares a service's observations with what was foretold of each from earlier ones.
protocol ErrorSource: Sendable {
  /// Takes the next observation.
  ///
  /// - Returns: Per channel, value less forecast in asinh units; NaN where the value is missing or
  ///   there was no forecast yet.
  mutating func errors(_ observation: Observation) -> [Float]
  /// Writes down what it remembers.
  func remember(in memory: inout DetectorMemory)
  /// Takes back what one of the same model wrote down.
  mutating func recall(from memory: inout DetectorMemory)
  /// Adds the step of a network that was put off, if there is one.
  func offerStep(to batch: inout StepBatch)
  /// Takes what became of it, unless it was done meanwhile.
  mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch)
}

extension ErrorSource {
  func offerStep(to batch: inout StepBatch) {}

  mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch) {}
}

extension ErrorSource {
  /// The usual size of each channel's errors on the fitted observations of a service, [channels].
  consuming func usualErrors(on history: ServiceHistory) -> [RobustSummary] {
    var errors = Array(repeating: [Double](), count: history.channels.count)
    let end = (history.isFitted.lastIndex(of: true) ?? -1) + 1
    for (observation, isFitted) in zip(history.observations[..<end], history.isFitted) {
      let current = self.errors(observation)
      guard isFitted else { continue }
      for (channel, error) in current.enumerated() { errors[channel].append(Double(error)) }
    }
    return errors.map { values in
      var summary = RobustSummary(of: values) ?? RobustSummary(median: 0, scale: 1)
      summary.scale = max(summary.scale, ErrorModel.smallestScale)
      return summary
    }
  }
}
