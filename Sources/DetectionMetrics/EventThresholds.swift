extension EventRanges {
  /// The same points with ranges cut into pieces of at most `longest` points, as alarms are into the
  /// notifications that people get: otherwise one alarm over everything has no false alarm.
  ///
  /// - Throws: `MetricError.invalidParameter` for less than one point.
  public func cut(longest: Int) throws(MetricError) -> EventRanges {
    try require("longest", longest, longest >= 1, "at least 1")
    var pieces: [Range<Int>] = []
    for range in ranges {
      var start = range.lowerBound
      while start < range.upperBound {
        let end = range.upperBound - start > longest ? start + longest : range.upperBound
        pieces.append(start..<end)
        start = end
      }
    }
    return try EventRanges(pieces, count: count)
  }
}

extension ScoredSeries {
  /// The best F1 over whole incidents and notifications that any threshold reaches, with labels
  /// known: no detector can have it, and random scores reach a lot where incidents are long.
  ///
  /// - Parameters:
  ///   - longest: Points of the longest notification, see `EventRanges.cut(longest:)`.
  ///   - thresholds: How many ranks of the score are tried, evenly spaced, at least 2.
  /// - Returns: Nil without an incident.
  /// - Throws: `MetricError.invalidParameter`.
  /// - Complexity: O(thresholds · n)
  public func bestEventF1(longest: Int, thresholds: Int = 250) throws(MetricError) -> Double? {
    try require(
      "thresholds", thresholds, thresholds >= 2 && thresholds <= 1 << 20, "from 2 to 1048576")
    guard !incidents.isEmpty else { return nil }
    var best = 0.0
    var last: Double?
    // Few points in alarm are what thresholds are for: ranks are dense there.
    for place in evenlySpaced(from: 0, to: 1, count: thresholds) {
      let threshold = order.scores[Int(place * place * Double(count - 1))]
      guard threshold != last else { continue }
      last = threshold
      let found = try eventDetection(
        alarms: alarms(atLeast: threshold).cut(longest: longest), incidents: incidents)
      best = max(best, found.f1 ?? 0)
    }
    return best
  }

  /// The share of incidents with a score above what at most `share` of the points outside all
  /// incidents exceed: not flattered by dense incidents, for it bounds the noise instead of alarms.
  ///
  /// - Returns: Nil without an incident, or without a point outside.
  /// - Throws: `MetricError.invalidParameter` for a share outside 0...1.
  /// - Complexity: O(n)
  public func recall(quietShare share: Double) throws(MetricError) -> Double? {
    try require("share", share, (0...1).contains(share), "within 0...1")
    let labels = incidents.labels
    let quiet = count - incidents.points
    guard !incidents.isEmpty, quiet > 0 else { return nil }
    var left = Int((share * Double(quiet)).rounded(.down))
    var limit = -Double.infinity
    for (rank, index) in order.indices.enumerated() where !labels[Int(index)] {
      if left == 0 {
        limit = order.scores[rank]
        break
      }
      left -= 1
    }
    let found = incidents.ranges.count { range in range.contains { scores[$0] > limit } }
    return Double(found) / Double(incidents.ranges.count)
  }
}
