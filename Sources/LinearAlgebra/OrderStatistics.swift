/// The quantile of ascending values with linear interpolation between ranks: NumPy's default,
/// Hyndman and Fan (1996) type 7.
///
/// - Parameters:
///   - sorted: Ascending, without NaN; not empty.
///   - probability: Within [0, 1].
public func quantile(ofSorted sorted: [Double], _ probability: Double) -> Double {
  precondition(
    !sorted.isEmpty && probability >= 0 && probability <= 1,
    "quantile \(probability) of \(sorted.count) values")
  let position = probability * Double(sorted.count - 1)
  let lower = Int(position)
  let fraction = position - Double(lower)
  guard fraction > 0 else { return sorted[lower] }
  return sorted[lower] + fraction * (sorted[lower + 1] - sorted[lower])
}

/// Location and scale of a sample that a few wild values cannot move.
public struct RobustSummary: Hashable, Sendable {
  /// The median, in the sample's unit.
  public var median: Double
  /// A positive scale in the sample's unit.
  public var scale: Double

  /// Makes a summary from known figures.
  public init(median: Double, scale: Double) { (self.median, self.scale) = (median, scale) }

  /// Summarises values; NaN and infinities are left out. Nil when nothing is left.
  ///
  ///     scale = max(IQR / 1.349, 99th percentile of |value − median| / 4, 0.3 · standard deviation,
  ///                 0.03 · |median|, 1e-6)
  ///
  /// The first term equals the standard deviation for normal data. The second gives columns with
  /// frequent spikes a scale that their own spikes do not exceed many times over; the others keep
  /// columns that hardly ever move from turning every move into an enormous deviation.
  public init?(of values: some Sequence<Double>) {
    var sorted = values.filter { $0.isFinite }
    guard !sorted.isEmpty else { return nil }
    sorted.sort()
    median = quantile(ofSorted: sorted, 0.5)
    let spread = quantile(ofSorted: sorted, 0.75) - quantile(ofSorted: sorted, 0.25)
    let mean = sorted.reduce(0, +) / Double(sorted.count)
    let variance = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)
    let centre = median
    let tail = quantile(ofSorted: sorted.map { abs($0 - centre) }.sorted(), 0.99)
    scale = max(
      spread / 1.349, 0.25 * tail, 0.3 * variance.squareRoot(), 0.03 * abs(median), 1e-6)
  }
}
