internal import LinearAlgebra

/// A chunk of steps of several lanes, side by side: what one gradient step looks at.
///
/// Lanes are independent pieces of series. Everything is step-major, so that the lanes of one step
/// lie together: element (t, b, j) of an array with n columns is at (t B + b) n + j.
package struct LSTMBatch {
  /// Sizes of a row and of a forecast.
  package let shape: LSTMShape
  /// Lanes B in use.
  package private(set) var lanes: Int
  /// Steps T in use.
  package private(set) var steps: Int
  /// Inputs x_t, [T × B × F].
  package var inputs: [Float]
  /// What the forecast of step t should be, [T × B × O].
  package var targets: [Float]
  /// How much a target counts: 0 for not at all, and 1 unless rows have weights, [T × B × O].
  package var observed: [Float]

  /// Makes a batch of zeros in which no target counts; its sizes are also the capacity.
  package init(shape: LSTMShape, lanes: Int, steps: Int) {
    precondition(lanes > 0 && steps > 0, "\(lanes) lanes of \(steps) steps")
    (self.shape, self.lanes, self.steps) = (shape, lanes, steps)
    inputs = Array(repeating: 0, count: steps * lanes * shape.inputs)
    targets = Array(repeating: 0, count: steps * lanes * shape.outputs)
    observed = targets
  }

  /// What all targets count together: their number unless rows have weights.
  package var targetWeight: Double {
    let weights = observed.span
    var total = 0.0
    for index in 0..<steps * lanes * shape.outputs { total += Double(weights[index]) }
    return total
  }

  /// Loads steps `begin..<begin + steps` of each stretch; where a stretch is over, inputs are zero
  /// and no target counts.
  ///
  /// - Precondition: Lanes and steps are within the capacity.
  mutating func load(
    _ stretches: ArraySlice<Stretch>, of sequences: [TrainingSequence], from begin: Int, steps: Int
  ) {
    (self.lanes, self.steps) = (stretches.count, steps)
    precondition(
      inputs.count >= steps * lanes * shape.inputs, "\(lanes) lanes of \(steps) steps do not fit")
    for (lane, stretch) in stretches.enumerated() {
      let used = max(0, min(steps, stretch.steps - begin))
      for step in 0..<used {
        copyRow(
          stretch.start + begin + step, of: sequences[stretch.sequence], to: step * lanes + lane)
      }
      for step in used..<steps { clear(step * lanes + lane) }
    }
  }

  /// Copies a row as input and its successor as target.
  private mutating func copyRow(_ row: Int, of sequence: TrainingSequence, to slot: Int) {
    let (width, wanted) = (shape.inputs, shape.outputs)
    let rows = sequence.rows.elements.span
    let flags = sequence.observed.span
    for column in 0..<width { inputs[slot * width + column] = rows[row * width + column] }
    for column in 0..<wanted {
      let source = (row + 1) * width + column
      targets[slot * wanted + column] = rows[source]
      observed[slot * wanted + column] = flags[source] ? 1 : 0
    }
  }

  private mutating func clear(_ slot: Int) {
    let (width, wanted) = (shape.inputs, shape.outputs)
    for index in slot * width..<(slot + 1) * width { inputs[index] = 0 }
    for index in slot * wanted..<(slot + 1) * wanted { (targets[index], observed[index]) = (0, 0) }
  }
}
