import Evaluation
import Telemetry
import Testing

@Suite struct SealedLabelsTests {
  private let incidents = [incident("a", "api", 20..<30)]

  @Test func `a seal carries its digest into the result`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(50, at: [])])], incidents, plan(50))
    #expect(result.calibrationDigest == "d1gest")
  }

  @Test func `a detector whose boundary is not sealed is not evaluated`() throws {
    let labels = SealedLabels(incidents).open(with: try seal(["ours"]))
    #expect(throws: EvaluationError.unsealed(detector: "late", service: "api")) {
      try evaluate(
        [detector("late", ["api": alarms(50, at: [])])], against: labels, plan: plan(50))
    }
  }

  @Test func `boundaries per service must cover all services`() throws {
    let seal = try ThresholdSeal(
      boundaries: [.init(detector: "ours", service: "api", value: 1)], seen: [], digest: "d")
    let labels = SealedLabels(incidents).open(with: seal)
    let api = ["api": alarms(50, at: [])]
    #expect(
      try evaluate([detector("ours", api)], against: labels, plan: plan(50)).rows.count == 1)
    #expect(throws: EvaluationError.unsealed(detector: "ours", service: "db")) {
      try evaluate(
        [detector("ours", api.merging(["db": alarms(50, at: [])]) { a, _ in a })], against: labels,
        plan: plan(50))
    }
  }

  @Test func `time that calibration has seen is not tested on`() throws {
    let ours = [detector("ours", ["api": alarms(50, at: [])])]
    #expect(throws: EvaluationError.testTimeSeen(seen: range(0..<11), test: range(10..<50))) {
      try evaluated(ours, incidents, plan(50, test: [10..<50]), seen: [range(0..<11)])
    }
    // Before, after and between are all fine as long as no cell is shared.
    #expect(
      try evaluated(
        ours, incidents, plan(50, test: [10..<30, 40..<50]), seen: [range(0..<10), range(30..<40)]
      ).counts.testCells == 30)
  }

  @Test func `a seal of nothing is none`() {
    #expect(throws: EvaluationError.self) {
      try ThresholdSeal(boundaries: [], seen: [], digest: "d")
    }
    #expect(throws: EvaluationError.self) {
      try ThresholdSeal(boundaries: [.init(detector: "a", value: 1)], seen: [], digest: "")
    }
    #expect(throws: EvaluationError.self) {
      try ThresholdSeal(boundaries: [.init(detector: "a", value: .nan)], seen: [], digest: "d")
    }
  }

  @Test func `a detector that never alarms may have an infinite boundary`() throws {
    let seal = try ThresholdSeal(
      boundaries: [.init(detector: "null", value: .infinity)], seen: [], digest: "d")
    #expect(seal.boundaries.count == 1)
  }
}
