import Evaluation
import Telemetry
import Testing

@Suite struct CellLabelTests {
  @Test func `an incident shares its cells with those of partial minutes`() throws {
    // From 30 s into cell 5 to 30 s into cell 7: cells 5, 6 and 7.
    let partial = Incident(
      id: "a", service: "api", kind: "", start: minute(4) + .seconds(30),
      resolved: minute(6) + .seconds(30))
    let result = try evaluated([detector("ours", ["api": alarms(20, at: [])])], [partial], plan(20))
    #expect(result.counts.positiveCells == 3)
    #expect(result.counts.quietCells == 17)
  }

  @Test func `tolerance and neighbours are neutral and left out of the ranking`() throws {
    // The neighbour is in alarm during the incident, the service around it: no figure moves.
    let scores = [
      "api": alarms(60, at: [20..<30]), "web": alarms(60, at: [16..<34], high: 50),
    ]
    let result = try evaluated(
      [detector("ours", scores)], [incident("a", "api", 20..<30)], plan(60, before: 4, after: 4))
    #expect(result.counts.positiveCells == 10)
    #expect(result.counts.neutralCells == 8 + 18)
    #expect(result.counts.quietCells == 120 - 36)
    let row = result.rows[0]
    #expect(row.ranking.averagePrecision == 1)
    #expect(row.ranking.prevalence == 10.0 / 94)
    #expect(row.events.falseAlarms == 0)
    #expect(row.events.ignoredNotifications == 1)
    #expect(row.events.precision == 1)
    #expect(row.outcomes[0].foundBy == "api")
    #expect(row.outcomes[0].peak == 2)
  }

  @Test func `a strict plan calls alarms of unnamed services false`() throws {
    let scores = ["api": alarms(60, at: []), "web": alarms(60, at: [22..<24])]
    let result = try evaluated(
      [detector("ours", scores)], [incident("a", "api", 20..<30)], plan(60, collateral: .strict))
    #expect(result.rows[0].events.falseAlarms == 1)
    #expect(result.rows[0].events.found == 0)
    #expect(result.counts.neutralCells == 0)
    #expect(result.counts.quietCells == 110)
  }

  @Test func `an incident of the whole system is found by any service`() throws {
    let scores = ["api": alarms(60, at: [25..<28]), "web": alarms(60, at: [23..<24], high: 9)]
    let result = try evaluated(
      [detector("ours", scores)], [incident("a", nil, 20..<30)], plan(60))
    let outcome = result.rows[0].outcomes[0]
    #expect(outcome.foundBy == "web")
    #expect(outcome.found == minute(23))
    #expect(outcome.peakService == "web")
    #expect(outcome.peak == 9)
    #expect(result.counts.positiveCells == 20)
    #expect(result.rows[0].events.trueNotifications == 2)
  }

  @Test func `an alarm of another service does not find an incident`() throws {
    let scores = ["api": alarms(60, at: []), "web": alarms(60, at: [20..<30])]
    let result = try evaluated(
      [detector("ours", scores)], [incident("a", "api", 20..<30)], plan(60))
    #expect(result.rows[0].events.found == 0)
    #expect(result.rows[0].events.ignoredNotifications == 1)
    #expect(result.rows[0].outcomes[0].peak == 0.5)
  }

  @Test func `excluded time is neither positive nor quiet and asks to be found by nobody`() throws {
    let scores = ["api": alarms(60, at: [40..<50]), "web": alarms(60, at: [42..<43])]
    let result = try evaluated(
      [detector("ours", scores)],
      [incident("x", "api", 40..<50, role: .excluded), incident("a", "api", 20..<30)], plan(60))
    let row = result.rows[0]
    #expect(row.outcomes.map(\.incident) == ["a"])
    #expect(result.incidents.map(\.id) == ["a", "x"])
    #expect(result.counts.excluded == 1)
    #expect(row.events.ignoredNotifications == 2)
    #expect(row.events.falseAlarms == 0)
    #expect(result.counts.neutralCells == 10 + 10 + 10)
  }

