/// The range of a sequence of numbers so far, and how far the next one is outside.
///
/// The range grows with each number, by its own width at most: one wild number does not blind it for
/// good.
public struct RangeTracker: Hashable, Sendable {
  /// Excess that is rounding and not a number's.
  private static let rounding = 1e-9

  private var low = Double.infinity
  private var high = -Double.infinity
  private let growth: Double

  /// Starts without a past.
  ///
  /// - Parameter growth: The most that a number extends the range by, in widths of it; infinite for
  ///   no limit.
  /// - Precondition: `growth` is positive.
  public init(growth: Double = 1) {
    precondition(growth > 0, "growth \(growth)")
    self.growth = growth
  }

  /// How far a number is outside of the range, in widths of it; 0 inside, or while the range has no
  /// width. A number that is not finite is inside.
  public func excess(of number: Double) -> Double {
    guard high > low, number.isFinite else { return 0 }
    let excess = max(number - high, low - number) / (high - low)
    return excess > Self.rounding ? excess : 0
  }

  /// Makes a number part of the past.
  ///
  /// - Parameter isLimited: Whether growth is; while a range is learned it is not.
  public mutating func insert(_ number: Double, isLimited: Bool) {
    guard number.isFinite else { return }
    var number = number
    if isLimited, growth.isFinite, high > low {
      let reach = growth * (high - low)
      number = min(max(number, low - reach), high + reach)
    }
    low = min(low, number)
    high = max(high, number)
  }
}
