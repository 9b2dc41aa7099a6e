import Simulation
import Telemetry
import Testing

@Suite struct IncidentsTests {
  private static let kinds = [
    "cpu_saturation", "crash_loop", "disk_filling", "error_burst", "memory_leak",
    "noisy_neighbour", "slow_dependency", "traffic_drop",
  ]

  @Test(arguments: [UInt64(2026), 1, 2, 3, 4, 5])
  func `incidents are in range, in order, and never two at once`(seed: UInt64) throws {
    let shop = try shop(seed: seed)
    #expect(Set(shop.incidents.map(\.id)).count == shop.incidents.count)
    for incident in shop.incidents {
      let detected = try #require(incident.detected)
      #expect(incident.start > shop.configuration.start && incident.resolved < shop.end)
      #expect(incident.start < detected && detected < incident.resolved)
      let length = incident.resolved - incident.start
      #expect(length >= .minutes(30) && length <= .hours(8))
    }
    for (first, second) in zip(shop.incidents, shop.incidents.dropFirst()) {
      #expect(second.start > first.resolved)
    }
  }

  @Test(arguments: [UInt64(2026), 1, 2, 3, 4, 5])
  func `each part of the run has its share of incidents`(seed: UInt64) throws {
    let shop = try shop(seed: seed)
    let start = shop.configuration.start
    let days = shop.incidents.map { ($0.resolved - start).seconds / 86_400 }
    let test = shop.incidents.filter { $0.start >= start + .days(19) }
    #expect(days.count { $0 < 14 } == 5)
    #expect(days.count { $0 >= 14 && $0 < 19 } == 3)
    #expect(test.count == 11)
    #expect(Set(test.map(\.kind)).sorted() == Self.kinds)
    #expect(Set(shop.incidents.compactMap(\.service)).sorted() == ExportedShop.services)
  }

  @Test func `gradual incidents are detected late, sudden ones within a quarter of an hour`() throws
  {
    for incident in try ExportedShop.standard.get().incidents {
      let waited = try #require(incident.detected) - incident.start
      if ["memory_leak", "disk_filling", "slow_dependency"].contains(incident.kind) {
        #expect(waited.seconds > 0.25 * (incident.resolved - incident.start).seconds)
      } else {
        #expect(waited < .minutes(15))
      }
    }
  }

  @Test(arguments: [UInt64(2026), 1, 2])
  func `every incident shows in the signal of its kind`(seed: UInt64) throws {
    let shop = try shop(seed: seed)
    var calm = [Bool](repeating: true, count: shop.cells)
    for incident in shop.incidents { for cell in shop.cells(of: incident) { calm[cell] = false } }
    for incident in shop.incidents {
      let signal = try mainSignal(of: incident, in: shop)
      let window = shop.cells(of: incident).dropFirst()
      let during = try #require(mean(window.compactMap { signal[$0] }))
      let others = (1 - shop.configuration.days..<shop.configuration.days).compactMap { day in
        mean(
          window.compactMap { cell -> Double? in
            let same = cell + day * shop.cellsPerDay
            return calm.indices.contains(same) && calm[same] ? signal[same] : nil
          })
      }
      let usual = try #require(mean(others))
      let spread = (others.reduce(0) { $0 + ($1 - usual) * ($1 - usual) } / Double(others.count))
        .squareRoot()
      let change = incident.kind == "traffic_drop" ? usual - during : during - usual
      #expect(
        change > 3 * spread && change > 0.12 * usual,
        "\(incident.id) \(incident.kind) of \(incident.service ?? ""): \(during) against \(usual) ± \(spread)"
      )
    }
  }

  @Test func `a leak ends with the kernel killing the process`() throws {
    let shop = try ExportedShop.standard.get()
    for incident in shop.incidents where incident.kind == "memory_leak" {
      let service = incident.service ?? ""
      let memory = try shop.values(service, "container_memory_working_set_bytes")
      let restarts = try shop.increases(service, "kube_pod_container_status_restarts_total")
      let window = shop.cells(of: incident)
      let top = try #require(window.max { (memory[$0] ?? 0) < (memory[$1] ?? 0) })
      #expect(top >= window.upperBound - 4)
      #expect(window.compactMap { restarts[$0] }.reduce(0, +) == 1)
      let after = try #require(memory[window.upperBound])
      #expect(after < 0.6 * (memory[top] ?? 0))
    }
  }

  private func shop(seed: UInt64) throws -> ExportedShop {
    seed == 2026
      ? try ExportedShop.standard.get() : try ExportedShop(SimulationConfiguration(seed: seed))
  }

  private func mainSignal(of incident: Incident, in shop: ExportedShop) throws -> [Double?] {
    let service = incident.service ?? ""
    func ratio(_ part: String, _ whole: String) throws -> [Double?] {
      zip(try shop.increases(service, part), try shop.increases(service, whole)).map {
        part, whole in
        part.flatMap { part in whole.map { part / max(1, $0) } }
      }
    }
    let count = "http_request_duration_seconds_count"
    switch incident.kind {
    case "memory_leak": return try shop.values(service, "container_memory_working_set_bytes")
    case "disk_filling": return try shop.values(service, "container_fs_usage_bytes")
    case "cpu_saturation": return try shop.increases(service, "process_cpu_seconds_total")
    case "traffic_drop": return try shop.increases(service, count)
    case "error_burst": return try ratio("http_requests_total{500}", count)
    case "crash_loop":
      return try shop.increases(service, "kube_pod_container_status_restarts_total")
    case "slow_dependency", "noisy_neighbour":
      return try ratio("http_request_duration_seconds_sum", count)
    default: throw Missing(what: "a signal for \(incident.kind)")
    }
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
