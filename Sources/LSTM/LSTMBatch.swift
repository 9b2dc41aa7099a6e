internal import LinearAlgebra

/// A chunk of steps of several lanes, side by side: what one gradient step looks at.
///
/// Lanes are independent pieces of series. Everything is step-major, so that the lanes of one step
/// lie together: element (t, b, j) of an array with n columns is at (t B + b) n + j.
package struct LSTMBatch: Sendable {
  /// At which steps the head applies.
  package enum HeadSteps: Hashable, Sendable {
    /// At all, as when the state is carried on.
    case all
    /// At the last alone: windows, whose forecast comes from all of their rows.
    case last
  }

  /// Sizes of a row and of a forecast.
  package let shape: LSTMShape
  /// At which steps the head applies.
  package let headSteps: HeadSteps
  /// Lanes B in use.
  package private(set) var lanes: Int
  /// Steps T in use.
  package private(set) var steps: Int
  /// Inputs x_t, [T × B × F].
  package var inputs: [Float]
  /// What the forecasts should be, [S × B × A · O], where S is T or 1.
  package var targets: [Float]
  /// How much each target counts, like `targets`: 0 where it is unknown, else 1 or the weight of
  /// the sample.
  package var observed: [Float]

  /// Makes a batch of zeros in which no target counts; its sizes are also the capacity.
  package init(shape: LSTMShape, lanes: Int, steps: Int, headSteps: HeadSteps = .all) {
    precondition(lanes > 0 && steps > 0, "\(lanes) lanes of \(steps) steps")
    (self.shape, self.lanes, self.steps, self.headSteps) = (shape, lanes, steps, headSteps)
    inputs = Array(repeating: 0, count: steps * lanes * shape.inputs)
    let targets = (headSteps == .all ? steps : 1) * lanes * shape.targetWidth
    self.targets = Array(repeating: 0, count: targets)
    observed = self.targets
  }

  /// Steps S at which the head applies.
  package var headStepCount: Int { headSteps == .all ? steps : 1 }

  /// Targets in use, S · B · A · O.
  package var targetCount: Int { headStepCount * lanes * shape.targetWidth }

  /// The sum of the weights of all forecasts: how many have a target that counts, when each of
  /// those counts 1.
  package var weight: Double {
    let weights = observed.span
    var total = 0.0
    for index in 0..<targetCount { total += Double(weights[index]) }
    return total * Double(max(1, shape.quantiles.count))
  }

  /// Loads steps `begin..<begin + steps` of each stretch; where a stretch is over, inputs are zero
  /// and no target counts. Nor does one beyond the end of its sequence.
  ///
  /// - Precondition: Lanes and steps are within the capacity.
  package mutating func load(
    _ stretches: ArraySlice<Stretch>, of sequences: [TrainingSequence], from begin: Int, steps: Int
  ) {
    setSizes(lanes: stretches.count, steps: steps)
    let firstHead = headSteps == .all ? 0 : steps - 1
    for (lane, stretch) in stretches.enumerated() {
      let sequence = sequences[stretch.sequence]
      let used = max(0, min(steps, stretch.steps - begin))
      for step in 0..<steps {
        let row = step < used ? stretch.start + begin + step : nil
        copyInputs(row, of: sequence, to: step * lanes + lane)
        guard step >= firstHead else { continue }
        copyTargets(after: row, of: sequence, to: (step - firstHead) * lanes + lane)
      }
    }
  }

  /// Sets how many lanes and steps are in use.
  mutating func setSizes(lanes: Int, steps: Int) {
    (self.lanes, self.steps) = (lanes, steps)
    precondition(
      inputs.count >= steps * lanes * shape.inputs && targets.count >= targetCount,
      "\(lanes) lanes of \(steps) steps do not fit")
  }

  /// Copies a row as input; zeros for no row.
  private mutating func copyInputs(_ row: Int?, of sequence: TrainingSequence, to slot: Int) {
    let width = shape.inputs
    guard let row else {
      for index in slot * width..<(slot + 1) * width { inputs[index] = 0 }
      return
    }
    let rows = sequence.rows.elements.span
    for column in 0..<width { inputs[slot * width + column] = rows[row * width + column] }
  }

  /// Copies the rows after a row as targets.
  private mutating func copyTargets(after row: Int?, of sequence: TrainingSequence, to slot: Int) {
    let (width, wanted) = (shape.inputs, shape.outputs)
    let rows = sequence.rows.elements.span
    let flags = sequence.observed.span
    for ahead in 1...shape.horizon {
      let place = slot * shape.targetWidth + (ahead - 1) * wanted
      let source = row.map { ($0 + ahead) * width }
      for column in 0..<wanted {
        if let source, source < rows.count {
          targets[place + column] = rows[source + column]
          observed[place + column] = flags[source + column] ? 1 : 0
        } else {
          (targets[place + column], observed[place + column]) = (0, 0)
        }
      }
    }
  }

  /// Becomes a copy of some lanes of another batch.
  ///
  /// - Precondition: Shapes and head steps are equal, and the lanes fit.
  mutating func copy(lanes range: Range<Int>, of whole: LSTMBatch) {
    precondition(
      whole.shape == shape && whole.headSteps == headSteps && range.upperBound <= whole.lanes,
      "lanes \(range) of \(whole.lanes)")
    setSizes(lanes: range.count, steps: whole.steps)
    copyRows(
      whole.inputs, steps, width: shape.inputs, range, of: whole.lanes, into: &inputs)
    let (width, heads) = (shape.targetWidth, headStepCount)
    copyRows(whole.targets, heads, width: width, range, of: whole.lanes, into: &targets)
    copyRows(whole.observed, heads, width: width, range, of: whole.lanes, into: &observed)
  }
}

/// Copies some lanes of step-major rows.
private func copyRows(
  _ source: [Float], _ steps: Int, width: Int, _ range: Range<Int>, of lanes: Int,
  into target: inout [Float]
) {
  let size = range.count * width
  let source = source.span
  var target = target.mutableSpan
  for step in 0..<steps {
    let begin = (step * lanes + range.lowerBound) * width
    for index in 0..<size { target[step * size + index] = source[begin + index] }
  }
}
