/// Scores of the Numenta Anomaly Benchmark at all thresholds at once, over any number of series: its
/// own protocol takes for each profile the one threshold that scores best on the whole corpus, with
/// the labels known.
public struct NABSweep: Sendable {
  /// What alarms pay and cost.
  public let profile: NABProfile
  /// What a threshold changes when it falls to a score, in the order of points.
  private var steps: [(threshold: Double, gain: Double)] = []
  /// The score without any alarm.
  private var silent = NABScore(raw: 0, null: 0, perfect: 0)

  /// Starts without a series.
  public init(profile: NABProfile) { self.profile = profile }

  /// Adds a series.
  ///
  /// - Parameters:
  ///   - scores: One per point, finite; an alarm is a score of at least the threshold.
  ///   - windows: See `nabScore`.
  /// - Throws: `MetricError.countsDiffer`, `invalidParameter`.
  /// - Complexity: O(points)
  public mutating func add(
    scores: [Double], windows: EventRanges, probation: Double = 0.15
  ) throws(MetricError) {
    guard scores.count == windows.count else {
      throw .countsDiffer(
        what: "scores", count: scores.count, other: "labels", otherCount: windows.count)
    }
    silent =
      silent
      + (try nabScore(
        alarms: EventRanges([], count: windows.count), windows: windows, profile: profile,
        probation: probation))
    let start = probationaryPoints(windows.count, share: probation)
    var next = 0
    for point in start..<max(start, scores.count) {
      while next < windows.ranges.count, windows.ranges[next].upperBound <= point { next += 1 }
      if next < windows.ranges.count, windows.ranges[next].contains(point) { continue }
      let before = next > 0 ? windows.ranges[next - 1] : nil
      steps.append(
        (scores[point], profile.falsePositive * payment(positionBehind(before, point))))
    }
    for window in windows.ranges where window.upperBound > start {
      // The first alarm pays. With a falling threshold it moves to earlier points, which are those
      // that are higher than all before them, from the last of these to the first.
      var records: [Int] = []
      for point in max(window.lowerBound, start)..<window.upperBound
      where records.last.map({ scores[point] > scores[$0] }) ?? true {
        records.append(point)
      }
      var paid = -profile.falseNegative
      for point in records.reversed() {
        let position = -Double(window.upperBound - point) / Double(window.count)
        let pays = profile.truePositive * payment(position) / payment(-1)
        steps.append((scores[point], pays - paid))
        paid = pays
      }
    }
  }

  /// The threshold with the best score; the highest of equal ones, nil when no alarm is best.
  ///
  /// - Complexity: O(points · log points)
  public func best() -> (threshold: Double?, score: NABScore) {
    let order = steps.sorted { $0.threshold > $1.threshold }
    var raw = silent.raw
    var best: (threshold: Double?, raw: Double) = (nil, raw)
    for (place, step) in order.enumerated() {
      raw += step.gain
      let isLast = place + 1 == order.count || order[place + 1].threshold < step.threshold
      if isLast, raw > best.raw { best = (step.threshold, raw) }
    }
    return (
      best.threshold, NABScore(raw: best.raw, null: silent.null, perfect: silent.perfect)
    )
  }
}
