internal import Ingest
internal import LinearAlgebra
internal import Streaming

/// What is compared on the Numenta Anomaly Benchmark. Each runs through a series once, in the order of
/// its rows, with one configuration for all series; alarms begin at 1.
public enum NABDetector: String, CaseIterable, Sendable {
  /// Ours, see `RangeNovelty`.
  case rangeNovelty = "range_novelty"
  /// A value that leaves the range of all before by 5 % of its width.
  case rangeRule = "range_rule"
  /// Uniform random scores.
  case random
  /// No alarm at all.
  case null

  /// The scores of a series, [rows].
  func scores(_ series: NABSeries, probation: Int) -> [Double] {
    switch self {
    case .rangeNovelty:
      guard probation >= 2 else { return series.values.map { _ in 0 } }
      var detector = RangeNovelty(first: probation)
      return zip(series.values, series.times).map { detector.score($0, at: $1) }
    case .rangeRule:
      var range = RangeTracker(growth: .infinity)
      return series.values.map { value in
        defer { range.insert(value, isLimited: false) }
        return range.excess(of: value) / 0.05
      }
    case .random:
      var generator = Philox(seed: 0, purpose: "nab/\(series.part)")
      // One row in a thousand alarms.
      return series.values.map { _ in Double(generator.uniformFloat()) / 0.999 }
    case .null: return series.values.map { _ in 0 }
    }
  }
}
