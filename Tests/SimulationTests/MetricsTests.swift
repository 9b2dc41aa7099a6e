import Simulation
import Telemetry
import Testing

@Suite struct MetricsTests {
  private static let bounds = ["0.025", "0.1", "0.25", "1", "2.5", "+Inf"]
  private static let ownTotals = [
    "http_requests_total{200}", "http_requests_total{500}", "http_request_duration_seconds_sum",
    "http_request_duration_seconds_count", "process_cpu_seconds_total",
  ]

  @Test func `every service exports the same metrics under real names`() throws {
    let shop = try ExportedShop.standard.get()
    let expected =
      Self.ownTotals + Self.bounds.map { "http_request_duration_seconds_bucket{\($0)}" } + [
        "queue_depth", "container_memory_working_set_bytes", "container_fs_usage_bytes",
        "kube_pod_container_status_restarts_total",
      ]
    #expect(shop.labels.count == shop.series.count)
    for service in ExportedShop.services {
      let names = shop.series.keys.filter { $0.service == service }.map(\.metric)
      #expect(names.sorted() == expected.sorted())
    }
    for labels in shop.labels {
      #expect(labels["namespace"] == "shop")
      #expect(labels["pod"] == labels["service"].map { "\($0)-0" })
      #expect(labels["instance"] != nil && labels["job"] != nil)
    }
  }

  @Test func `the text begins with the envelope and holds values as strings`() throws {
    let bytes = try ExportedShop.standard.get().export.metrics
    let head =
      #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"#
    #expect(bytes.starts(with: head.utf8))
    #expect(String(decoding: bytes.suffix(4), as: UTF8.self) == "}]}}")
  }

  @Test(arguments: ExportedShop.services)
  func `totals grow but for resets, which all totals of a process share`(service: String) throws {
    let shop = try ExportedShop.standard.get()
    let requests = try shop.values(service, "http_request_duration_seconds_count")
    let cpu = try shop.values(service, "process_cpu_seconds_total")
    let usual = try shop.increases(service, "process_cpu_seconds_total").compactMap { $0 }.max()
    var (last, resets) = (0, 0)
    // In a crash loop a process may already have counted more than the one before it.
    let loops = shop.incidents.filter { $0.service == service && $0.kind == "crash_loop" }
    let calm = requests.indices.dropFirst().filter { cell in
      requests[cell] != nil && !loops.contains { shop.cells(of: $0).contains(cell) }
    }
    for cell in calm {
      let isReset = try Self.ownTotals.filter { name in
        let values = try shop.values(service, name)
        return try #require(values[cell]) < #require(values[last])
      }
      if !isReset.isEmpty {
        resets += 1
        #expect(isReset.contains("process_cpu_seconds_total"))
        #expect(isReset.contains("http_request_duration_seconds_count"))
        #expect(try #require(cpu[cell]) <= #require(usual))
      }
      last = cell
    }
    #expect((3...40).contains(resets), "\(resets) resets")
  }

  @Test(arguments: ExportedShop.services)
  func `histograms are cumulative and agree with count and sum`(service: String) throws {
    let shop = try ExportedShop.standard.get()
    let buckets = try Self.bounds.map {
      try shop.values(service, "http_request_duration_seconds_bucket{\($0)}")
    }
    let count = try shop.values(service, "http_request_duration_seconds_count")
    let sum = try shop.values(service, "http_request_duration_seconds_sum")
    let good = try shop.values(service, "http_requests_total{200}")
    let bad = try shop.values(service, "http_requests_total{500}")
    var wrong = 0
    for cell in count.indices {
      let row = buckets.map { $0[cell] }
      guard let total = count[cell], let seconds = sum[cell] else {
        wrong += row.contains { $0 != nil } ? 1 : 0
        continue
      }
      let within = row.compactMap { $0 }
      var (least, below, lower) = (0.0, 0.0, 0.0)
      for (number, upper) in zip(within, [0.025, 0.1, 0.25, 1, 2.5, 10]) {
        least += (number - below) * lower
        (below, lower) = (number, upper)
      }
      let isRight =
        within.count == Self.bounds.count && within == within.sorted() && within.last == total
        && (good[cell] ?? -1) + (bad[cell] ?? -1) == total && seconds >= least * 0.999_999
        && seconds <= total * 10
      wrong += isRight ? 0 : 1
    }
    #expect(wrong == 0)
  }

