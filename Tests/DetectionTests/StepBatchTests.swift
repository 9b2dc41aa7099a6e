import Detection
import Features
import LSTM
import LinearAlgebra
import Telemetry
import Testing

/// Steps that many services do together give the bits that each gives alone.
@Suite struct StepBatchTests {
  private static let services = ["cart", "payment", "search", "stock", "users"]

  /// Three services with one network and two with another.
  private func model(usesCalendar: Bool) -> ForecastModel {
    let groups = [(["cpu", "queue"], Self.services[..<3]), (["cpu"], Self.services[3...])]
    let calendar = usesCalendar ? ForecastModel.calendarInputs : 0
    return ForecastModel(
      groups: groups.enumerated().map { number, group in
        ForecastModel.Group(
          channels: group.0, services: Array(group.1),
          network: LSTMNetwork(
            shape: LSTMShape(
              inputs: group.0.count + calendar, hidden: 9 + number, layers: 1 + number,
              outputs: group.0.count),
            seed: UInt64(number)))
      },
      errors: ErrorModel(
        smoothing: 3,
        usual: Dictionary(
          uniqueKeysWithValues: groups.flatMap { channels, services in
            services.map { ($0, channels.map { _ in RobustSummary(median: 0.1, scale: 0.5) }) }
          })), usesCalendar: usesCalendar)
  }

  private func observation(_ cell: Int, of service: Int) -> Observation {
    var random = Philox(seed: UInt64(service), purpose: "observations", index: cell)
    let channels = (0..<(service < 3 ? 2 : 1)).map { _ in
      random.index(below: 12) == 0 ? Float.nan : 4 * random.uniformFloat() - 2
    }
    return Observation(
      time: Timestamp(seconds: Int64(60 * cell)), channels: channels, features: [], isWarm: true)
  }

  private func memory(of detector: (any Detector)?) -> [UInt64] {
    var memory = DetectorMemory()
    detector?.remember(in: &memory)
    return memory.numbers.map(\.bitPattern)
  }

  @Test(arguments: [true, false])
  func `scores and memory are those of steps alone`(usesCalendar: Bool) {
    let model = model(usesCalendar: usesCalendar)
    var alone = Self.services.map { model.detector(for: $0) }
    var together = alone
    var batch = StepBatch()
    for cell in 0..<40 {
      for service in Self.services.indices {
        let observation = observation(cell, of: service)
        let expected = alone[service]?.score(observation).bitPattern
        #expect(expected != nil)
        #expect(together[service]?.score(observation).bitPattern == expected)
      }
      // Sometimes some of them, and sometimes none.
      batch.removeAll()
      for service in Self.services.indices where (cell + service) % 3 > 0 && cell % 7 > 0 {
        batch.add([nil, together[service]], owner: service)
      }
      batch.run()
      for ticket in batch.tickets {
        #expect(ticket.detector == 1)
        together[ticket.owner]?.takeStep(ticket, from: batch)
      }
      #expect(alone.map { memory(of: $0) } == together.map { memory(of: $0) })
    }
  }

  @Test func `a step that was done meanwhile is not taken again`() {
    let model = model(usesCalendar: true)
    var alone = model.detector(for: "cart")
    var together = alone
    var batch = StepBatch()
    for cell in 0..<3 {
      let observation = observation(cell, of: 0)
      #expect(alone?.score(observation) != nil)
      if cell == 2 {
        batch.add([together], owner: 0)
        batch.run()
      }
      #expect(together?.score(observation) != nil)
    }
    #expect(batch.tickets.count == 1)
    for ticket in batch.tickets { together?.takeStep(ticket, from: batch) }
    #expect(memory(of: together) == memory(of: alone))
    // Nothing waits after a step was taken.
    batch.removeAll()
    batch.add([together], owner: 0)
    batch.run()
    for ticket in batch.tickets { together?.takeStep(ticket, from: batch) }
    batch.removeAll()
    batch.add([together], owner: 0)
    #expect(batch.tickets.isEmpty)
    #expect(memory(of: together) == memory(of: alone))
  }

  @Test func `a memory that is taken back forgets what was put off`() {
    let model = model(usesCalendar: false)
    var first = model.detector(for: "stock")
    var second = first
    for cell in 0..<5 { _ = first?.score(observation(cell, of: 3)) }
    _ = second?.score(observation(9, of: 3))
    var memory = DetectorMemory()
    first?.remember(in: &memory)
    second?.recall(from: &memory)
    #expect(memory.isSpent)
    for cell in 5..<9 {
      let observation = observation(cell, of: 3)
      let expected = first?.score(observation).bitPattern
      #expect(second?.score(observation).bitPattern == expected)
    }
  }
}
