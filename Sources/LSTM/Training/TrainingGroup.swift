internal import LinearAlgebra

/// Lanes that walk side by side from a zero state.
struct TrainingGroup: Hashable, Sendable {
  /// What each lane walks through.
  var lanes: ArraySlice<Stretch>
  /// Steps that a gradient looks back.
  var chunk: Int

  /// Steps until the longest lane ends.
  var steps: Int { lanes.map(\.steps).max() ?? 0 }

  /// Steps of all lanes together.
  var work: Int { lanes.reduce(0) { $0 + $1.steps } }

  /// What an epoch walks through, in order: a function of the seed and the epoch.
  ///
  /// - Parameter steps: Steps of each sequence.
  static func epoch(
    _ epoch: Int, steps: [Int], configuration: LSTMConfiguration, seed: UInt64
  ) -> [TrainingGroup] {
    guard let plan = configuration.windows else {
      var generator = Philox(seed: seed, purpose: "lstm stretches", index: epoch)
      let stretches = Stretch.shuffled(
        steps: steps, length: configuration.stretch, using: &generator)
      return groups(of: stretches, configuration, chunk: configuration.chunk)
    }
    var generator = Philox(seed: seed, purpose: "lstm windows", index: epoch)
    var result: [TrainingGroup] = []
    for length in plan.lengths {
      var windows = plan.windows(length: length, steps: steps)
      shuffle(&windows, using: &generator)
      result += groups(of: windows, configuration, chunk: length)
    }
    shuffle(&result, using: &generator)
    return result
  }

  /// Sequences walked whole, as in production.
  static func whole(steps: [Int], configuration: LSTMConfiguration) -> [TrainingGroup] {
    // Sequences of similar length go together, so that few lanes run empty.
    let stretches = steps.enumerated()
      .map { Stretch(sequence: $0.offset, start: 0, steps: $0.element) }
      .sorted { ($0.steps, $0.sequence) > ($1.steps, $1.sequence) }
    return groups(of: stretches, configuration, chunk: configuration.chunk)
  }

  private static func groups(
    of stretches: [Stretch], _ configuration: LSTMConfiguration, chunk: Int
  ) -> [TrainingGroup] {
    Stretch.groups(of: stretches.count, limit: configuration.batch)
      .map { TrainingGroup(lanes: stretches[$0], chunk: chunk) }
  }
}
