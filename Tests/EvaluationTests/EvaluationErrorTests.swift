import Diagnostics
import Evaluation
import Telemetry
import Testing

@Suite struct EvaluationErrorTests {
  private let scores = alarms(50, at: [])
  private let incidents = [incident("a", "api", 20..<30)]

  private func refused(
    _ detectors: [DetectorScores], _ incidents: [Incident], _ plan: EvaluationPlan,
    seen: [TimeRange] = []
  ) -> EvaluationError? {
    do {
      _ = try evaluated(detectors, incidents, plan, seen: seen)
      return nil
    } catch {
      return error as? EvaluationError
    }
  }

  @Test func `incidents outside the test time name both times and what to do`() {
    let error = refused([detector("ours", ["api": scores])], incidents, plan(50, test: [40..<50]))
    #expect(
      error
        == .noIncidentInTest(
          test: [range(40..<50)], incidents: TimeRange(start: minute(19), end: minute(29)),
          count: 1))
    let text = error?.description ?? ""
    #expect(text.hasPrefix("no overlap between incidents and data"))
    for part in [minute(19), minute(29), minute(39), minute(49)] {
      #expect(text.contains(part.description))
    }
    #expect(text.contains("move the test ranges"))
    #expect(error?.kind == .invalidInput)
  }

  @Test func `no incidents at all, or excluded ones only, are no overlap either`() {
    let ours = [detector("ours", ["api": scores])]
    #expect(
      refused(ours, [], plan(50))
        == .noIncidentInTest(test: [range(0..<50)], incidents: nil, count: 0))
    #expect(
      refused(ours, [incident("x", "api", 20..<30, role: .excluded)], plan(50))
        == .noIncidentInTest(test: [range(0..<50)], incidents: nil, count: 0))
  }

  @Test func `a test time without data is refused with both times`() {
    let error = refused([detector("ours", ["api": scores])], incidents, plan(50, test: [90..<99]))
    #expect(
      error
        == .noTestCells(
          test: [range(90..<99)], data: TimeRange(start: minute(-1), end: minute(49))))
    #expect(
      refused([detector("ours", ["api": scores])], incidents, plan(50, test: []))?.description
        .contains("the test is empty") == true)
  }

  @Test func `incidents of unknown services only are refused with the names`() {
    let error = refused(
      [detector("ours", ["api": scores])], [incident("a", "ap1", 3..<5)], plan(50))
    #expect(error == .noScoredIncident(named: ["ap1"], services: ["api"]))
  }

  @Test(arguments: [Float.infinity, -Float.infinity, -0.1])
  func `scores that are no calibrated scores are refused with their place`(value: Float) {
    var bad = scores
    bad[7] = value
    #expect(
      refused([detector("ours", ["api": bad])], incidents, plan(50))
        == .invalidScore(detector: "ours", service: "api", time: minute(7), value: value))
  }

  @Test func `scores of the wrong length are refused`() {
    #expect(
      refused([detector("ours", ["api": Array(scores.dropLast())])], incidents, plan(50))
        == .wrongLength(detector: "ours", service: "api", expected: 50, found: 49))
  }

  @Test func `detectors must agree on services`() {
    let error = refused(
      [
        detector("ours", ["api": scores, "db": scores]),
        detector("random", ["api": scores, "web": scores]),
      ], incidents, plan(50))
    #expect(
      error
        == .differentServices(detector: "random", other: "ours", missing: ["db"], extra: ["web"]))
    #expect(error?.description.contains("'random' lacks 'db' and adds 'web'") == true)
  }

  @Test func `names must be unique and services not empty`() {
    let ours = detector("ours", ["api": scores])
    #expect(refused([ours, ours], incidents, plan(50)) == .duplicateDetector("ours"))
    #expect(refused([], incidents, plan(50)) == .invalidSeal("it fixes no boundary"))
    let twice = DetectorScores(name: "ours", services: ours.services + ours.services)
    #expect(
      refused([twice], incidents, plan(50))
        == .badServices(detector: "ours", reason: "has service 'api' twice; merge its scores"))
    #expect(
      refused([DetectorScores(name: "ours", services: [])], incidents, plan(50))
        == .badServices(detector: "ours", reason: "has no services; score at least one"))
    #expect(
      refused([ours], incidents + incidents, plan(50)) == .duplicateIncident(id: "a"))
  }

  @Test func `no detectors are refused`() throws {
    let labels = SealedLabels(incidents).open(with: try seal(["ours"]))
    #expect(throws: EvaluationError.noDetectors) {
      try evaluate([], against: labels, plan: plan(50))
    }
  }

  @Test func `plans that make no sense are refused`() {
    let ours = [detector("ours", ["api": scores])]
    for bad in [plan(50, before: -1), plan(50, after: -1), plan(50, renotify: 0)] {
      guard case .invalidPlan = refused(ours, incidents, bad) else {
        Issue.record("accepted \(bad)")
        continue
      }
    }
  }

  @Test func `every description is one line`() {
    let long = (0..<9).map { "s\($0)" }
    let errors: [EvaluationError] = [
      .noScoredIncident(named: long, services: long), .noDetectors,
      .testTimeSeen(seen: range(0..<5), test: range(2..<9)),
      .unsealed(detector: "a", service: "b"), .duplicateIncident(id: "i"),
    ]
    for error in errors {
      #expect(!error.description.contains("\n"))
      #expect(error.description.count > 20)
    }
    #expect(errors[0].description.contains("and 4 more"))
  }
}
