extension ScoredSeries {
  /// PATE (Ghorbani et al., "PATE: Proximity-Aware Time series anomaly Evaluation", KDD 2024).
  ///
  /// An area under the precision-recall curve in which an alarm up to `late` points after an
  /// incident counts in part, and so does one up to `early` points before an incident that is
  /// also detected. The weight falls in a line from the middle of the incident to 0 at the end of
  /// its zone. Points missed in a detected incident cost less the later they come. The result is
  /// the mean over pairs of an early and a late zone of 0 and full length, or of more steps.
  ///
  /// Same values as the authors' package at its defaults: thresholds are percentiles of the
  /// distinct scores, points of the curve where recall falls are left out, and the rest is joined
  /// by trapezoids.
  ///
  /// - Parameters:
  ///   - early: The longest zone before an incident, in points, at least 0.
  ///   - late: The longest zone after an incident, in points, at least 0.
  ///   - steps: Into how many steps zones are split; 1 means the lengths 0 and full.
  ///   - thresholds: At least 2; the authors use 250.
  /// - Returns: Nil without an incident.
  /// - Throws: `MetricError.invalidParameter`.
  /// - Complexity: O(n + steps² · (n + thresholds) + thresholds · incident points)
  public func proximityAwareArea(
    early: Int, late: Int, steps: Int = 1, thresholds: Int = 250
  ) throws(MetricError) -> Double? {
    let allowed = 0...1 << 40
    try require("early", early, allowed.contains(early), "at least 0")
    try require("late", late, allowed.contains(late), "at least 0")
    try require("steps", steps, steps >= 1 && steps <= 1 << 10, "from 1 to 1024")
    try require(
      "thresholds", thresholds, thresholds >= 2 && thresholds <= 1 << 20, "from 2 to 1048576")
    guard !incidents.isEmpty else { return nil }
    let bins = ThresholdBins(self, thresholds: cornerPercentiles(thresholds))
    let detections = IncidentDetections(bins: bins, incidents: incidents)
    func lengths(_ full: Int) -> [Int] {
      evenlySpaced(from: 0, to: Double(full), count: steps + 1).map { Int($0) }
    }
    var areas: [Double] = []
    for early in lengths(early) {
      for late in lengths(late) {
        let zones = ProximityZones(incidents: incidents, early: early, late: late)
        let found = zones.truePositives(bins: bins, detections: detections)
        areas.append(areaWhereRecallRises(found, detections.missed, bins.raised))
      }
    }
    return areas.reduce(0, +) / Double(areas.count)
  }

  /// Descending percentiles of the distinct scores at corners of the curve.
  ///
  /// A distinct score is no corner when neither it nor the next one finds another incident point.
  private func cornerPercentiles(_ count: Int) -> [Double] {
    let (scores, found) = distinctScores
    let last = scores.count - 1
    let corners = scores.indices.filter { index in
      last < 2 || index == 0 || index == last || found[index] != found[index - 1]
        || found[index + 1] != found[index]
    }
    let ascending = corners.reversed().map { scores[$0] }
    return evenlySpaced(from: 100, to: 0, count: count).map { percent in
      percentile(ascending, percent / 100)
    }
  }

  /// Trapezoids from recall 0 at precision 1, without points whose recall is below the last kept.
  private func areaWhereRecallRises(
    _ found: [Double], _ missed: [Double], _ raised: [Int]
  ) -> Double {
    var area = 0.0
    var last = (recall: 0.0, precision: 1.0)
    for place in raised.indices {
      let truth = found[place] + missed[place]
      let recall = truth > 0 ? found[place] / truth : 0
      guard recall >= last.recall else { continue }
      // Part of an alarm's weight is true, the rest of it false: together they are all alarms.
      let precision = raised[place] > 0 ? found[place] / Double(raised[place]) : 0
      area += (recall - last.recall) * (precision + last.precision) / 2
      last = (recall, precision)
    }
    return area
  }
}

/// The value at `fraction` of ascending values with linear interpolation, rounded as numpy does.
///
/// - Precondition: Not empty; a fraction within 0...1.
func percentile(_ ascending: [Double], _ fraction: Double) -> Double {
  let place = Double(ascending.count - 1) * fraction
  guard place < Double(ascending.count - 1) else { return ascending[ascending.count - 1] }
  let low = ascending[Int(place)]
  let high = ascending[Int(place) + 1]
  let part = place - place.rounded(.down)
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part)
}
