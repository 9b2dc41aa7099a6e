import Simulation
import Telemetry
import Testing

@Suite struct LogsTests {
  @Test func `lines lie in range, oldest first, with nanoseconds`() throws {
    let shop = try ExportedShop.standard.get()
    for (first, second) in zip(shop.logs, shop.logs.dropFirst()) {
      // The form is of fixed width, so that the order of texts is the order of times.
      if first.timestamp > second.timestamp { Issue.record("\(first) after \(second)") }
    }
    for line in shop.logs {
      if line.time <= shop.configuration.start || line.time >= shop.end
        || line.timestamp.utf8.count != "2026-01-05T00:00:00.000000000Z".utf8.count
      {
        Issue.record("\(line)")
      }
    }
  }

  @Test(arguments: ExportedShop.services)
  func `each service has its own labels and at least eight kinds of line`(service: String) throws {
    let lines = try ExportedShop.standard.get().logs.filter { $0.labels["service"] == service }
    #expect(lines.allSatisfy { $0.labels["namespace"] == "shop" })
    #expect(lines.allSatisfy { $0.labels["pod"] == "\(service)-0" })
    #expect(Set(lines.compactMap { $0.labels["level"] }) == ["info", "warn", "error"])
    // A line's kind is what is left of its words with digits in them.
    let kinds = Set(
      lines.map { line in
        line.text.split(separator: " ").map { $0.contains(where: \.isNumber) ? "#" : String($0) }
          .joined(separator: " ")
      })
    #expect(kinds.count >= 8)
  }

  @Test(arguments: ExportedShop.services)
  func `volume follows traffic`(service: String) throws {
    let shop = try ExportedShop.standard.get()
    let load = try shop.increases(service, "http_request_duration_seconds_count")
    let hour = shop.cellsPerDay / 24
    var lines = [Double](repeating: 0, count: shop.cells / hour)
    for line in shop.logs
    where line.labels["service"] == service && line.labels["level"] == "info" {
      let cell = shop.grid.index(covering: line.time)
      if cell < shop.cells { lines[cell / hour] += 1 }
    }
    let requests = lines.indices.map { index in
      load[index * hour..<(index + 1) * hour].compactMap { $0 }.reduce(0, +)
    }
    #expect(pearson(Array(zip(lines, requests))) > 0.6)
  }

  @Test(arguments: [
    ("disk_filling", "o space left on device"), ("crash_loop", "panic"),
    ("slow_dependency", "time"), ("memory_leak", "memory"), ("memory_leak", "OOMKilled"),
    ("cpu_saturation", "cpu"),
  ])
  func `incidents tell of themselves`(kind: String, phrase: String) throws {
    // Each service has its own words for the same thing.
    let synonyms = [
      "memory": ["memory", "heap", "Pause Full"], "OOMKilled": ["OOMKilled", "out of memory"],
      "panic": ["panic", "Application run failed"], "time": ["timed out", "did not answer within"],
    ]
    let alternatives = synonyms[phrase] ?? [phrase]
    let shop = try ExportedShop.standard.get()
    for incident in shop.incidents where incident.kind == kind {
      let told = shop.logs.contains { line in
        line.labels["service"] == incident.service && line.time >= incident.start
          && line.time <= incident.resolved && line.labels["level"] != "info"
          && alternatives.contains(where: line.text.contains)
      }
      #expect(told, "\(incident.id) of \(incident.service ?? "") never says '\(phrase)'")
    }
  }

  @Test func `error bursts write many errors`() throws {
    let shop = try ExportedShop.standard.get()
    for incident in shop.incidents where incident.kind == "error_burst" {
      let errors = shop.logs.filter {
        $0.labels["service"] == incident.service && $0.labels["level"] == "error"
      }
      let during = errors.count { $0.time > incident.start && $0.time <= incident.resolved }
      let length = (incident.resolved - incident.start).seconds
      let usual = Double(errors.count) * length / (shop.end - shop.configuration.start).seconds
      #expect(Double(during) > 4 * usual, "\(incident.id): \(during) against \(usual)")
    }
  }
}
