import Diagnostics
import Simulation
import Synchronization
import Telemetry
import Testing

@Suite struct SimulationTests {
  @Test func `equal seeds give equal bytes`() throws {
    let again = try Simulation(SimulationConfiguration()).run { _ in }
    #expect(try ExportedShop.standard.get().export == again)
  }

  @Test func `another seed gives other noise, logs and incidents`() throws {
    let standard = try ExportedShop.standard.get().export
    let other = try Simulation(SimulationConfiguration(seed: 7)).run { _ in }
    #expect(other.metrics != standard.metrics)
    #expect(other.logs != standard.logs)
    #expect(other.incidents != standard.incidents)
  }

  @Test(arguments: [Int64(1), 10, 15])
  func `days and interval can be chosen`(minutes: Int64) throws {
    let start = Timestamp(seconds: 1_772_668_800 + 3 * 3600)
    let shop = try ExportedShop(
      SimulationConfiguration(seed: 3, start: start, days: 14, interval: .minutes(minutes)))
    let cpu = try shop.values("cart", "process_cpu_seconds_total")
    #expect(cpu.count == 14 * 24 * 60 / Int(minutes))
    #expect(cpu[0] != nil && cpu[cpu.count - 1] != nil)
    #expect(Set(shop.incidents.map(\.kind)).count == 8)
    #expect(shop.incidents.allSatisfy { $0.start >= start && $0.resolved <= shop.end })
    // The load does not depend on how often it is looked at: within a tenth of the standard run's.
    let requests = try shop.increases("frontend", "http_request_duration_seconds_count")
    let rate = requests.compactMap { $0 }.reduce(0, +) / (14 * 86_400)
    #expect((13.0...20).contains(rate), "\(rate) requests a second")
  }

  @Test func `every simulated day is reported once`() throws {
    let days = Mutex<[Int]>([])
    _ = try Simulation(SimulationConfiguration(days: 14)).run { event in
      days.withLock { $0.append(event.completed) }
    }
    #expect(days.withLock { $0 } == Array(1...14))
  }

  @Test func `configurations outside the ranges are refused`() {
    let odd = TimeSpan.seconds(90)
    #expect(throws: SimulationError.daysOutOfRange(13)) {
      try Simulation(SimulationConfiguration(days: 13))
    }
    #expect(throws: SimulationError.daysOutOfRange(366)) {
      try Simulation(SimulationConfiguration(days: 366))
    }
    for interval in [.zero, odd, .minutes(16)] {
      #expect(throws: SimulationError.unsuitableInterval(interval)) {
        try Simulation(SimulationConfiguration(interval: interval))
      }
    }
    for start in [Timestamp(seconds: 30), Timestamp(seconds: -60)] {
      #expect(throws: SimulationError.unsuitableStart(start)) {
        try Simulation(SimulationConfiguration(start: start))
      }
    }
    #expect(SimulationError.unsuitableInterval(odd).description.contains("1m30s"))
  }
}
