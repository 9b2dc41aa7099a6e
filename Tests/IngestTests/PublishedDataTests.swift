import Ingest
import Telemetry
import Testing

/// Reads one part of a public dataset as the catalogue lays it out.
private func load(_ dataset: PublishedDataset, _ part: String) throws -> Dataset {
  try ingest(dataset.configuration(part: part, in: "\(PublicData.root)/\(dataset.rawValue)"))
}

private func parts(_ dataset: PublishedDataset) throws -> [String] {
  try dataset.parts(in: "\(PublicData.root)/\(dataset.rawValue)")
}

extension Dataset {
  /// Cells before the published test part.
  fileprivate var trainCells: Int {
    publishedTestStart.map { grid.index(covering: $0) + 1 } ?? 0
  }

  fileprivate var incidentCells: [Range<Int>] {
    incidents.map { grid.indices(touching: $0.start, $0.resolved) }
  }

  fileprivate func count(_ reasons: String...) -> Int {
    report.defects.filter { reasons.contains($0.reason) }.reduce(0) { $0 + $1.count }
  }
}

@Suite(.enabled(if: PublicData.has("asd"), Comment(rawValue: PublicData.hint)))
struct PublishedASDTests {
  @Test func `all servers have their rows, segments and anomalous rows`() throws {
    var (rows, segments, anomalous, strays) = (0, 0, 0, 0)
    let names = try parts(.asd)
    for name in names {
      let data = try load(.asd, name)
      #expect(data.trainCells == (name == "omi-12" ? 7291 : 8640))
      #expect(data.grid.count - data.trainCells == 4320)
      #expect(data.columnNames(of: name).count == 19)
      #expect(data.report.missingCells == 0)
      rows += data.grid.count
      segments += data.incidents.count
      anomalous += data.incidentCells.reduce(0) { $0 + $1.count }
      strays += data.count("interpretation_without_segment")
      #expect(data.count("interpretation_without_segment") == (name == "omi-11" ? 2 : 0))
      #expect(
        data.incidents.count { $0.kind == "anomaly" } == (name == "omi-11" ? 1 : 0),
        "all but the segment that experts saw as two have a kind")
    }
    #expect((names.count, rows, segments, anomalous) == (12, 154_171, 76, 2392))
  }
}

