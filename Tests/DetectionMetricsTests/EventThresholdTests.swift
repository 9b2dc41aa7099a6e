import DetectionMetrics
import Testing

@Suite struct EventThresholdTests {
  @Test func `alarms are cut into notifications`() throws {
    let alarms = try EventRanges([0..<5, 7..<9], count: 10)
    #expect(try alarms.cut(longest: 2).ranges == [0..<2, 2..<4, 4..<5, 7..<9])
    #expect(try alarms.cut(longest: 5) == alarms)
    #expect(throws: MetricError.self) { try alarms.cut(longest: 0) }
  }

  @Test func `the best threshold is that of a search through all`() throws {
    for saved in try savedCases() where !saved.incidentRanges.isEmpty && saved.scores.count < 400 {
      let series = try ScoredSeries(scores: saved.scores, incidents: saved.incidentRanges)
      let found = try #require(try series.bestEventF1(longest: 7, thresholds: 100_000))
      let best = try Set(saved.scores).map { threshold in
        try eventDetection(
          alarms: series.alarms(atLeast: threshold).cut(longest: 7),
          incidents: saved.incidentRanges
        ).f1 ?? 0
      }.max()
      #expect(found == best, "\(saved.name)")
    }
  }

  @Test func `always in alarm is no way to a good F1`() throws {
    let incidents = try EventRanges([100..<110], count: 1000)
    let series = try ScoredSeries(
      scores: Array(repeating: 1, count: 1000), incidents: incidents)
    let f1 = try #require(try series.bestEventF1(longest: 10))
    #expect(f1 < 0.05)
  }

  @Test func `recall counts incidents above what the quiet time exceeds`() throws {
    // Quiet scores 0, 1, ..., 99; incidents reach 95.5 and 98.5.
    var scores = (0..<100).map(Double.init)
    scores += [95.5, 1, 2, 98.5]
    let incidents = try EventRanges([100..<102, 102..<104], count: 104)
    let series = try ScoredSeries(scores: scores, incidents: incidents)
    #expect(try series.recall(quietShare: 0) == 0)
    #expect(try series.recall(quietShare: 0.01) == 0.5)
    #expect(try series.recall(quietShare: 0.05) == 1)
    #expect(throws: MetricError.self) { try series.recall(quietShare: 2) }
    let all = try ScoredSeries(scores: [1, 2], labels: [true, true])
    #expect(try all.recall(quietShare: 0.5) == nil)
  }
}
