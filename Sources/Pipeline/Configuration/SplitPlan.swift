public import Models
public import Telemetry

/// How the time line is divided into training, calibration and test.
public enum SplitPlan: Hashable, Sendable {
  /// Consecutive shares of the grid: training, then calibration, then test with the rest. The test
  /// begins an embargo later, so that what lasts cannot reach from fitted time into it.
  case fractions(train: Double, calibration: Double, embargo: TimeSpan = .zero)
  /// The test part that a published dataset defines; calibration takes the last share of the rest,
  /// and ends an embargo before it.
  case published(calibration: Double, embargo: TimeSpan = .zero)
  /// Stated ranges, without overlap.
  case ranges(train: [TimeRange], calibration: [TimeRange], test: [TimeRange])
}

extension SplitPlan {
  /// Applies the plan to a grid.
  ///
  /// - Throws: `PipelineError` when a part would be empty.
  public func split(_ grid: TimeGrid, publishedTestStart: Timestamp?) throws -> Split {
    func boundary(_ share: Double, of count: Int) -> Timestamp {
      grid.timestamp(at: Int((share * Double(count)).rounded()) - 1)
    }
    let start = grid.range.start
    let end = grid.range.end
    let split: Split
    switch self {
    case .fractions(let train, let calibration, let embargo):
      let first = boundary(train, of: grid.count)
      let second = boundary(train + calibration, of: grid.count)
      guard start < first, first < second, second + embargo < end else {
        throw PipelineError.emptySplit(part: "a part", range: grid.range)
      }
      split = Split(
        train: [TimeRange(start: start, end: first)],
        calibration: [TimeRange(start: first, end: second)],
        test: [TimeRange(start: second + embargo, end: end)])
    case .published(let calibration, let embargo):
      guard let testStart = publishedTestStart else { throw PipelineError.noPublishedSplit }
      let fitted = grid.indices(in: TimeRange(start: start, end: testStart)).count
      let first = boundary(1 - calibration, of: fitted)
      guard start < first, first < testStart - embargo, testStart < end else {
        throw PipelineError.emptySplit(part: "a part", range: grid.range)
      }
      split = Split(
        train: [TimeRange(start: start, end: first)],
        calibration: [TimeRange(start: first, end: testStart - embargo)],
        test: [TimeRange(start: testStart, end: end)])
    case .ranges(let train, let calibration, let test):
      split = Split(train: train, calibration: calibration, test: test)
    }
    for (part, ranges) in [
      ("train", split.train), ("calibration", split.calibration), ("test", split.test),
    ] where !ranges.contains(where: { !grid.indices(in: $0).isEmpty }) {
      throw PipelineError.emptySplit(part: part, range: grid.range)
    }
    return split
  }
}
