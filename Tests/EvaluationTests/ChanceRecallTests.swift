import Evaluation
import Telemetry
import Testing

@Suite struct ChanceRecallTests {
  private func chance(
    _ scores: [Float], _ incidents: [Incident], _ plan: EvaluationPlan
  ) throws -> ChanceRecall {
    try #require(try judged(scores, incidents, plan).events.chance)
  }

  @Test func `an alarm shifted over the test time finds an incident as often as counted by hand`()
    throws
  {
    // A run of two in ten cells touches an incident of two cells at three of ten shifts. Scattered
    // cells would do so at 1 − 0.8² = 36 %.
    let found = try chance(
      alarms(10, at: [5..<7]), [incident("a", "api", 6..<8)], plan(10))
    #expect(found == ChanceRecall(recall: 0.3, probability: 0.3))
  }

  @Test func `missing everything is what every shift does at least as well`() throws {
    let missed = try chance(
      alarms(10, at: [0..<1]), [incident("a", "api", 6..<8)], plan(10))
    #expect(missed == ChanceRecall(recall: 0.2, probability: 1))
  }

  @Test func `the tolerance makes chance finds more likely, as it does real ones`() throws {
    let tolerant = try chance(
      alarms(10, at: [5..<6]), [incident("a", "api", 6..<8)], plan(10, before: 1, after: 2))
    #expect(tolerant == ChanceRecall(recall: 0.5, probability: 0.5))
  }

  @Test func `a detector always in alarm owes all its recall to chance, a silent one has none`()
    throws
  {
    let incidents = [incident("a", "api", 20..<25), incident("b", "api", 40..<41)]
    #expect(
      try chance(alarms(50, at: [0..<50]), incidents, plan(50))
        == ChanceRecall(recall: 1, probability: 1))
    #expect(
      try chance(alarms(50, at: []), incidents, plan(50))
        == ChanceRecall(recall: 0, probability: 1))
  }

  @Test func `two incidents at once are rarer than one`() throws {
    // Alarms at 10 and 20 fit incidents at 10 and 20 at one shift of forty; one at two more each.
    let both = try chance(
      alarms(40, at: [10..<11, 20..<21]),
      [incident("a", "api", 10..<11), incident("b", "api", 20..<21)], plan(40))
    #expect(both == ChanceRecall(recall: 0.05, probability: 0.025))
  }

  @Test func `time outside the test is no place for an alarm to fall into`() throws {
    // Test cells 0..<5 and 15..<20; the alarm in between does not count, the incident at the seam
    // is two test cells long.
    let found = try chance(
      alarms(20, at: [4..<5, 8..<12]), [incident("a", "api", 4..<16)],
      plan(20, test: [0..<5, 15..<20]))
    #expect(found == ChanceRecall(recall: 0.2, probability: 0.2))
  }

  @Test func `an incident of the whole system is found by any service, shifted together`() throws {
    let result = try evaluated(
      [
        detector(
          "ours", ["api": alarms(10, at: [2..<3]), "db": alarms(10, at: [2..<3, 7..<8])])
      ], [incident("a", nil, 2..<3)], plan(10))
    #expect(result.rows[0].events.chance == ChanceRecall(recall: 0.2, probability: 0.2))
  }

  @Test func `an incident of a service without scores is found at no shift`() throws {
    let found = try chance(
      alarms(10, at: [5..<6]), [incident("a", "api", 5..<6), incident("b", "gone", 2..<9)],
      plan(10))
    #expect(found == ChanceRecall(recall: 0.05, probability: 0.1))
  }
}
