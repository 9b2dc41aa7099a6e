import Companions
import Features
import Foundation
import Ingest
import LiveTelemetry
import Telemetry
import Testing

/// An export of two hours at a minute, with everything that makes cells differ from samples: replaced
/// pods, counters that begin again, histograms, gaps, NaN, labels that repeat the service.
private struct Export {
  static let start: Int64 = 1_767_225_600_000  // 2026-01-01T00:00:00Z
  let times = (0...120).map { start + Int64($0) * 60_000 }
  var series: [KeptSeries] = []

  init(seed: UInt64) {
    var random = SplitMix(state: seed)
    for service in ["cart", "pay"] {
      for pod in 0..<3 {
        let labels = [
          "service": service, "pod": "\(service)-7d4b9c6f5d-x\(pod)zzz", "namespace": "shop",
        ]
        let life = pod == 2 ? 50..<121 : pod == 1 ? 0..<70 : 0..<121
        add("queue_length", labels, life, &random) { Double.random(in: 0..<9, using: &$0) }
        addCounter("requests_total", labels.merging(["code": "500"]) { $1 }, life, &random)
        for le in ["0.1", "1", "+Inf"] {
          addCounter("latency_seconds_bucket", labels.merging(["le": le]) { $1 }, life, &random)
        }
        addCounter("latency_seconds_sum", labels, life, &random)
        addCounter("latency_seconds_count", labels, life, &random)
      }
    }
    add("temperature", ["job": "host"], 0..<121, &random) { random in
      Int.random(in: 0..<9, using: &random) == 0 ? .nan : Double.random(in: -5..<5, using: &random)
    }
  }

  private mutating func add(
    _ name: String, _ labels: [String: String], _ life: Range<Int>, _ random: inout SplitMix,
    _ value: (inout SplitMix) -> Double
  ) {
    var samples: [Int64: Double] = [:]
    // Scrapes fail now and then, and once for long.
    let outage = Int.random(in: 20..<60, using: &random)
    for index in life where Int.random(in: 0..<12, using: &random) > 0 {
      guard !(outage..<outage + 8).contains(index) else { continue }
      samples[times[index]] = value(&random)
    }
    series.append(
      KeptSeries(labels: labels.merging(["__name__": name]) { $1 }, samples: samples))
  }

  private mutating func addCounter(
    _ name: String, _ labels: [String: String], _ life: Range<Int>, _ random: inout SplitMix
  ) {
    var total = 0.0
    add(name, labels, life, &random) { random in
      total =
        Int.random(in: 0..<25, using: &random) == 0
        ? 0 : total + Double.random(in: 0..<7, using: &random)
      return total
    }
  }

  /// The dataset that ingest makes of all of it.
  func dataset(lines: [LokiKeeper.Line] = []) throws -> Dataset {
    let folder = try TestFolder()
    var sources: [SourceConfiguration] = [
      .prometheus(path: try folder.write("export.json", matrix(series, times)))
    ]
    if !lines.isEmpty {
      sources.append(.loki(path: try folder.write("logs.jsonl", LokiKeeper.export(lines))))
    }
    return try ingest(
      IngestConfiguration(
        interval: .minutes(1), sources: sources, serviceLabels: ["service", "app", "job", "pod"]))
  }
}

