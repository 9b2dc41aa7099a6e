/// A loss before it is averaged.
package struct LossSum: Hashable, Sendable {
  /// The weighted sum of the losses of all values.
  package var sum = 0.0
  /// The sum of their weights.
  package var weight = 0.0

  /// Makes a sum; of nothing at first.
  package init(sum: Double = 0, weight: Double = 0) { (self.sum, self.weight) = (sum, weight) }

  /// The weighted mean; 0 when nothing counts.
  package var mean: Double { weight > 0 ? sum / weight : 0 }

  package static func += (left: inout LossSum, right: LossSum) {
    left.sum += right.sum
    left.weight += right.weight
  }
}
