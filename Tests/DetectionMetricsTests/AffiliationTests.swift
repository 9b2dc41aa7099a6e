import DetectionMetrics
import Testing

@Suite struct AffiliationTests {
  @Test func `the authors' implementation agrees to 1e-9 on every saved case`() throws {
    for saved in try savedCases() {
      let found = try affiliation(alarms: saved.alarmRanges, incidents: saved.incidentRanges)
      guard let expected = saved.affiliation else {
        #expect(found == nil, "\(saved.name)")
        continue
      }
      let known = try #require(found)
      #expect(close(known.precision, expected.precision, within: 1e-9), "\(saved.name)")
      #expect(close(known.recall, expected.recall, within: 1e-9), "\(saved.name)")
      #expect(known.recallByIncident.count == expected.recalls.count)
      for (ours, theirs) in zip(known.precisionByIncident, expected.precisions) {
        #expect(close(ours, theirs, within: 1e-9), "\(saved.name)")
      }
      for (ours, theirs) in zip(known.recallByIncident, expected.recalls) {
        #expect(close(ours, theirs, within: 1e-9), "\(saved.name)")
      }
    }
  }

  @Test func `alarms that are the incidents have precision and recall 1`() throws {
    let incidents = try EventRanges([3..<5, 20..<21, 90..<100], count: 100)
    let found = try #require(try affiliation(alarms: incidents, incidents: incidents))
    #expect(found.precision == 1)
    #expect(found.recall == 1)
    #expect(found.f1 == 1)
  }

  @Test func `an alarm that stays on scores one half and more`() throws {
    let incidents = try EventRanges([50..<51], count: 100)
    let everywhere = try EventRanges([0..<100], count: 100)
    let found = try #require(try affiliation(alarms: everywhere, incidents: incidents))
    #expect(abs(try #require(found.precision) - 0.5) < 0.02)
    #expect(found.recall == 1)
  }

  @Test func `without alarms there is no precision, and recall is 0`() throws {
    let incidents = try EventRanges([50..<51], count: 100)
    let found = try #require(
      try affiliation(alarms: EventRanges([], count: 100), incidents: incidents))
    #expect(found.precision == nil)
    #expect(found.recall == 0)
    #expect(found.f1 == 0)
  }

  @Test func `incidents that touch are judged one by one`() throws {
    let incidents = try EventRanges([10..<20, 20..<30], count: 40)
    let alarms = try EventRanges([10..<20], count: 40)
    let found = try #require(try affiliation(alarms: alarms, incidents: incidents))
    #expect(found.precisionByIncident == [1, nil])
    #expect(found.recallByIncident == [1, 0])
  }
}
