import LSTM
import LinearAlgebra

/// Numbers for tests, uniform within ±bound.
func numbers(_ count: Int, within bound: Float = 1, seed: UInt64) -> [Float] {
  var generator = Philox(seed: seed, purpose: "test numbers")
  return (0..<count).map { _ in (2 * generator.uniformFloat() - 1) * bound }
}

extension LSTMBatch {
  /// A batch of random rows and targets; a target counts with the given probability.
  static func random(
    _ shape: LSTMShape, lanes: Int, steps: Int, headSteps: HeadSteps = .all,
    observed: Float = 0.7, seed: UInt64
  ) -> LSTMBatch {
    var batch = LSTMBatch(shape: shape, lanes: lanes, steps: steps, headSteps: headSteps)
    batch.inputs = numbers(batch.inputs.count, seed: seed)
    batch.targets = numbers(batch.targets.count, seed: seed + 1)
    batch.observed = numbers(batch.observed.count, seed: seed + 2)
      .map { ($0 + 1) / 2 < observed ? 1 : 0 }
    return batch
  }
}

extension LSTMState {
  /// A state as if the network had run for a while.
  static func random(_ shape: LSTMShape, seed: UInt64) -> LSTMState {
    let units = shape.layers * shape.hidden
    return LSTMState(
      for: shape, outputs: numbers(units, within: 0.9, seed: seed),
      cells: numbers(units, within: 2, seed: seed + 1))
  }
}

/// The largest difference between two arrays as a fraction of the largest magnitude in the second.
func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
  let scale = expected.map(abs).max() ?? 0
  let worst = zip(values, expected).map { abs(Double($0) - $1) }.max() ?? 0
  return values.count == expected.count ? worst / max(scale, .leastNormalMagnitude) : .infinity
}

/// Length of the difference relative to the expected length.
func relativeDistance(_ values: [Float], _ expected: [Double]) -> Double {
  func length(_ values: some Sequence<Double>) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
  let difference = length(zip(values, expected).lazy.map { Double($0) - $1 })
  return values.count == expected.count
    ? difference / max(length(expected), .leastNormalMagnitude) : .infinity
}