  @Test(arguments: ExportedShop.services)
  func `load follows the day and the week`(service: String) throws {
    let shop = try ExportedShop.standard.get()
    let load = try shop.increases(service, "http_request_duration_seconds_count")
    #expect(correlation(load, lag: shop.cellsPerDay) > 0.8)
    #expect(correlation(load, lag: shop.cellsPerDay * 7) > 0.8)
    #expect(correlation(load, lag: shop.cellsPerDay / 2) < 0)
  }

  @Test func `requests of callers arrive at the services they call`() throws {
    let shop = try ExportedShop.standard.get()
    func total(_ service: String) throws -> Double {
      try shop.increases(service, "http_request_duration_seconds_count").compactMap { $0 }
        .reduce(0, +)
    }
    let views = try total("frontend")
    #expect(try (1.2...1.5).contains(total("catalog") / views))
    #expect(try (0.045...0.065).contains(total("checkout") / views))
    #expect(try (0.9...1.05).contains(total("payment") / total("checkout")))
  }

  @Test func `requests take longer when the service is busy`() throws {
    let shop = try ExportedShop.standard.get()
    let load = try shop.increases("frontend", "http_request_duration_seconds_count")
    let time = try shop.increases("frontend", "http_request_duration_seconds_sum")
    let pairs = zip(load, time).compactMap { load, time in
      load.flatMap { load in time.map { (load: load, mean: $0 / max(1, load)) } }
    }.sorted { $0.load < $1.load }
    func mean(_ part: ArraySlice<(load: Double, mean: Double)>) -> Double {
      part.reduce(0) { $0 + $1.mean } / Double(part.count)
    }
    let tenth = pairs.count / 10
    #expect(mean(pairs.suffix(tenth)) > 1.15 * mean(pairs.prefix(tenth)))
  }

  @Test func `missing samples are few, and of the whole shop or of a dead process`() throws {
    let shop = try ExportedShop.standard.get()
    let restarts = try ExportedShop.services.map {
      try shop.values($0, "kube_pod_container_status_restarts_total")
    }
    let gaps = restarts[0].indices.filter { cell in restarts.contains { $0[cell] == nil } }
    #expect((4...12).contains(gaps.count))
    #expect(gaps.allSatisfy { cell in shop.series.values.allSatisfy { $0[cell] == nil } })
    for service in ExportedShop.services {
      let loops = shop.incidents.filter { $0.service == service && $0.kind == "crash_loop" }
      let queue = try shop.values(service, "queue_depth")
      let dead = queue.indices.filter { queue[$0] == nil && !gaps.contains($0) }
      for loop in loops { #expect(dead.count { shop.cells(of: loop).contains($0) } >= 3) }
      // Elsewhere a sample may fall into the half minute in which a process is replaced.
      let others = dead.filter { cell in !loops.contains { shop.cells(of: $0).contains(cell) } }
      #expect(others.count <= 4)
      #expect(others.allSatisfy { queue[$0 - 1] != nil && queue[$0 + 1] != nil })
    }
  }

  /// The correlation of a series with itself a number of cells later.
  private func correlation(_ values: [Double?], lag: Int) -> Double {
    let pairs = zip(values, values.dropFirst(lag)).compactMap { a, b in
      a.flatMap { a in b.map { (a, $0) } }
    }
    return pearson(pairs)
  }
}

/// Pearson's correlation of pairs.
func pearson(_ pairs: [(Double, Double)]) -> Double {
  let count = Double(pairs.count)
  let x = pairs.reduce(0) { $0 + $1.0 } / count
  let y = pairs.reduce(0) { $0 + $1.1 } / count
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (a, b) in pairs {
    xx += (a - x) * (a - x)
    yy += (b - y) * (b - y)
    xy += (a - x) * (b - y)
  }
  return xy / (xx * yy).squareRoot()
}