  @Test func `positive wins over excluded and over the tolerance of another incident`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(60, at: [])])],
      [
        incident("a", "api", 20..<30), incident("b", "api", 31..<40),
        incident("x", nil, 25..<28, role: .excluded),
      ], plan(60, before: 3, after: 3))
    #expect(result.counts.positiveCells == 19)
    #expect(result.counts.neutralCells == 3 + 1 + 3)
  }

  @Test func `only test cells count`() throws {
    // Alarms outside the test ranges are nobody's business; touching ranges are one.
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [0..<10, 48..<52, 90..<100])])],
      [incident("a", "api", 60..<70)], plan(100, test: [50..<80, 40..<50]))
    #expect(result.counts.testCells == 40)
    #expect(result.rows[0].events.falseAlarms == 1)
    #expect(result.rows[0].timeInAlert == 0.1)
  }

  @Test func `overlapping test ranges count their cells once`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [])])], [incident("a", "api", 60..<70)],
      plan(100, test: [40..<70, 50..<80]))
    #expect(result.counts.testCells == 40)
  }

  @Test func `a gap in the test time ends a notification`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [35..<65])])], [incident("a", "api", 80..<90)],
      plan(100, test: [30..<45, 55..<95]))
    #expect(result.rows[0].events.falseAlarms == 2)
  }

  @Test func `an incident across the border is found by its test cells and its delay is left out`()
    throws
  {
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [30..<40, 52..<54])])],
      [incident("a", "api", 35..<55)], plan(100, test: [50..<100]))
    let outcome = result.rows[0].outcomes[0]
    #expect(outcome.found == minute(52))
    #expect(outcome.delay == .minutes(18))
    #expect(outcome.beganEarlier)
    #expect(result.rows[0].events.medianDelay == nil)
    #expect(result.counts.positiveCells == 5)
  }

  @Test func `an incident that begins with the test time did not begin earlier`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [50..<51])])],
      [incident("a", "api", 50..<55)], plan(100, test: [50..<100]))
    #expect(!result.rows[0].outcomes[0].beganEarlier)
    #expect(result.rows[0].events.medianDelay == .minutes(1))
  }

  @Test func `an incident that only reaches in with its tolerance is neutral`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [50..<52])])],
      [incident("before", "api", 40..<50), incident("a", "api", 70..<75)],
      plan(100, test: [50..<100], after: 3))
    #expect(result.counts.incidents == 1)
    #expect(result.incidents.map(\.id) == ["a"])
    #expect(result.rows[0].events.ignoredNotifications == 1)
    #expect(result.rows[0].events.falseAlarms == 0)
  }

  @Test func `an incident of a service without scores is missed and counted`() throws {
    let result = try evaluated(
      [detector("ours", ["api": alarms(100, at: [20..<22])])],
      [incident("a", "api", 20..<30), incident("ghost", "gone", 60..<70)], plan(100))
    #expect(result.counts.incidentsWithoutScores == 1)
    #expect(result.rows[0].events.recall == 0.5)
    #expect(result.rows[0].outcomes[1].peak == nil)
  }

  @Test func `cells without scores earn nothing`() throws {
    // Scores exist only in the incident: no quiet time to be silent in, no ranking to win.
    var scores = [Float](repeating: .nan, count: 100)
    for cell in 20..<30 { scores[cell] = 0.2 }
    let row = try judged(scores, [incident("a", "api", 20..<30)], plan(100))
    #expect(row.coverage == 0.1)
    #expect(row.ranking.averagePrecision == 1)
    #expect(row.ranking.prevalence == 1)
    #expect(row.ranking.lift == 1)
    #expect(row.events.falseAlarmsPerServiceDay == nil)
    #expect(row.events.recallAtFivePercentQuiet == nil)
  }

  @Test func `a detector without any score is missing, not silent`() throws {
    let row = try judged(
      [Float](repeating: .nan, count: 50), [incident("a", "api", 20..<30)], plan(50))
    #expect(row.coverage == 0)
    #expect(row.timeInAlert == 0)
    #expect(row.ranking.averagePrecision == nil)
    #expect(row.ranking.prevalence == nil)
    #expect(row.events.recall == 0)
  }
}
