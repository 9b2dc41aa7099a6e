internal import LinearAlgebra

/// When to stop adding trees: as soon as they no longer move the scores.
///
/// Every `step` trees the scores of a fixed sample of the training rows are compared with those of
/// `step` trees before; growth ends when they differ by at most `tolerance` on average. The
/// sample has a random stream of its own, so that the trees are those of a forest without early
/// stopping, and where growth ends does not depend on who grows them.
public struct EarlyStopping: Hashable, Sendable {
  /// Mean absolute change of the scores, within (0, 1).
  public var tolerance: Double
  /// Trees between comparisons, at least 1.
  public var step: Int
  /// Rows of the sample at most, at least 1.
  public var rows: Int

  /// Makes a rule.
  public init(tolerance: Double = 0.002, step: Int = 10, rows: Int = 256) {
    (self.tolerance, self.step, self.rows) = (tolerance, step, rows)
  }

  /// Why the rule cannot be used; nil when it can.
  var fault: String? {
    guard tolerance > 0, tolerance < 1 else {
      return "the tolerance of early stopping is \(tolerance), must be within (0, 1)"
    }
    guard step >= 1, rows >= 1 else {
      return "early stopping compares \(rows) rows every \(step) trees, must be at least 1 each"
    }
    return nil
  }
}
