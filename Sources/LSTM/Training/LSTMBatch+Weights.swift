extension LSTMBatch {
  /// Leaves the last step of every lane as its only target.
  mutating func keepLastTargets(of stretches: ArraySlice<Stretch>) {
    for (lane, stretch) in stretches.enumerated() {
      for step in 0..<min(steps, stretch.steps - 1) {
        let slot = step * lanes + lane
        for index in slot * shape.outputs..<(slot + 1) * shape.outputs { observed[index] = 0 }
      }
    }
  }

  /// Multiplies what targets count by the weights of their rows.
  ///
  /// - Parameter begin: The step of the stretches that is the batch's first.
  mutating func weigh(
    _ stretches: ArraySlice<Stretch>, of sequences: [TrainingSequence], from begin: Int
  ) {
    for (lane, stretch) in stretches.enumerated() {
      guard let weights = sequences[stretch.sequence].rowWeights else { continue }
      for step in 0..<max(0, min(steps, stretch.steps - begin)) {
        let slot = step * lanes + lane
        let weight = weights[stretch.start + begin + step + 1]
        for index in slot * shape.outputs..<(slot + 1) * shape.outputs {
          observed[index] *= weight
        }
      }
    }
  }
}
