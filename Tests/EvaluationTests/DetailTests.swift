import Evaluation
import Telemetry
import Testing

@Suite struct DetailTests {
  private func detail(
    _ detectors: [DetectorScores], _ incidents: [Incident], _ plan: EvaluationPlan,
    calibration: [TimeRange] = []
  ) throws -> EvaluationDetail {
    let labels = SealedLabels(incidents).open(with: try seal(detectors.map(\.name)))
    let result = try evaluate(detectors, against: labels, plan: plan)
    return EvaluationDetail(
      of: result, detectors, against: labels, calibration: calibration, primary: detectors[0].name)
  }

  @Test func `notifications are listed with what they touch, as they are counted`() throws {
    let scores = alarms(100, at: [5..<7, 22..<25, 40..<50, 61..<62])
    let found = try detail(
      [detector("ours", ["api": scores])],
      [incident("a", "api", 20..<30), incident("b", nil, 60..<62, role: .excluded)],
      plan(100, renotify: 4))
    #expect(
      found.alarms.map(\.verdict)
        == [.falseAlarm, .hit, .falseAlarm, .falseAlarm, .falseAlarm, .ignored])
    // Ten cells of alarm are notifications of 4, 4 and 2.
    #expect(found.alarms.map(\.start) == [5, 22, 40, 44, 48, 61].map(minute))
    #expect(found.alarms.map(\.end) == [6, 24, 43, 47, 49, 61].map(minute))
  }

  @Test func `a curve passes through the thresholds' own points and knows the boundary`() throws {
    var scores = [Float](repeating: 0.1, count: 10)
    (scores[2], scores[3], scores[4], scores[5]) = (4, 2, 1, 0.5)
    let found = try detail(
      [detector("ours", ["api": scores])], [incident("a", "api", 2..<4)], plan(10))
    let curve = try #require(found.curves.first)
    #expect(curve.points.map(\.recall) == [0.5, 1, 1])
    #expect(curve.points.map(\.precision) == [1, 1, 2.0 / 3])
    // From 1 on cells 2, 3 and 4 alarm.
    let boundary = try #require(curve.atBoundary)
    #expect((boundary.score, boundary.recall, boundary.precision) == (1, 1, 2.0 / 3))
  }

  @Test func `a detector that never alarms has a curve without a boundary`() throws {
    let found = try detail(
      [detector("ours", ["api": [0.1, 0.9, 0.2, 0.3]])], [incident("a", "api", 1..<2)], plan(4))
    #expect(found.curves[0].atBoundary == nil)
    #expect(found.curves[0].points.map(\.recall) == [1])
  }

  @Test func `a boundary is checked on calibration and on quiet cells`() throws {
    // Calibration is cells 0..<10 with one alarm; the test 10..<30 with an incident in 20..<25.
    let scores = alarms(30, at: [3..<4, 12..<15, 20..<22])
    let found = try detail(
      [detector("ours", ["api": scores])], [incident("a", "api", 20..<25)],
      plan(30, test: [10..<30]), calibration: [range(0..<10)])
    #expect(found.boundaries[0].calibrationShare == 0.1)
    #expect(found.boundaries[0].quietShare == 0.2)
    #expect(found.boundaries[0].quietQuantiles?.first == 0.5)
  }

  @Test func `outcomes are divided by service, kind, duration and hour`() throws {
    let found = try detail(
      [
        detector(
          "ours",
          ["api": alarms(200, at: [12..<14, 100..<101]), "web": alarms(200, at: [])])
      ],
      [incident("a", "api", 10..<20), incident("b", "web", 30..<40)], plan(200))
    func parts(_ dimension: ResultSlice.Dimension) -> [ResultSlice] {
      found.slices.filter { $0.dimension == dimension }
    }
    #expect(parts(.service).map(\.name) == ["api", "web"])
    #expect(parts(.service).map(\.found) == [1, 0])
    #expect(parts(.service).map(\.falseAlarms) == [1, 0])
    #expect(parts(.service)[0].medianDelay == .minutes(3))
    #expect(parts(.kind).map(\.incidents) == [2])
    #expect(parts(.kind)[0].falseAlarms == nil)
    // The grid begins at ten o'clock at night; both incidents begin in that hour, the alarm at 100
    // minutes in the next.
    #expect(parts(.hour).map(\.incidents).reduce(0, +) == 2)
    #expect(parts(.hour).compactMap(\.falseAlarms).reduce(0, +) == 1)
  }

  @Test func `labels recorded late look better when they are moved back`() throws {
    // The detector saw it in 20..<30, somebody wrote down 26..<36.
    let found = try detail(
      [detector("ours", ["api": alarms(200, at: [20..<30])])],
      [incident("a", "api", 26..<36)], plan(200))
    let best = found.lags.max {
      ($0.averagePrecision ?? 0) < ($1.averagePrecision ?? 0)
    }
    #expect(best?.shift == .minutes(-6))
    #expect(best?.averagePrecision == 1)
    #expect(found.lags.first { $0.shift == .zero }?.found == 1)
  }

  @Test func `odd labels are named with what is odd about them`() throws {
    var noticed = incident("late", "api", 60..<65)
    noticed.detected = minute(90)
    var brief = incident("brief", "api", 120..<121)
    brief.resolved = brief.start + .seconds(20)
    let found = try detail(
      [detector("ours", ["api": alarms(200, at: [10..<13, 60..<61, 120..<121, 195..<199])])],
      [
        incident("a", "api", 10..<20), incident("b", "api", 18..<22), noticed, brief,
        incident("c", "db", 150..<160), incident("d", "api", 196..<220),
      ], plan(200))
    let reasons = Dictionary(grouping: found.labels, by: \.reason).mapValues { $0.map(\.incidents) }
    #expect(reasons[.overlap] == [["a", "b"]])
    #expect(reasons[.detectedOutside] == [["late"]])
    #expect(reasons[.short] == [["brief"]])
    #expect(reasons[.noScores] == [["c"]])
    #expect(reasons[.cutOff] == [["d"]])
    #expect(reasons[.dense] == nil)
  }

  @Test func `an incident that nothing shows, and one whose times are too early, are told apart`()
    throws
  {
    var scores = [Float](repeating: 0.2, count: 400)
    for cell in stride(from: 0, to: 400, by: 7) { scores[cell] = 0.4 }
    for cell in 210..<220 { scores[cell] = 3 }
    let found = try detail(
      [detector("ours", ["api": scores])],
      [incident("silent", "api", 101..<111), incident("early", "api", 200..<210)], plan(400))
    let reasons = Dictionary(grouping: found.labels, by: \.reason).mapValues { $0.map(\.incidents) }
    #expect(reasons[.noSignal] == [["silent"]])
    #expect(reasons[.lateSignal] == [["early"]])
  }

  @Test func `a service that is mostly in incidents is called dense`() throws {
    let found = try detail(
      [detector("ours", ["api": alarms(100, at: [10..<40])])], [incident("a", "api", 10..<40)],
      plan(100))
    #expect(found.labels.map(\.reason) == [.dense])
  }

  @Test func `random scores and no scores at all carry no signal`() throws {
    var random = [Float](repeating: 0.2, count: 300)
    for cell in 100..<105 { random[cell] = 9 }
    let found = try detail(
      [
        detector("ours", ["api": [Float](repeating: 0.2, count: 300)]),
        detector("random", ["api": random]),
      ], [incident("a", "api", 100..<105)], plan(300))
    #expect(found.labels.map(\.reason) == [.noSignal])
  }
}