@Suite(.enabled(if: PublicData.has("jumpstarter"), Comment(rawValue: PublicData.hint)))
struct PublishedJumpStarterTests {
  @Test(arguments: [
    (0, 4), (2, 3), (5, 2), (8, 2), (11, 3), (12, 3), (16, 2), (21, 3), (22, 3), (25, 6), (27, 3),
    (28, 3),
  ])
  func `a service has its published rows and segments`(_ number: Int, _ segments: Int) throws {
    let data = try load(.jumpstarter, "service\(number)")
    #expect(data.trainCells == 5760)
    #expect(data.grid.count == 5760 + 7200)
    #expect(data.report.cells == data.grid.count * 19)
    #expect(data.report.defects.isEmpty)
    #expect(data.incidents.count == segments)
    let share = Double(data.incidentCells.reduce(0) { $0 + $1.count }) / 7200
    if number == 16 { #expect(abs(share - 0.008) < 0.0005) }
    if number == 25 { #expect(abs(share - 0.246) < 0.0005) }
  }
}

@Suite(.enabled(if: PublicData.has("msl"), Comment(rawValue: PublicData.hint)))
struct PublishedMSLTests {
  @Test func `all channels have their rows and sequences`() throws {
    var (train, test, sequences, anomalous) = (0, 0, 0, 0)
    var constant: [String] = []
    let names = try parts(.msl)
    for name in names {
      let data = try load(.msl, name)
      #expect(data.columnNames(of: name).count == 55)
      #expect(data.services[0].columns.count { $0.kind == .state } == 54, "commands")
      #expect(data.report.defects.isEmpty)
      train += data.trainCells
      test += data.grid.count - data.trainCells
      sequences += data.incidents.count
      anomalous += Set(data.incidentCells.joined()).count
      let telemetry = try #require(data.column("telemetry", of: name))
      if Set(telemetry.prefix(data.trainCells)).count == 1 { constant.append(name) }
      if name == "M-6" { #expect(telemetry.max().map { Int($0.rounded()) } == 258) }
    }
    #expect((names.count, train, test) == (27, 58_317, 73_729))
    #expect((sequences, anomalous) == (36, 7766))
    #expect(constant == ["C-2", "D-14", "M-6", "S-2", "T-5"])
  }
}

@Suite(.enabled(if: PublicData.has("nab"), Comment(rawValue: PublicData.hint)))
struct PublishedNABTests {
  @Test(arguments: [
    ("realAWSCloudwatch", 17, 67_740, 30), ("realKnownCause", 7, 69_561, 19),
    ("realTweets", 10, 158_631, 33), ("realTraffic", 7, 15_664, 14),
    ("realAdExchange", 6, 9610, 14), ("artificialWithAnomaly", 6, 24_192, 6),
    ("artificialNoAnomaly", 5, 20_160, 0),
  ])
  func `a category has its series, points and windows`(
    _ category: String, _ series: Int, _ points: Int, _ windows: Int
  ) throws {
    let names = try parts(.nab).filter { $0.hasPrefix(category + "/") }
    let datasets = try names.map { try load(.nab, $0) }
    #expect(datasets.count == series)
    #expect(datasets.reduce(0) { $0 + $1.report.samples } == points)
    #expect(datasets.reduce(0) { $0 + $1.incidents.count } == windows)
    for data in datasets {
      #expect(data.incidentCells.allSatisfy { !$0.isEmpty && data.grid.count >= $0.upperBound })
    }
  }

  @Test(arguments: [
    ("realAWSCloudwatch/ec2_disk_write_bytes_1ef3de", 11, 0),
    ("realAWSCloudwatch/ec2_network_in_5abac7", 11, 0),
    ("realKnownCause/ec2_request_latency_system_failure", 11, 0),
    ("realAdExchange/exchange-2_cpc_results", 1, 0),
    ("realKnownCause/machine_temperature_system_failure", 12, 1),
  ])
  func `times that repeat or go back are counted`(
    _ name: String, _ duplicates: Int, _ backward: Int
  ) throws {
    let data = try load(.nab, name)
    #expect(data.count("duplicate_timestamp", "conflicting_timestamp") == duplicates)
    #expect(data.count("out_of_order") == backward)
  }

  @Test(arguments: [
    ("realTraffic/speed_7578", 381), ("realTraffic/TravelTime_387", 821),
    ("realKnownCause/rogue_agent_key_hold", 91), ("realAdExchange/exchange-3_cpc_results", 64),
    ("realTweets/Twitter_volume_AAPL", 0),
  ])
  func `an irregular series has its gaps`(_ name: String, _ gaps: Int) throws {
    let source = PublishedSource(dataset: .nab, path: "\(PublicData.root)/nab", part: name)
    let times = try #require(try readColumns(.published(source)).series.first).times
    let longest = source.interval.milliseconds * 3 / 2
    #expect(zip(times, times.dropFirst()).count { $1 - $0 > longest } == gaps)
  }
}

@Suite(.enabled(if: PublicData.has("cloud-monitoring"), Comment(rawValue: PublicData.hint)))
struct PublishedCloudMonitoringTests {
  @Test(arguments: [
    ("application-crash-rate-1", 9, 5504, 83), ("application-crash-rate-2", 10, 11_141, 67),
    ("consumer-purchase-rate", 6, 7488, 18), ("data-ingress-rate", 5, 79_200, 11),
    ("service-unavailable", 1, 15_840, 0),
  ])
  func `a domain has its series, points and segments`(
    _ domain: String, _ series: Int, _ points: Int, _ segments: Int
  ) throws {
    let names = try parts(.cloudMonitoring).filter { $0.hasPrefix(domain + "/") }
    let datasets = try names.map { try load(.cloudMonitoring, $0) }
    #expect(datasets.count == series)
    #expect(datasets.reduce(0) { $0 + $1.report.samples } == points)
    #expect(datasets.reduce(0) { $0 + $1.incidents.count } == segments)
    let duplicates = datasets.map { $0.count("duplicate_timestamp", "conflicting_timestamp") }
    let hourly = domain.hasPrefix("application")
    #expect(duplicates.allSatisfy { hourly ? (8...13).contains($0) : $0 == 0 })
    #expect(datasets.reduce(0) { $0 + $1.count("conflicting_timestamp") } == 0)
  }

  @Test func `empty values are missing and counted`() throws {
    let counts = try ["04", "05", "06"].map {
      try load(.cloudMonitoring, "application-crash-rate-1/app1-\($0)").count("empty_value")
    }
    #expect(counts == [5, 11, 26])
  }

  @Test func `the training half of 22 series holds labelled points`() throws {
    let labelled = try parts(.cloudMonitoring).count { name in
      let data = try load(.cloudMonitoring, name)
      let start = try #require(data.publishedTestStart)
      return data.incidents.contains { $0.start < start }
    }
    #expect(labelled == 22)
  }
}

@Suite(.enabled(if: PublicData.has("prometheus-export"), Comment(rawValue: PublicData.hint)))
struct PublishedPrometheusTests {
  @Test func `the export has its series, samples and gaps`() throws {
    let part = try #require(try parts(.prometheusExport).first)
    let data = try load(.prometheusExport, part)
    #expect((data.report.series, data.report.samples) == (11, 79_182))
    // Every sample has a cell of its own, so what is missing are the gaps of 120 s.
    #expect(data.report.missingCells == 18)
  }
}
