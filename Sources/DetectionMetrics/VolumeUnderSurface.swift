/// Volumes under the range-AUC surfaces, see `ScoredSeries.volumeUnderSurface(window:thresholds:)`.
public struct VolumeUnderSurface: Sendable, Equatable {
  /// The largest buffer, in points.
  public let window: Int
  /// Range-AUC-PR for each buffer from 0 to `window`.
  public let precisionRecallByWindow: [Double]
  /// Range-AUC-ROC for each buffer from 0 to `window`; nil without a point outside of incidents.
  public let rocByWindow: [Double]?

  /// VUS-PR: the mean over the buffers.
  public var precisionRecall: Double { mean(precisionRecallByWindow) }
  /// VUS-ROC: the mean over the buffers; nil without a point outside of incidents.
  public var roc: Double? { rocByWindow.map(mean) }

  private func mean(_ areas: [Double]) -> Double { areas.reduce(0, +) / Double(areas.count) }
}

extension ScoredSeries {
  /// VUS-PR and VUS-ROC (Paparrizos et al., "Volume Under the Surface", PVLDB 15(11), 2022).
  ///
  /// For each buffer `w` from 0 to `window`, `⌊w/2⌋` points on either side of an incident count
  /// as partly anomalous, `√(1 − d/w)` at distance `d`. With `B` the weight of the buffer points
  /// that alarm, `P` the incident points and `E` the share of buffered incidents with any alarm:
  ///
  ///     TP = alarms inside incidents + B       recall    = E · min(1, TP / (P + B/2))
  ///     FP = alarms − TP                       FPR       = FP / (n − P − B/2)
  ///                                            precision = TP / alarms
  ///
  /// at thresholds taken at even ranks. The precision-recall area sums steps, the ROC area
  /// trapezoids up to (1, 1). Same values as version `opt` of the authors' code.
  ///
  /// Comparable only at one window, so choose it once for a whole evaluation and never per method.
  ///
  /// - Parameters:
  ///   - window: The largest buffer, in points, at least 0.
  ///   - thresholds: At least 2; the authors use 250.
  /// - Returns: Nil without an incident.
  /// - Throws: `MetricError.invalidParameter`.
  /// - Complexity: O(n + thresholds · window + incidents · window²)
  public func volumeUnderSurface(
    window: Int, thresholds: Int = 250
  ) throws(MetricError) -> VolumeUnderSurface? {
    try require("window", window, window >= 0 && window <= 1 << 20, "from 0 to 1048576")
    try require(
      "thresholds", thresholds, thresholds >= 2 && thresholds <= 1 << 20, "from 2 to 1048576")
    guard !incidents.isEmpty else { return nil }
    let ranks = evenlySpaced(from: 0, to: Double(count - 1), count: thresholds)
    var surface = RangeSurface(
      bins: ThresholdBins(self, thresholds: ranks.map { order.scores[Int($0)] }),
      incidents: incidents)
    var precisionRecall: [Double] = []
    var roc: [Double] = []
    for buffer in 0...window {
      let areas = surface.areas(buffer: buffer)
      precisionRecall.append(areas.precisionRecall)
      roc.append(areas.roc)
    }
    return VolumeUnderSurface(
      window: window, precisionRecallByWindow: precisionRecall,
      rocByWindow: incidents.points < count ? roc : nil)
  }
}
