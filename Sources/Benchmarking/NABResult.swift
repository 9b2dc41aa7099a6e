internal import Ingest
internal import DetectionMetrics

/// What detectors achieve on the Numenta Anomaly Benchmark.
public struct NABResult: Sendable {
  /// One detector under one profile.
  public struct Figures: Hashable, Sendable {
    /// The score at the boundary fixed beforehand.
    public var fixed: Double
    /// The score at the threshold that is best for the whole corpus, as the benchmark has it.
    public var optimised: Double
    /// That threshold; nil when no alarm at all is best.
    public var threshold: Double?
    /// The raw score at that threshold.
    public var raw: Double
  }

  /// One detector.
  public struct Row: Hashable, Sendable {
    /// Its name.
    public var detector: String
    /// In the order of `profiles`.
    public var profiles: [Figures]
    /// Standard scores of the series in even places at their own best threshold, and of those in odd
    /// places at that same threshold.
    public var evenHalf: Double, oddHalf: Double
    /// Windows with an alarm at the boundary fixed beforehand.
    public var found: Int
    /// Rows in alarm outside windows, there.
    public var falseAlarms: Int
  }

  /// The benchmark's names of its profiles.
  public static let profiles = ["standard", "reward_low_FP_rate", "reward_low_FN_rate"]
  private static let rules: [NABProfile] = [
    .standard, .rewardLowFalsePositives, .rewardLowFalseNegatives,
  ]

  /// The detectors in their order.
  public let rows: [Row]
  /// The number of windows outside probationary time.
  public let windows: Int
  /// The number of rows of all series.
  public let points: Int
  let series: [NABScoredSeries]

  init(series: [NABScoredSeries]) throws {
    self.series = series
    points = series.reduce(0) { $0 + $1.series.values.count }
    windows = series.reduce(0) { total, series in
      let start = probationaryPoints(series.windows.count)
      return total + series.windows.ranges.count { $0.upperBound > start }
    }
    rows = try NABDetector.allCases.enumerated().map { place, detector in
      try Self.row(detector, place, series)
    }
  }

  private static func row(
    _ detector: NABDetector, _ place: Int, _ series: [NABScoredSeries]
  ) throws -> Row {
    let figures = try rules.map { profile in
      let best = try sweep(series, place, profile).best()
      return Figures(
        fixed: try score(series, place, profile, threshold: 1).normalized ?? 0,
        optimised: best.score.normalized ?? 0, threshold: best.threshold, raw: best.score.raw)
    }
    let halves = [0, 1].map { half in
      series.enumerated().filter { $0.offset % 2 == half }.map(\.element)
    }
    let chosen = try sweep(halves[0], place, .standard).best()
    var (found, falseAlarms) = (0, 0)
    for one in series {
      let start = probationaryPoints(one.windows.count)
      let alarms = one.scores[place].indices.filter { $0 >= start && one.scores[place][$0] >= 1 }
      let inside = one.windows.labels
      falseAlarms += alarms.count { !inside[$0] }
      found += one.windows.ranges.count { window in alarms.contains { window.contains($0) } }
    }
    return Row(
      detector: detector.rawValue, profiles: figures, evenHalf: chosen.score.normalized ?? 0,
      oddHalf: try score(
        halves[1], place, .standard, threshold: chosen.threshold ?? .infinity
      ).normalized ?? 0,
      found: found, falseAlarms: falseAlarms)
  }

  private static func sweep(
    _ series: [NABScoredSeries], _ place: Int, _ profile: NABProfile
  ) throws -> NABSweep {
    var sweep = NABSweep(profile: profile)
    for one in series { try sweep.add(scores: one.scores[place], windows: one.windows) }
    return sweep
  }

  private static func score(
    _ series: [NABScoredSeries], _ place: Int, _ profile: NABProfile, threshold: Double
  ) throws -> NABScore {
    try series.reduce(NABScore(raw: 0, null: 0, perfect: 0)) { sum, one in
      sum
        + (try nabScore(
          alarms: EventRanges(one.scores[place].map { $0 >= threshold }), windows: one.windows,
          profile: profile))
    }
  }
}
