internal import LinearAlgebra

/// Where a value was foretold to be.
public struct ForecastInterval: Hashable, Sendable {
  /// The lower end.
  public var lower: Double
  /// The median, within the interval.
  public var median: Double
  /// The upper end.
  public var upper: Double

  /// Makes an interval of three quantiles, which are put in order when a network crossed them.
  public init(lower: Double, median: Double, upper: Double) {
    let sorted = [lower, median, upper].sorted()
    (self.lower, self.median, self.upper) = (sorted[0], sorted[1], sorted[2])
  }

  /// The interval of errors around a point forecast that holds a share `coverage` of future errors,
  /// when these are exchangeable with the given ones: split conformal prediction (Vovk et al. 2005,
  /// Lei et al. 2018), half of the rest on either side.
  ///
  /// With fewer than 2 / (1 − coverage) − 1 errors the ends are the least and greatest, and less is
  /// covered.
  ///
  /// - Parameters:
  ///   - errors: Value less forecast of calibration cells; NaN are left out. Nil when none is left.
  ///   - coverage: Within (0, 1).
  public init?(conformal errors: some Sequence<Double>, coverage: Double) {
    precondition(coverage > 0 && coverage < 1, "coverage \(coverage)")
    let sorted = errors.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return nil }
    let tail = (1 - coverage) / 2 * Double(sorted.count + 1)
    // Ranks count from 1; a tail of 2.0000000001 cells is one of 2.
    let rank = max(1, Int((tail * (1 + 1e-12)).rounded(.down)))
    let end = min(rank, (sorted.count + 1) / 2)
    self.init(
      lower: sorted[end - 1], median: quantile(ofSorted: sorted, 0.5),
      upper: sorted[sorted.count - end])
  }

  /// How far a value is out.
  ///
  ///     inside:   |value − median| / |end − median|, from 0 at the median to 1 at the end
  ///     outside:  1 + distance to the end / half of the interval's width
  ///
  /// - Parameter leastHalfWidth: Lower bound of both divisors, positive, in the value's unit, for
  ///   intervals that calibration made too narrow to measure with.
  /// - Returns: NaN for a value that is NaN.
  public func exceedance(of value: Double, leastHalfWidth: Double) -> Double {
    let half = max((upper - lower) / 2, leastHalfWidth)
    let (below, above) = (
      min(lower, median - leastHalfWidth), max(upper, median + leastHalfWidth)
    )
    if value > above { return 1 + (value - above) / half }
    if value < below { return 1 + (below - value) / half }
    return value >= median
      ? (value - median) / (above - median) : (median - value) / (median - below)
  }
}
