import Evaluation
import Storage
import Telemetry
import Testing

@Suite struct IntervalTests {
  private let count = 700

  private var incidents: [Incident] {
    (0..<7).map { incident("INC-\($0)", "cart", 100 * $0 + 40..<100 * $0 + 60) }
  }

  /// Alarms in all incidents but the first ones.
  private func scores(missing: Int) -> [Float] {
    alarms(count, at: (missing..<7).map { 100 * $0 + 42..<100 * $0 + 58 })
  }

  @Test func `intervals hold the figures, and are the same every time`() throws {
    let rows = [
      detector("good", ["cart": scores(missing: 0)]),
      detector("poor", ["cart": scores(missing: 5)]),
    ]
    let result = try evaluated(rows, incidents, plan(count))
    for row in result.rows {
      let intervals = try #require(row.intervals)
      let precision = try #require(intervals.averagePrecision)
      let found = try #require(row.ranking.averagePrecision)
      #expect(precision.low <= found && found <= precision.high)
      let recall = try #require(intervals.recall)
      #expect(recall.low <= row.events.recall && row.events.recall <= recall.high)
    }
    #expect(result.rows[0].intervals?.recall == Interval(low: 1, high: 1))
    #expect(result.rows[0].intervals?.firstMinusThis == nil)
    let difference = try #require(result.rows[1].intervals?.firstMinusThis)
    #expect(difference.low > 0)
    #expect(try evaluated(rows, incidents, plan(count)) == result)
    #expect(try EvaluationResult(json: result.json()) == result)
  }

  @Test func `a detector does not differ from itself`() throws {
    let same = ["cart": scores(missing: 3)]
    let result = try evaluated(
      [detector("a", same), detector("b", same)], incidents, plan(count))
    #expect(result.rows[1].intervals?.firstMinusThis == Interval(low: 0, high: 0))
  }

  @Test func `few incidents have no intervals`() throws {
    let result = try evaluated(
      [detector("a", ["cart": scores(missing: 0)])], Array(incidents.prefix(4)), plan(count))
    #expect(result.rows[0].intervals == nil)
    #expect(result.rows[0].quality != nil)
  }

  @Test func `published metrics stand beside ours`() throws {
    let result = try evaluated(
      [detector("a", ["cart": scores(missing: 0), "quiet": alarms(count, at: [])])], incidents,
      plan(count))
    let quality = try #require(result.rows[0].quality)
    #expect(quality.rocArea ?? 0 > 0.85 && quality.rocArea ?? 2 < 1)
    #expect(quality.vusPrecisionRecall ?? 0 > 0.6)
    #expect(quality.affiliationPrecision == 1)
    #expect(quality.rangePrecision == 1)
    #expect(result.rows[0].services.map { $0.quality == nil } == [false, true])
  }

  @Test func `a window beyond all reason is refused`() {
    var plan = plan(count)
    plan.vusWindow = -1
    #expect(throws: EvaluationError.self) {
      try evaluated([detector("a", ["cart": scores(missing: 0)])], incidents, plan)
    }
  }
}