@Suite(.timeLimit(.minutes(20))) struct ParityTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func `cells of a live server are those of an export of the same time, bit for bit`(
    seed: UInt64
  ) async throws {
    let export = Export(seed: seed)
    let dataset = try export.dataset()
    #expect(dataset.services.map(\.service) == ["cart", "host", "pay"])
    #expect(dataset.services[0].columns.count == 7)
    let server = try await StandInServer { [series = export.series] request in
      PrometheusKeeper(series: series, now: { Timestamp(milliseconds: Export.start) })
        .answer(request)
    }
    let schema = schema(of: dataset)
    let witness = Witness()
    let source = try PullSource(
      schema,
      prometheus: PrometheusInput(
        connection: connection(to: server.url), queries: ["{namespace=\"shop\"}"],
        step: .minutes(1)), loki: nil, observer: witness)
    // Cell by cell as live, and some at once as after an outage; the first ones lack what a counter
    // counts from in the export too.
    var random = SplitMix(state: seed)
    var (cell, seen) = (1, 0)
    while cell <= 120 {
      let count = min(121 - cell, Int.random(in: 1...9, using: &random))
      let range = TimeRange(
        start: Timestamp(milliseconds: export.times[cell - 1]),
        end: Timestamp(milliseconds: export.times[cell + count - 1]))
      let live = try await source.rows(endingIn: range)
      #expect(live.count == count * 3)
      #expect(zip(live, live.dropFirst()).allSatisfy { $0.row.time <= $1.row.time })
      for row in live {
        let service = try #require(schema.services.first { $0.name == row.service })
        let expected = rows(of: row.service, in: dataset, columns: service.columns)[row.row.time]
        #expect(ComparableRow(row.row) == expected, "\(row.service)")
        seen += row.row.metrics.count { !$0.isNaN }
      }
      cell += count
    }
    #expect(seen > 1_000)
    // What is asked for twice for the counters' sake counts once.
    let samples = export.series.reduce(0) { sum, series in
      sum + series.samples.keys.count { $0 > Export.start }
    }
    #expect(witness.counts == [.accepted: samples])
    #expect(witness.newest[.prometheus] == Timestamp(milliseconds: export.times[120]))
  }

  @Test func `log lines and what follows what are those of an export too`() async throws {
    let export = Export(seed: 9)
    let lines = LokiKeeper.lines(from: Export.start, minutes: 120, seed: 4)
    let dataset = try export.dataset(lines: lines)
    let server = try await StandInServer { [series = export.series] request in
      request.path.hasPrefix("/loki")
        ? LokiKeeper(lines: lines).answer(request)
        : PrometheusKeeper(series: series, now: { Timestamp(milliseconds: Export.start) })
          .answer(request)
    }
    let schema = schema(of: dataset)
    #expect(schema.services.contains { $0.readsLogs })
    var loki = LokiInput(connection: try connection(to: server.url), queries: ["{app=~\".+\"}"])
    loki.limit = 50
    let source = try PullSource(
      schema,
      prometheus: PrometheusInput(
        connection: connection(to: server.url), queries: ["{namespace=\"shop\"}"],
        step: .minutes(1)), loki: loki)
    var (logged, followed) = (0, 0)
    for first in stride(from: 8, through: 112, by: 4) {
      let live = try await source.rows(
        endingIn: TimeRange(
          start: Timestamp(milliseconds: export.times[first - 1]),
          end: Timestamp(milliseconds: export.times[first + 3])))
      for row in live {
        let service = try #require(schema.services.first { $0.name == row.service })
        let expected = rows(of: row.service, in: dataset, columns: service.columns)[row.row.time]
        #expect(ComparableRow(row.row) == expected, "\(row.service)")
        logged += row.row.logs?.reduce(0) { $0 + $1.lines } ?? 0
        followed += row.row.transitions?.reduce(0) { $0 + $1.lines } ?? 0
      }
    }
    #expect(logged > 500)
    #expect(followed > 300)
  }

  @Test func `a finer step is laid out as an export with that step`() async throws {
    var random = SplitMix(state: 11)
    let times = (0...160).map { Export.start + Int64($0) * 15_000 }
    let values = times.map { ($0, Double.random(in: 0..<1, using: &random)) }
    let series = [
      KeptSeries(
        labels: ["__name__": "level", "job": "a"], samples: Dictionary(uniqueKeysWithValues: values)
      ),
      KeptSeries(
        labels: ["__name__": "done_total", "job": "a"],
        samples: Dictionary(
          uniqueKeysWithValues: values.enumerated().map { ($1.0, Double($0 * 3)) })
      ),
    ]
    let folder = try TestFolder()
    let dataset = try ingest(
      IngestConfiguration(
        interval: .minutes(1),
        sources: [.prometheus(path: try folder.write("a.json", matrix(series, times)))]))
    let server = try await StandInServer { request in
      PrometheusKeeper(series: series, now: { Timestamp(milliseconds: Export.start) })
        .answer(request)
    }
    let schema = schema(of: dataset)
    let source = try PullSource(
      schema,
      prometheus: PrometheusInput(
        connection: connection(to: server.url), queries: ["{job=\"a\"}"], step: .seconds(15)),
      loki: nil)
    let live = try await source.rows(
      endingIn: TimeRange(
        start: Timestamp(milliseconds: Export.start + 600_000),
        end: Timestamp(milliseconds: Export.start + 1_200_000)))
    #expect(live.count == 10)
    let expected = rows(of: "a", in: dataset, columns: schema.services[0].columns)
    for row in live { #expect(ComparableRow(row.row) == expected[row.row.time]) }
    #expect(live.allSatisfy { $0.row.metrics[0] == 0.2 })
  }
}
