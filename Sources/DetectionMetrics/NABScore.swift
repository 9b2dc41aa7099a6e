internal import Foundation

/// What the Numenta Anomaly Benchmark pays for detections and charges for mistakes.
public struct NABProfile: Sendable, Equatable {
  /// For a detection at the start of its window.
  public let truePositive: Double
  /// For each point in alarm far from windows.
  public let falsePositive: Double
  /// For a window without detection.
  public let falseNegative: Double

  /// A profile of one's own.
  public init(truePositive: Double, falsePositive: Double, falseNegative: Double) {
    self.truePositive = truePositive
    self.falsePositive = falsePositive
    self.falseNegative = falseNegative
  }

  /// The benchmark's `standard`.
  public static let standard = NABProfile(
    truePositive: 1, falsePositive: 0.11, falseNegative: 1)
  /// The benchmark's `reward_low_FP_rate`.
  public static let rewardLowFalsePositives = NABProfile(
    truePositive: 1, falsePositive: 0.22, falseNegative: 1)
  /// The benchmark's `reward_low_FN_rate`.
  public static let rewardLowFalseNegatives = NABProfile(
    truePositive: 1, falsePositive: 0.11, falseNegative: 2)
}

/// A score of the Numenta Anomaly Benchmark. Scores of several series add up before they are
/// normalised.
public struct NABScore: Sendable, Equatable {
  /// Rewards minus charges.
  public let raw: Double
  /// What no alarm at all scores.
  public let null: Double
  /// What one alarm at the start of each window scores.
  public let perfect: Double

  /// Makes a score from its parts.
  public init(raw: Double, null: Double, perfect: Double) {
    (self.raw, self.null, self.perfect) = (raw, null, perfect)
  }

  /// 100 for perfect alarms, 0 for none, below 0 for worse than none; nil without windows.
  public var normalized: Double? {
    perfect > null ? 100 * (raw - null) / (perfect - null) : nil
  }

  /// The score of both series.
  public static func + (first: NABScore, second: NABScore) -> NABScore {
    NABScore(
      raw: first.raw + second.raw, null: first.null + second.null,
      perfect: first.perfect + second.perfect)
  }
}

/// Scores alarms as the Numenta Anomaly Benchmark does (Lavin and Ahmad, "Evaluating Real-Time
/// Anomaly Detection Algorithms", ICMLA 2015; rules of release 1.1).
///
/// With `σ(y) = 2 / (1 + e^(5y)) − 1`, the first alarm of a window of `w` points pays
/// `σ(−(last − i + 1) / w) / σ(−1)`, and each point in alarm outside pays
/// `σ((i − last) / (w − 1))` of the window before it: from 0 just behind it to −1 far away, and −1
/// before the first window. Points of the probationary time, 15 % of the first 5,000 points at
/// most, count neither way.
///
/// The benchmark's published scores choose the threshold on the very labels they are scored with.
/// This function takes alarms, so that the choice is the caller's.
///
/// - Parameters:
///   - alarms: Points whose score reaches the threshold.
///   - windows: The benchmark's anomaly windows, as points. Those that end within the
///     probationary time are left out.
///   - probation: The probationary share, within 0...1.
/// - Throws: `MetricError.countsDiffer`, `invalidParameter`.
/// - Complexity: O(alarm points + windows)
public func nabScore(
  alarms: EventRanges, windows: EventRanges, profile: NABProfile, probation: Double = 0.15
) throws(MetricError) -> NABScore {
  try alarms.requireSameCount(as: windows, "alarm points", "labels")
  try require("probation", probation, (0...1).contains(probation), "within 0...1")
  let start = probationaryPoints(windows.count, share: probation)
  let scored = windows.ranges.filter { $0.upperBound > start }
  var rewards = [Double?](repeating: nil, count: windows.ranges.count)
  var charges = 0.0
  var next = 0
  for alarm in alarms.ranges {
    for point in alarm where point >= start {
      while next < windows.ranges.count, windows.ranges[next].upperBound <= point { next += 1 }
      if next < windows.ranges.count, windows.ranges[next].contains(point) {
        let window = windows.ranges[next]
        // The first alarm of a window is the best paid one.
        guard rewards[next] == nil else { continue }
        let position = -Double(window.upperBound - point) / Double(window.count)
        rewards[next] = profile.truePositive * payment(position) / payment(-1)
      } else {
        charges += payment(positionBehind(next > 0 ? windows.ranges[next - 1] : nil, point))
      }
    }
  }
  let missed = Double(scored.count - rewards.count { $0 != nil })
  return NABScore(
    raw: rewards.reduce(0) { $0 + ($1 ?? 0) } + charges * profile.falsePositive
      - missed * profile.falseNegative,
    null: -Double(scored.count) * profile.falseNegative,
    perfect: Double(scored.count) * profile.truePositive)
}

/// Points at the beginning of a series that the benchmark does not score.
public func probationaryPoints(_ count: Int, share: Double = 0.15) -> Int {
  Int(min((share * Double(count)).rounded(.down), share * 5000).rounded(.up))
}

/// How far a point is behind a window, in lengths of it.
func positionBehind(_ window: Range<Int>?, _ point: Int) -> Double {
  // The benchmark has no window of a single point: behind one, everything is far away.
  guard let window, window.count > 1 else { return 3 }
  return Double(point - (window.upperBound - 1)) / Double(window.count - 1)
}

/// The scaled sigmoid: 0.987 at −1, 0 at 0, −1 from 3 on.
func payment(_ position: Double) -> Double {
  position >= 3 ? -1 : 2 / (1 + exp(5 * position)) - 1
}
