extension LSTMBatch {
  /// Leaves the last step of every lane as its only one with targets.
  ///
  /// - Precondition: The head applies at all steps.
  mutating func keepLastTargets(of stretches: ArraySlice<Stretch>) {
    precondition(headSteps == .all, "targets of the last steps of \(headSteps)")
    for (lane, stretch) in stretches.enumerated() {
      for step in 0..<min(steps, stretch.steps - 1) {
        for index in targets(step: step, lane: lane) { observed[index] = 0 }
      }
    }
  }

  /// Multiplies what targets count by the weights of their rows.
  ///
  /// - Parameter begin: The step of the stretches that is the batch's first.
  /// - Precondition: The head applies at all steps.
  mutating func weigh(
    _ stretches: ArraySlice<Stretch>, of sequences: [TrainingSequence], from begin: Int
  ) {
    precondition(headSteps == .all, "targets of the last steps of \(headSteps)")
    for (lane, stretch) in stretches.enumerated() {
      guard let weights = sequences[stretch.sequence].rowWeights else { continue }
      for step in 0..<max(0, min(steps, stretch.steps - begin)) {
        let first = targets(step: step, lane: lane).lowerBound
        for ahead in 1...shape.horizon {
          let row = stretch.start + begin + step + ahead
          guard row < weights.count else { break }
          let place = first + (ahead - 1) * shape.outputs
          for index in place..<place + shape.outputs { observed[index] *= weights[row] }
        }
      }
    }
  }

  private func targets(step: Int, lane: Int) -> Range<Int> {
    let begin = (step * lanes + lane) * shape.targetWidth
    return begin..<begin + shape.targetWidth
  }
}
