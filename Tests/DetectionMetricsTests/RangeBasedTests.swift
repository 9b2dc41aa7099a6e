import DetectionMetrics
import Testing

@Suite struct RangeBasedTests {
  @Test func `prts agrees to 1e-9 on every saved case, bias and cardinality`() throws {
    var compared = 0
    for saved in try savedCases() {
      for row in saved.ranges {
        let reward = try RangeReward(
          existence: row.existence, bias: #require(PositionalBias(rawValue: row.bias)),
          cardinality: row.cardinality == "one" ? .one : .reciprocal)
        let found = try rangePrecisionRecall(
          alarms: saved.alarmRanges, incidents: saved.incidentRanges, precision: reward,
          recall: reward)
        #expect(close(found.precision, row.precision, within: 1e-9), "\(saved.name) \(row)")
        #expect(close(found.recall, row.recall, within: 1e-9), "\(saved.name) \(row)")
        compared += 1
      }
    }
    #expect(compared == 320)
  }

  @Test func `two alarms in one incident cost what the caller's cardinality says`() throws {
    let incidents = try EventRanges([10..<20], count: 40)
    let alarms = try EventRanges([10..<12, 15..<18], count: 40)
    func recall(_ cardinality: OverlapCardinality) throws -> Double? {
      let reward = try RangeReward(cardinality: cardinality)
      return try rangePrecisionRecall(
        alarms: alarms, incidents: incidents, precision: reward, recall: reward
      ).recall
    }
    #expect(try recall(.one) == 0.5)
    #expect(try recall(.reciprocal) == 0.25)
    #expect(try recall(.userDefined { 1 / Double($0 * $0) }) == 0.125)
  }

  @Test func `front bias prefers early alarms and back bias late ones`() throws {
    let incidents = try EventRanges([10..<20], count: 40)
    let early = try EventRanges([10..<13], count: 40)
    let late = try EventRanges([17..<20], count: 40)
    func recall(_ alarms: EventRanges, _ bias: PositionalBias) throws -> Double {
      let reward = try RangeReward(bias: bias)
      return try #require(
        try rangePrecisionRecall(
          alarms: alarms, incidents: incidents, precision: reward, recall: reward
        ).recall)
    }
    #expect(try recall(early, .front) > recall(late, .front))
    #expect(try recall(early, .back) < recall(late, .back))
    #expect(try recall(early, .flat) == recall(late, .flat))
    #expect(try recall(early, .middle) == recall(late, .middle))
  }

  @Test func `what is undefined is nil`() throws {
    let none = try EventRanges([], count: 5)
    let some = try EventRanges([1..<2], count: 5)
    let reward = try RangeReward()
    let quiet = try rangePrecisionRecall(
      alarms: none, incidents: some, precision: reward, recall: reward)
    #expect(quiet.precision == nil)
    #expect(quiet.recall == 0)
    #expect(quiet.f1 == 0)
    let calm = try rangePrecisionRecall(
      alarms: some, incidents: none, precision: reward, recall: reward)
    #expect(calm.precision == 0)
    #expect(calm.recall == nil)
    #expect(calm.f1 == nil)
  }
}
