import Evaluation
import Telemetry
import Testing

@Suite struct PairedComparisonTests {
  private let count = 700

  private var incidents: [Incident] {
    (0..<7).map { incident("INC-\($0)", "cart", 100 * $0 + 40..<100 * $0 + 60) }
  }

  /// Alarms in all incidents but the first ones, and false ones in the quiet time of some blocks.
  private func scores(_ name: String, missing: Int, false noise: Int = 0) -> DetectorScores {
    let hits = (missing..<7).map { 100 * $0 + 42..<100 * $0 + 58 }
    let misses = (0..<noise).map { 100 * $0 + 10..<100 * $0 + 13 }
    return detector(name, ["cart": alarms(count, at: hits + misses)])
  }

  private func result(_ detectors: DetectorScores...) throws -> EvaluationResult {
    try evaluated(detectors, incidents, plan(count, after: 2))
  }

  private func paired(
    _ first: DetectorScores, _ second: DetectorScores
  ) throws -> [String: PairedDifference] {
    let differences = try result(first).pairedDifferences(first, second)
    return Dictionary(uniqueKeysWithValues: differences.map { ($0.metric, $0) })
  }

  @Test func `the figures are those of the evaluation`() throws {
    let (good, poor) = (scores("a", missing: 1, false: 3), scores("b", missing: 4, false: 1))
    let evaluation = try result(good, poor)
    for difference in try evaluation.pairedDifferences(good, poor) {
      let expected = evaluation.rows.map { row -> Double? in
        switch difference.metric {
        case "vus_pr": row.quality?.vusPrecisionRecall
        case "average_precision": row.ranking.averagePrecision
        case "recall": row.events.recall
        case "precision": row.events.precision
        case "event_f1": row.events.f1
        default: row.events.falseAlarmsPerServiceDay
        }
      }
      let found = [difference.first, difference.second]
      for (expected, found) in zip(expected, found) {
        #expect(abs(try #require(expected) - (try #require(found))) < 1e-12, "\(difference)")
      }
    }
  }

  @Test func `a run does not differ from itself`() throws {
    for (metric, difference) in try paired(
      scores("a", missing: 3, false: 2), scores("b", missing: 3, false: 2))
    {
      #expect(difference.difference == 0, "\(metric)")
      #expect(difference.interval == Interval(low: 0, high: 0), "\(metric)")
      #expect(difference.verdict == .unknown)
    }
  }

  @Test func `what finds far more is better, and the other way around worse`() throws {
    let (good, poor) = (scores("a", missing: 0), scores("b", missing: 6, false: 7))
    let (up, down) = (try paired(poor, good), try paired(good, poor))
    for metric in ["vus_pr", "average_precision", "recall", "event_f1"] {
      #expect(up[metric]?.verdict == .better, "\(metric)")
      #expect(down[metric]?.verdict == .worse, "\(metric)")
      #expect(up[metric]?.interval?.low == down[metric]?.interval.map { -$0.high }, "\(metric)")
    }
    // Fewer false alarms are better though the difference is negative.
    let noise = try #require(up["false_alarms_per_service_day"])
    #expect(noise.difference ?? 0 < 0 && noise.verdict == .better)
  }

  @Test func `one incident more of seven decides nothing`() throws {
    let difference = try #require(
      try paired(scores("a", missing: 1), scores("b", missing: 0))["recall"])
    #expect(difference.difference ?? 0 > 0.14)
    #expect(difference.interval?.low == 0)
    #expect(difference.verdict == .unknown)
  }

  @Test func `fewer than five incidents give no interval and no verdict`() throws {
    let few = Array(incidents.prefix(4))
    let (good, poor) = (scores("a", missing: 0), scores("b", missing: 7))
    let evaluation = try evaluated([good], few, plan(count))
    for difference in try evaluation.pairedDifferences(poor, good) {
      #expect(difference.interval == nil && difference.verdict == .unknown)
    }
    let recall = try evaluation.pairedDifferences(poor, good).first { $0.metric == "recall" }
    #expect(recall?.difference == 1)
  }

  @Test func `evaluations that judged something else say what`() throws {
    let row = scores("a", missing: 0)
    let one = try result(row)
    func other(
      _ incidents: [Incident], _ plan: EvaluationPlan
    ) throws -> String? {
      one.difference(inKindFrom: try evaluated([row], incidents, plan))
    }
    #expect(try other(incidents, plan(count, after: 2)) == nil)
    #expect(
      try other(incidents, plan(count, test: [100..<count], after: 2))?.contains("test times")
        == true)
    #expect(try other(incidents, plan(count, after: 3))?.contains("rules") == true)
    var moved = incidents
    moved[2].resolved = moved[2].resolved + .minutes(1)
    #expect(
      try other(moved, plan(count, after: 2)) == "they have different incidents, such as INC-2")
  }

  @Test func `scores of other services or of another length are refused`() throws {
    let row = scores("a", missing: 0)
    let evaluation = try result(row)
    #expect(throws: EvaluationError.self) {
      try evaluation.pairedDifferences(row, detector("b", ["pay": alarms(count, at: [])]))
    }
    #expect(throws: EvaluationError.self) {
      try evaluation.pairedDifferences(row, detector("b", ["cart": [1, 2]]))
    }
  }
}
