/// The points of a series by the first of some descending thresholds that they reach.
struct ThresholdBins {
  /// Descending; neighbours may be equal.
  let thresholds: [Double]
  /// How many points reach each threshold.
  let raised: [Int]
  /// Per point the first threshold it reaches, or the number of thresholds for none.
  let bins: [Int32]

  /// - Complexity: O(n + thresholds)
  init(_ series: ScoredSeries, thresholds: [Double]) {
    var raised: [Int] = []
    raised.reserveCapacity(thresholds.count)
    var bins = [Int32](repeating: Int32(thresholds.count), count: series.count)
    var rank = 0
    for (bin, threshold) in thresholds.enumerated() {
      while rank < series.count, series.order.scores[rank] >= threshold {
        bins[Int(series.order.indices[rank])] = Int32(bin)
        rank += 1
      }
      raised.append(rank)
    }
    self.thresholds = thresholds
    self.raised = raised
    self.bins = bins
  }
}

/// `count` evenly spaced values from `start` to `end`, rounded the way numpy's `linspace` rounds.
///
/// - Precondition: At least 2 values.
func evenlySpaced(from start: Double, to end: Double, count: Int) -> [Double] {
  precondition(count >= 2)
  let step = (end - start) / Double(count - 1)
  return (0..<count).map { $0 == count - 1 ? end : Double($0) * step + start }
}
