internal import LinearAlgebra

/// Which outputs are dropped between layers in one step of the optimiser (Srivastava et al. 2014).
///
/// An output is dropped with probability p, and kept ones are multiplied by 1 / (1 - p), so that
/// nothing changes for evaluation, where none is dropped. Not after the last layer, as PyTorch.
///
/// The random numbers are those of the stream (seed, "lstm dropout", 4 step + layer), half a value
/// per output, low half first, counted over steps, lanes and units of the whole batch: dividing the
/// batch among shards changes nothing.
package struct LSTMDropout: Hashable, Sendable {
  /// The probability p, within [0, 1).
  package let rate: Float
  /// The run's seed.
  package let seed: UInt64
  /// The number of the optimiser's step.
  package let step: Int
  /// The lanes of the whole batch that it is applied to; nil for all.
  var lanes: Range<Int>?
  /// Lanes in the whole batch; 0 for as many as it is applied to.
  var batchLanes = 0

  /// Makes the dropout of a step.
  ///
  /// - Precondition: `rate` is within [0, 1).
  package init(rate: Float, seed: UInt64, step: Int) {
    precondition(rate >= 0 && rate < 1, "dropout of \(rate)")
    (self.rate, self.seed, self.step) = (rate, seed, step)
  }

  /// The same for some lanes of a larger batch.
  func restricted(to lanes: Range<Int>, of batchLanes: Int) -> LSTMDropout {
    var result = self
    (result.lanes, result.batchLanes) = (lanes, batchLanes)
    return result
  }

  /// Writes what to multiply a layer's outputs by: 0 or 1 / (1 - p).
  ///
  /// - Parameters:
  ///   - begin: Where they go in `scales`, [steps × lanes × units].
  func fillScales(
    _ scales: inout [Float], at begin: Int, layer: Int, steps: Int, lanes: Int, units: Int
  ) {
    let (first, total) = (self.lanes?.lowerBound ?? 0, batchLanes > 0 ? batchLanes : lanes)
    precondition(first + lanes <= total, "\(lanes) lanes from \(first) of \(total)")
    let threshold = UInt64((Double(rate) * 0x1p32).rounded())
    let kept = 1 / (1 - rate)
    let size = lanes * units
    // Blocks of four halves; a step's part of the batch may begin and end within one.
    var values = [UInt64](repeating: 0, count: 2 * (size / 4 + 2))
    for step in 0..<steps {
      let start = (step * total + first) * units
      Philox.fill(
        &values, seed: seed, purpose: "lstm dropout", index: 4 * self.step + layer,
        fromBlock: start / 4)
      let halves = values.span
      var scales = scales.mutableSpan
      for index in 0..<size {
        let half = start % 4 + index
        let number = halves[half / 2] >> (half % 2 == 0 ? 0 : 32) & 0xFFFF_FFFF
        scales[begin + step * size + index] = number < threshold ? 0 : kept
      }
    }
  }
}
