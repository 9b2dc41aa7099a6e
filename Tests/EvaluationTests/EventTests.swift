import Evaluation
import Telemetry
import Testing

@Suite struct EventTests {
  @Test func `a hand-computed scene has the figures worked out on paper`() throws {
    // 100 minutes; incidents in cells 20..<30, 50..<60, 80..<85, tolerance of 2 on both sides.
    // Alarms: 22..<25 finds the first, 61 the second within its tolerance; 5..<7 and 40 are false.
    let row = try judged(
      alarms(100, at: [5..<7, 22..<25, 40..<41, 61..<62]),
      [
        incident("a", "api", 20..<30), incident("b", "api", 50..<60), incident("c", "api", 80..<85),
      ],
      plan(100, before: 2, after: 2))
    #expect(row.events.found == 2)
    #expect(row.events.missed == 1)
    #expect(row.events.trueNotifications == 2)
    #expect(row.events.falseAlarms == 2)
    #expect(row.events.ignoredNotifications == 0)
    #expect(row.events.recall == 2.0 / 3)
    #expect(row.events.precision == 0.5)
    #expect(abs(row.events.f1 - 4.0 / 7) < 1e-15)
    // Cell 22 ends 3 minutes after the start of cell 20, cell 61 ends 12 after the start of 50.
    #expect(row.outcomes.map(\.delay) == [.minutes(3), .minutes(12), nil])
    #expect(row.outcomes.map(\.found) == [minute(22), minute(61), nil])
    #expect(row.events.medianDelay == .seconds(450))
    #expect(row.events.ninetiethDelay == TimeSpan(milliseconds: 666_000))
    // Quiet: 100 - (14 + 14 + 9) = 63 minutes.
    let perDay = try #require(row.events.falseAlarmsPerServiceDay)
    #expect(abs(perDay - 2 / (63.0 / 1440)) < 1e-9)
    #expect(row.timeInAlert == 0.07)
    #expect(row.outcomes.map(\.peak) == [2, 2, 0.5])
  }

  @Test func `an alarm one cell beyond the tolerance finds nothing`() throws {
    let incidents = [incident("a", "api", 20..<30)]
    func row(_ cell: Int) throws -> EventResult {
      try judged(alarms(60, at: [cell..<cell + 1]), incidents, plan(60, before: 3, after: 5)).events
    }
    #expect(try row(16).found == 0)
    #expect(try row(16).falseAlarms == 1)
    #expect(try row(17).found == 1)
    #expect(try row(34).found == 1)
    #expect(try row(35).found == 0)
    #expect(try row(35).falseAlarms == 1)
  }

  @Test func `an alarm before the start has a negative delay`() throws {
    let row = try judged(
      alarms(60, at: [18..<22]), [incident("a", "api", 20..<30)], plan(60, before: 3))
    #expect(row.outcomes[0].delay == .minutes(-1))
    #expect(row.events.medianDelay == .minutes(-1))
  }

  @Test func `one alarm that spans two incidents finds both with one notification`() throws {
    let row = try judged(
      alarms(60, at: [10..<40]), [incident("a", "api", 12..<15), incident("b", "api", 30..<33)],
      plan(60))
    #expect(row.events.found == 2)
    #expect(row.events.trueNotifications == 1)
    #expect(row.events.falseAlarms == 0)
    #expect(row.events.precision == 1)
  }

  @Test func `long alarms are cut where the plan says`() throws {
    // 25 cells in notifications of 10: 0..<10 false, 10..<20 true, 20..<25 false.
    let row = try judged(
      alarms(40, at: [0..<25]), [incident("a", "api", 12..<15)], plan(40, renotify: 10))
    #expect(row.events.trueNotifications == 1)
    #expect(row.events.falseAlarms == 2)
  }

  @Test func `a notification is never shorter than a cell`() throws {
    var plan = plan(20)
    plan.renotify = .seconds(1)
    let row = try judged(alarms(20, at: [0..<5]), [incident("a", "api", 10..<12)], plan)
    #expect(row.events.falseAlarms == 5)
  }

  @Test
  func `a detector that is always in alarm has the recall of a hit and the precision of chance`()
    throws
  {
    let row = try judged(
      alarms(1000, at: [0..<1000]), [incident("a", "api", 500..<510)], plan(1000, renotify: 10))
    #expect(row.events.recall == 1)
    #expect(row.events.precision == 0.01)
    #expect(row.timeInAlert == 1)
    #expect(row.ranking.averagePrecision == row.ranking.prevalence)
    #expect(row.ranking.lift == 1)
  }

  @Test func `a detector that never alarms has no precision and an F1 of 0`() throws {
    let row = try judged(alarms(50, at: []), [incident("a", "api", 10..<12)], plan(50))
    #expect(row.events.precision == nil)
    #expect(row.events.f1 == 0)
    #expect(row.events.medianDelay == nil)
    #expect(row.events.falseAlarmsPerServiceDay == 0)
  }

  @Test func `a score of exactly 1 is an alarm and the next lower one is not`() throws {
    let incidents = [incident("a", "api", 10..<12)]
    #expect(try judged(alarms(50, at: [10..<11], high: 1), incidents, plan(50)).events.found == 1)
    let below = try judged(
      alarms(50, at: [10..<11], high: Float(1).nextDown), incidents, plan(50))
    #expect(below.events.found == 0)
    #expect(below.events.falseAlarms == 0)
  }

  @Test func `a missing score ends an alarm`() throws {
    var scores = alarms(50, at: [30..<40])
    scores[35] = .nan
    let row = try judged(scores, [incident("a", "api", 10..<12)], plan(50))
    #expect(row.events.falseAlarms == 2)
    #expect(row.coverage == 0.98)
  }

  @Test func `recall at quiet shares counts incidents above what few quiet cells exceed`() throws {
    // 198 quiet cells with scores 1...198 hundredths: at 5 % nine may exceed the limit 1.89, at
    // 1 % one may exceed 1.97.
    var scores = (0..<200).map { Float($0 + 1) / 100 }
    scores[198] = 1.9
    scores[199] = 1.98
    let row = try judged(
      scores, [incident("a", "api", 198..<199), incident("b", "api", 199..<200)], plan(200))
    #expect(row.events.recallAtFivePercentQuiet == 1)
    #expect(row.events.recallAtOnePercentQuiet == 0.5)
  }

  @Test func `ties at the limit are not above it`() throws {
    let row = try judged(
      [Float](repeating: 0.3, count: 100), [incident("a", "api", 50..<60)], plan(100))
    #expect(row.events.recallAtFivePercentQuiet == 0)
  }
}
