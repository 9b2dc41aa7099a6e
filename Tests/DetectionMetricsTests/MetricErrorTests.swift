import DetectionMetrics
import Testing

@Suite struct MetricErrorTests {
  @Test func `a score that is not a number is refused with its index`() {
    #expect(throws: MetricError.scoreNotFinite(index: 1, value: "nan")) {
      try ScoredSeries(scores: [0, .nan, .infinity], labels: [true, false, false])
    }
    #expect(throws: MetricError.scoreNotFinite(index: 2, value: "-inf")) {
      try ScoredSeries(scores: [0, 1, -.infinity], labels: [true, false, false])
    }
    #expect(
      MetricError.scoreNotFinite(index: 1, value: "nan").description
        == "score 1 is nan; leave points without a score out of both sequences")
  }

  @Test func `scores and labels of different lengths are refused`() {
    let error = MetricError.countsDiffer(
      what: "scores", count: 2, other: "labels", otherCount: 3)
    #expect(throws: error) {
      try ScoredSeries(scores: [0, 1], labels: [true, false, true])
    }
    #expect(error.description == "2 scores for 3 labels; give one of each per point")
  }

  @Test func `alarms of another series are refused by every metric`() throws {
    let alarms = EventRanges([true])
    let incidents = EventRanges([true, false])
    let reward = try RangeReward()
    let calls: [() throws -> Void] = [
      { _ = try affiliation(alarms: alarms, incidents: incidents) },
      { _ = try eventDetection(alarms: alarms, incidents: incidents) },
      { _ = try leadTime(alarms: alarms, incidents: incidents, within: 5) },
      { _ = try alarmBurden(alarms: alarms, incidents: incidents, stepSeconds: 60) },
      { _ = try nabScore(alarms: alarms, windows: incidents, profile: .standard) },
      { _ = try pointAdjustedF1InflatedByDesign(alarms: alarms, incidents: incidents) },
      {
        _ = try rangePrecisionRecall(
          alarms: alarms, incidents: incidents, precision: reward, recall: reward)
      },
    ]
    for call in calls {
      #expect(
        throws: MetricError.countsDiffer(
          what: "alarm points", count: 1, other: "labels", otherCount: 2)
      ) { try call() }
    }
  }

  @Test func `ranges that leave the series, are empty or overlap are refused by position`() {
    #expect(throws: MetricError.rangeOutOfBounds(position: 1, range: 4..<6, count: 5)) {
      try EventRanges([0..<2, 4..<6], count: 5)
    }
    #expect(throws: MetricError.rangeOutOfBounds(position: 0, range: -1..<2, count: 5)) {
      try EventRanges([-1..<2], count: 5)
    }
    #expect(throws: MetricError.rangeOutOfBounds(position: 0, range: 2..<2, count: 5)) {
      try EventRanges([2..<2], count: 5)
    }
    let error = MetricError.rangesOverlap(position: 1, range: 2..<4, previous: 0..<3)
    #expect(throws: error) { try EventRanges([0..<3, 2..<4], count: 5) }
    #expect(
      error.description == "range 1 (2..<4) begins before the one before it (0..<3) ends; "
        + "sort ranges and merge those that overlap")
  }

  @Test func `parameters outside of their domain are refused by name`() throws {
    let series = try randomSeries(seed: 1)
    func refused(_ name: String, _ call: () throws -> Void) {
      #expect { try call() } throws: { error in
        (error as? MetricError)?.description.hasPrefix("\(name) is ") == true
      }
    }
    refused("window") { _ = try series.volumeUnderSurface(window: -1) }
    refused("thresholds") { _ = try series.volumeUnderSurface(window: 1, thresholds: 1) }
    refused("early") { _ = try series.proximityAwareArea(early: -1, late: 0) }
    refused("late") { _ = try series.proximityAwareArea(early: 0, late: -1) }
    refused("steps") { _ = try series.proximityAwareArea(early: 0, late: 0, steps: 0) }
    refused("existence") { _ = try RangeReward(existence: 1.5) }
    refused("existence") { _ = try RangeReward(existence: .nan) }
    let none = EventRanges([false])
    refused("window") { _ = try leadTime(alarms: none, incidents: none, within: 0) }
    refused("stepSeconds") {
      _ = try alarmBurden(alarms: none, incidents: none, stepSeconds: 0)
    }
    refused("probation") {
      _ = try nabScore(alarms: none, windows: none, profile: .standard, probation: 1.5)
    }
    refused("count") { _ = try EventRanges([], count: -1) }
  }
}
