import DetectionMetrics
import Testing

@Suite struct EventRangesTests {
  @Test func `labels become one range per unbroken stretch`() {
    let ranges = EventRanges([true, true, false, true, false, false, true])
    #expect(ranges.ranges == [0..<2, 3..<4, 6..<7])
    #expect(ranges.count == 7)
    #expect(ranges.points == 4)
    #expect(EventRanges([]).isEmpty)
    #expect(EventRanges([true, true]).ranges == [0..<2])
  }

  @Test func `ranges become the labels they came from`() throws {
    let series = try randomSeries(seed: 9)
    #expect(EventRanges(series.incidents.labels) == series.incidents)
  }

  @Test func `incidents that touch stay two when given as ranges`() throws {
    let touching = try EventRanges([2..<4, 4..<7], count: 10)
    #expect(touching.ranges.count == 2)
    let alarms = try EventRanges([5..<6], count: 10)
    #expect(try eventDetection(alarms: alarms, incidents: touching).delays == [nil, 1])
  }

  @Test func `alarms are the points that reach the threshold`() throws {
    let series = try ScoredSeries(
      scores: [1, 3, 3, 2, 5], labels: [true, false, false, false, false])
    #expect(series.alarms(atLeast: 3).ranges == [1..<3, 4..<5])
    #expect(series.alarms(atLeast: 6).isEmpty)
  }
}
