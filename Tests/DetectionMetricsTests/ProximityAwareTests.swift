import DetectionMetrics
import Testing

@Suite struct ProximityAwareTests {
  @Test func `the authors' package agrees to 1e-9 on every saved case`() throws {
    var compared = 0
    for saved in try savedCases() {
      let series = try saved.series()
      for row in saved.proximities {
        let found = try series.proximityAwareArea(
          early: row.early, late: row.late, steps: row.steps, thresholds: row.thresholds)
        #expect(
          close(found, row.value, within: 1e-9),
          "\(saved.name), early \(row.early), late \(row.late): \(found ?? -1), \(row.value)")
        compared += 1
      }
    }
    #expect(compared == 84)
  }

  @Test func `a late alarm counts more the nearer it is`() throws {
    func area(alarmAt place: Int) throws -> Double? {
      var scores = [Double](repeating: 0, count: 100)
      scores[place] = 1
      return try ScoredSeries(scores: scores, incidents: EventRanges([40..<50], count: 100))
        .proximityAwareArea(early: 20, late: 20)
    }
    let (near, far, outside) = (
      try #require(try area(alarmAt: 51)), try #require(try area(alarmAt: 65)),
      try #require(try area(alarmAt: 90))
    )
    #expect(near > far)
    #expect(far > outside)
  }

  @Test func `perfect scores have area 1 and no incident has none`() throws {
    let incidents = try EventRanges([10..<20], count: 60)
    let perfect = try ScoredSeries(
      scores: incidents.labels.map { $0 ? 1 : 0 }, incidents: incidents)
    #expect(try perfect.proximityAwareArea(early: 0, late: 0) == 1)
    let quiet = try ScoredSeries(scores: [1, 2], labels: [false, false])
    #expect(try quiet.proximityAwareArea(early: 5, late: 5) == nil)
  }
}
