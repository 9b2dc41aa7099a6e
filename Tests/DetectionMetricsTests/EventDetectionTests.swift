import DetectionMetrics
import Testing

@Suite struct EventDetectionTests {
  @Test func `counts by plain loops agree on every saved case`() throws {
    for saved in try savedCases() {
      let (alarms, incidents) = (saved.alarmRanges, saved.incidentRanges)
      let found = try eventDetection(alarms: alarms, incidents: incidents)
      #expect(found.delays == saved.events.delays, "\(saved.name)")
      #expect(found.falseAlarms == saved.events.falseAlarms, "\(saved.name)")
      #expect(found.alarms == saved.events.alarms, "\(saved.name)")
      #expect(close(found.medianDelay, saved.events.medianDelay, within: 1e-12), "\(saved.name)")
      #expect(
        close(found.ninetiethPercentileDelay, saved.events.p90Delay, within: 1e-12),
        "\(saved.name)")
      let leads = try leadTime(alarms: alarms, incidents: incidents, within: 10)
      #expect(leads.leads == saved.events.leadsWithin10, "\(saved.name)")
      #expect(close(leads.median, saved.events.medianLead, within: 1e-12), "\(saved.name)")
      let burden = try alarmBurden(alarms: alarms, incidents: incidents, stepSeconds: 60)
      #expect(close(burden.timeInAlert, saved.events.timeInAlert, within: 1e-12), "\(saved.name)")
      #expect(
        close(burden.quietTimeInAlert, saved.events.quietTimeInAlert, within: 1e-12),
        "\(saved.name)")
      #expect(burden.falseAlarms == saved.events.falseAlarms, "\(saved.name)")
    }
  }

  @Test func `precision counts alarms, recall counts incidents`() throws {
    let incidents = try EventRanges([10..<20, 40..<50], count: 100)
    let alarms = try EventRanges([12..<14, 18..<25, 60..<61, 70..<71], count: 100)
    let found = try eventDetection(alarms: alarms, incidents: incidents)
    #expect(found.precision == 0.5)
    #expect(found.recall == 0.5)
    #expect(found.f1 == 0.5)
    #expect(found.detectedIncidents == 1)
    #expect(found.delays == [2, nil])
  }

  @Test func `an alarm that was on before the start has no delay`() throws {
    let incidents = try EventRanges([10..<20], count: 100)
    let alarms = try EventRanges([5..<12], count: 100)
    #expect(try eventDetection(alarms: alarms, incidents: incidents).delays == [0])
  }

  @Test func `what is undefined is nil`() throws {
    let none = try EventRanges([], count: 5)
    let found = try eventDetection(alarms: none, incidents: none)
    #expect(found.precision == nil)
    #expect(found.recall == nil)
    #expect(found.f1 == nil)
    #expect(found.medianDelay == nil)
    #expect(try leadTime(alarms: none, incidents: none, within: 3).share == nil)
    let empty = EventRanges([])
    let burden = try alarmBurden(alarms: empty, incidents: empty, stepSeconds: 60)
    #expect(burden.timeInAlert == nil)
    #expect(burden.falseAlarmsPerServiceDay == nil)
  }

  @Test func `false alarms are counted per day of each service`() throws {
    // Half a day of minutes with two false alarms, then a day of minutes with one.
    let first = try alarmBurden(
      alarms: EventRanges([0..<5, 100..<105, 300..<310], count: 720),
      incidents: EventRanges([304..<400], count: 720), stepSeconds: 60)
    let second = try alarmBurden(
      alarms: EventRanges([7..<8], count: 1440), incidents: EventRanges([], count: 1440),
      stepSeconds: 60)
    #expect(first.falseAlarmsPerServiceDay == 4)
    #expect(second.falseAlarmsPerServiceDay == 1)
    #expect((first + second).falseAlarmsPerServiceDay == 2)
    #expect((first + second).falseAlarmPoints == 15)
  }

  @Test func `an alarm that belongs to the incident before leads nothing`() throws {
    let incidents = try EventRanges([10..<20, 24..<30], count: 40)
    let alarms = try EventRanges([8..<9, 19..<20], count: 40)
    let found = try leadTime(alarms: alarms, incidents: incidents, within: 15)
    #expect(found.leads == [2, nil])
    #expect(found.share == 0.5)
    #expect(found.median == 2)
  }

  @Test func `the chance of a lead is that of alarms at random points`() throws {
    // One of 90 points outside is in alarm, and the window has 10 points.
    let found = try leadTime(
      alarms: EventRanges([80..<81], count: 100), incidents: EventRanges([40..<50], count: 100),
      within: 10)
    var missed = 1.0
    for _ in 0..<10 { missed *= 89.0 / 90 }
    #expect(close(found.chance, 1 - missed, within: 1e-12))
    #expect(found.share == 0)
  }

  @Test(arguments: UInt64(0)..<10)
  func `quiet time before and after changes nothing that is not a share of time`(
    seed: UInt64
  ) throws {
    let series = try randomSeries(seed: seed)
    let (alarms, incidents) = (series.alarms(atLeast: 2.2), series.incidents)
    func later(_ ranges: EventRanges) throws -> EventRanges {
      try EventRanges(
        ranges.ranges.map { $0.lowerBound + 50..<$0.upperBound + 50 }, count: ranges.count + 80)
    }
    let (moved, truth) = (try later(alarms), try later(incidents))
    #expect(
      try eventDetection(alarms: moved, incidents: truth)
        == eventDetection(alarms: alarms, incidents: incidents))
    let reward = try RangeReward(existence: 0.2, bias: .front, cardinality: .reciprocal)
    #expect(
      try rangePrecisionRecall(
        alarms: moved, incidents: truth, precision: reward, recall: reward)
        == rangePrecisionRecall(
          alarms: alarms, incidents: incidents, precision: reward, recall: reward))
    #expect(
      try pointAdjustedF1InflatedByDesign(alarms: moved, incidents: truth).detector
        == pointAdjustedF1InflatedByDesign(alarms: alarms, incidents: incidents).detector)
  }
}
