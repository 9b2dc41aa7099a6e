import DetectionMetrics
import Testing

@Suite struct PointAdjustedTests {
  @Test func `scikit-learn's F1 of adjusted alarms agrees to 1e-9 on every saved case`() throws {
    for saved in try savedCases() {
      let found = try pointAdjustedF1InflatedByDesign(
        alarms: saved.alarmRanges, incidents: saved.incidentRanges)
      #expect(close(found.detector.f1, saved.pointAdjustedF1, within: 1e-9), "\(saved.name)")
    }
  }

  @Test func `random alarms score high on a long incident, which is why the row is there`() throws {
    let incidents = try EventRanges([500..<700], count: 1000)
    let alarms = try EventRanges([0..<10, 20..<30], count: 1000)
    let found = try pointAdjustedF1InflatedByDesign(alarms: alarms, incidents: incidents)
    #expect(found.detector.f1 == 0)
    #expect(try #require(found.random.f1) > 0.9)
  }

  @Test func `the random row is the mean of many random alarms`() throws {
    let incidents = try EventRanges([100..<110, 300..<303, 600..<640], count: 1000)
    var random = SplitMix(state: 5)
    var truePositives = 0.0
    let trials = 2000
    for _ in 0..<trials {
      let alarms = EventRanges((0..<1000).map { _ in Int.random(in: 0..<50, using: &random) == 0 })
      let hit = try eventDetection(alarms: alarms, incidents: incidents).delays
      for (delay, incident) in zip(hit, incidents.ranges) where delay != nil {
        truePositives += Double(incident.count)
      }
    }
    let recall = truePositives / Double(trials * incidents.points)
    let twentyOfThousand = try EventRanges([0..<20], count: 1000)
    let row = try pointAdjustedF1InflatedByDesign(alarms: twentyOfThousand, incidents: incidents)
    #expect(close(row.random.recall, recall, within: 0.02))
  }

  @Test func `without incidents there is no recall, without alarms no precision`() throws {
    let none = try EventRanges([], count: 10)
    let some = try EventRanges([2..<4], count: 10)
    let calm = try pointAdjustedF1InflatedByDesign(alarms: some, incidents: none)
    #expect(calm.detector.recall == nil)
    #expect(calm.detector.f1 == nil)
    let quiet = try pointAdjustedF1InflatedByDesign(alarms: none, incidents: some)
    #expect(quiet.detector.precision == nil)
    #expect(quiet.detector.f1 == 0)
  }
}
