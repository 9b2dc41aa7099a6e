internal import DetectionMetrics
internal import Telemetry

/// How much a figure changes from one evaluation to another over the same incidents.
public struct PairedDifference: Hashable, Sendable {
  /// What a difference says.
  public enum Verdict: String, Sendable, CaseIterable {
    /// The interval lies on the good side of 0.
    case better
    /// The interval lies on the bad side of 0.
    case worse
    /// The interval holds 0, or there is none.
    case unknown = "cannot tell"
  }

  /// The figure's name, such as `vus_pr`.
  public var metric: String
  /// Whether a smaller value is the better one.
  public var isLowerBetter: Bool
  /// The first evaluation's figure; nil where it means nothing.
  public var first: Double?
  /// The second evaluation's figure.
  public var second: Double?
  /// The 95 % interval of second minus first, over incidents drawn again for both alike; nil with
  /// fewer than five of them.
  public var interval: Interval?

  /// Second minus first.
  public var difference: Double? {
    guard let first, let second else { return nil }
    return second - first
  }

  /// What is known of the second evaluation beside the first.
  public var verdict: Verdict {
    guard let interval else { return .unknown }
    if interval.low > 0 { return isLowerBetter ? .worse : .better }
    if interval.high < 0 { return isLowerBetter ? .better : .worse }
    return .unknown
  }
}

extension EvaluationResult {
  /// Why another evaluation did not judge the same as this one; nil when it did.
  public func difference(inKindFrom other: EvaluationResult) -> String? {
    guard plan.grid == other.plan.grid else {
      return
        "they have different time axes, \(describe(plan.grid)) and \(describe(other.plan.grid))"
    }
    guard plan.test == other.plan.test else {
      return "they have different test times, \(describe(plan.test)) and "
        + describe(other.plan.test)
    }
    var same = other.plan
    (same.grid, same.test) = (plan.grid, plan.test)
    guard plan == same else {
      return "they count alarms by different rules (tolerances, renotify, vus_window)"
    }
    let (mine, others) = (Set(incidents), Set(other.incidents))
    guard mine == others else {
      let example = mine.symmetricDifference(others).map(\.id).min() ?? ""
      return "they have different incidents, such as \(example)"
    }
    return nil
  }

  /// The paired differences of two detectors' scores over this evaluation's incidents.
  ///
  /// Incidents are drawn again with replacement, in blocks, 200 times, and each time both detectors
  /// are judged on the same ones: what makes an incident hard is then no part of the difference. The
  /// labels must have been opened before, as those of a finished evaluation have been.
  ///
  /// - Parameters:
  ///   - first: Scores on the plan's grid.
  ///   - second: Scores of the same services.
  /// - Returns: One difference a metric.
  /// - Throws: `EvaluationError` for scores that do not fit the plan or each other.
  /// - Complexity: O(r n (log n + w)) for r repetitions, n cells and the window w of the volume.
  public func pairedDifferences(
    _ first: DetectorScores, _ second: DetectorScores
  ) throws(EvaluationError) -> [PairedDifference] {
    try plan.validate()
    var pair = [first, second]
    for index in pair.indices {
      pair[index].services.sort { $0.service < $1.service }
      try requireServices(pair[index], like: index == 0 ? nil : pair[0])
      for service in pair[index].services {
        try requireScores(service, of: pair[index].name, grid: plan.grid)
      }
    }
    let marks = CellMarks(
      names: pair[0].services.map(\.service), incidents: incidents, plan: plan)
    guard marks.testCells > 0 else { throw .noTestCells(test: plan.test, data: plan.grid.range) }
    let bootstrap = BlockBootstrap(marks)
    let sides = pair.map { PairedSide($0, marks: marks, plan: plan, bootstrap: bootstrap) }
    return PairedSide.metrics.map { metric in
      let values = sides.map { $0.figure(metric.name) }
      var difference = PairedDifference(
        metric: metric.name, isLowerBetter: metric.isLowerBetter, first: values[0],
        second: values[1])
      if values.allSatisfy({ $0 != nil }) {
        let (one, two) = (sides[0].repeated(metric.name), sides[1].repeated(metric.name))
        difference.interval = Interval(zip(one, two).map { $1 - $0 })
      }
      return difference
    }
  }
}

private func describe(_ grid: TimeGrid) -> String {
  "\(grid.count) cells of \(grid.interval) from \(grid.range.start)"
}

private func describe(_ ranges: [TimeRange]) -> String {
  ranges.map { "\($0.start) to \($0.end)" }.joined(separator: " and ")
}
