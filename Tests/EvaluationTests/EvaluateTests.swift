import Evaluation
import Storage
import Telemetry
import Testing

@Suite struct EvaluateTests {
  /// Three services, two detectors, incidents of all sorts, gaps in the scores.
  private func scene(seed: UInt64, shift: Int64 = 0, reversed: Bool = false) throws
    -> EvaluationResult
  {
    var random = SplitMix(state: seed)
    let count = 400
    var detectors: [DetectorScores] = []
    for name in ["ours", "random"] {
      let services = ["api", "db", "web"].map { service in
        ServiceScores(
          service: service,
          scores: (0..<count).map { _ in
            Int.random(in: 0..<50, using: &random) == 0
              ? .nan : Float(Int.random(in: 0..<110, using: &random)) / 100
          })
      }
      detectors.append(
        DetectorScores(name: name, services: reversed ? services.reversed() : services))
    }
    var incidents = [
      incident("a", "api", 120..<130), incident("b", nil, 200..<203),
      incident("x", "web", 250..<280, role: .excluded), incident("c", "db", 390..<400),
    ]
    for index in incidents.indices {
      incidents[index].start = incidents[index].start + .days(shift)
      incidents[index].resolved = incidents[index].resolved + .days(shift)
    }
    var plan = plan(count, test: [100..<220, 240..<400], before: 2, after: 3, renotify: 5)
    plan.grid.first = plan.grid.first + .days(shift)
    plan.test = plan.test.map {
      TimeRange(start: $0.start + .days(shift), end: $0.end + .days(shift))
    }
    return try evaluated(detectors, reversed ? incidents.reversed() : incidents, plan)
  }

  @Test(arguments: 0..<5)
  func `moving everything in time moves no figure`(seed: UInt64) throws {
    let here = try scene(seed: seed)
    let there = try scene(seed: seed, shift: 1000)
    #expect(here.counts == there.counts)
    for (a, b) in zip(here.rows, there.rows) {
      #expect(a.ranking == b.ranking)
      #expect(a.events == b.events)
      #expect(a.outcomes.map(\.delay) == b.outcomes.map(\.delay))
      #expect(a.services == b.services)
    }
  }

  @Test(arguments: 0..<5)
  func `the order of services and incidents changes nothing`(seed: UInt64) throws {
    #expect(try scene(seed: seed) == scene(seed: seed, reversed: true))
  }

  @Test(arguments: 0..<5)
  func `notifications, cells and incidents add up`(seed: UInt64) throws {
    let result = try scene(seed: seed)
    let counts = result.counts
    #expect(counts.services == 3)
    #expect(counts.testCells == 280)
    #expect(counts.positiveCells + counts.neutralCells + counts.quietCells == 3 * 280)
    for row in result.rows {
      #expect(row.events.found + row.events.missed == counts.incidents)
      #expect(row.services.reduce(0) { $0 + $1.falseAlarms } == row.events.falseAlarms)
      #expect(row.services.map(\.service) == ["api", "db", "web"])
    }
  }

  @Test(arguments: 0..<5)
  func `a monotone transform leaves the ranking as it is`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let scores = (0..<300).map { _ in Float(Int.random(in: 0...60, using: &random)) / 8 }
    let bent = scores.map { $0 * $0 + 3 }
    let incidents = [incident("a", "api", 100..<140)]
    let a = try judged(scores, incidents, plan(300))
    let b = try judged(bent, incidents, plan(300))
    #expect(a.ranking == b.ranking)
    #expect(a.events.recallAtFivePercentQuiet == b.events.recallAtFivePercentQuiet)
  }

  @Test func `services are ranked together and each for itself`() throws {
    // Within each service the incident is on top; together the quiet of web tops the one of api.
    let scores = ["api": alarms(40, at: [10..<20], high: 0.6), "web": alarms(40, at: [10..<20])]
    var raised = scores
    raised["web"] = raised["web"]?.map { $0 + 0.4 }
    let result = try evaluated(
      [detector("ours", raised)], [incident("a", nil, 10..<20)], plan(40))
    let row = result.rows[0]
    #expect(row.services.map(\.ranking.averagePrecision) == [1, 1])
    #expect(row.meanServiceAveragePrecision == 1)
    // Ten at precision 1, then 30 quiet ones, then ten at 20/50.
    #expect(abs(try #require(row.ranking.averagePrecision) - (0.5 + 0.5 * 0.4)) < 1e-15)
  }

  @Test(arguments: 0..<5)
  func `a result survives the way through JSON`(seed: UInt64) throws {
    let result = try scene(seed: seed)
    let bytes = Array(result.json().text(indented: true).utf8)
    #expect(try EvaluationResult(json: JSONValue(parsing: bytes, source: "r")) == result)
  }

  @Test func `figures that do not exist survive too`() throws {
    let result = try evaluated(
      [detector("none", ["api": [Float](repeating: .nan, count: 50)])],
      [incident("a", "api", 20..<30)], plan(50, collateral: .strict))
    #expect(try EvaluationResult(json: result.json()) == result)
  }

  @Test func `damaged JSON names the place`() throws {
    let result = try scene(seed: 1)
    guard case .object(var members) = result.json() else {
      Issue.record("not an object")
      return
    }
    members["detectors"] = [["name": 3]]
    #expect {
      _ = try EvaluationResult(json: .object(members), source: "evaluation.json")
    } throws: { "\($0)" == "evaluation.json: detectors[0].name: expected a string" }
    members["format"] = "other/1"
    #expect(throws: StorageError.self) { _ = try EvaluationResult(json: .object(members)) }
  }

  @Test func `random scores over a million cells reach the prevalence`() throws {
    var random = SplitMix(state: 3)
    let count = 1_000_000
    let scores = (0..<count).map { _ in Float(random.next() >> 40) * 0x1p-24 }
    let row = try judged(scores, [incident("a", "api", 500_000..<600_000)], plan(count))
    #expect(abs(try #require(row.ranking.averagePrecision) - 0.1) < 0.002)
  }
}
