import Companions
import Exporters
import Features
import Foundation
import Ingest
import LiveTelemetry
import Storage
import Synchronization
import Telemetry
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A real Prometheus that scrapes a real node exporter every second and sends on what it has.
private final class LivePrometheus {
  static let missing = ["prometheus", "prometheus-node-exporter"].filter { program($0) == nil }

  let url: String
  private let folder: TestFolder
  private let companions: [Companion]

  init(remoteWrite: String) async throws {
    folder = try TestFolder()
    let (node, port) = (try await closedPort(), try await closedPort())
    url = "http://127.0.0.1:\(port)"
    let configuration = try folder.write(
      "prometheus.yml",
      """
      global: {scrape_interval: 1s}
      scrape_configs:
        - job_name: node
          static_configs: [{targets: ["127.0.0.1:\(node)"]}]
      remote_write:
        - url: "\(remoteWrite)"
          queue_config: {batch_send_deadline: 500ms, min_shards: 2}

      """)
    companions = [
      try Companion(
        try #require(program("prometheus-node-exporter")),
        [
          "--web.listen-address=127.0.0.1:\(node)", "--collector.disable-defaults",
          "--collector.cpu", "--collector.meminfo", "--collector.loadavg", "--collector.stat",
        ]),
      try Companion(
        try #require(program("prometheus")),
        [
          "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.path)/data",
          "--web.listen-address=127.0.0.1:\(port)", "--web.enable-remote-write-receiver",
        ], log: "\(folder.path)/log"),
    ]
    for _ in 0..<600 {
      if try await scrapes() >= 3 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record(
      "no scrape within a minute: \(try String(contentsOfFile: "\(folder.path)/log", encoding: .utf8).suffix(2000))"
    )
  }

  private func scrapes() async throws -> Int {
    Int(try await value(of: "count_over_time(up{job=\"node\"}[5m])") ?? "") ?? 0
  }

  /// The value of an instant query's first series, by another client than the one under test.
  func value(of query: String) async throws -> String? {
    var address = try #require(URLComponents(string: "\(url)/api/v1/query"))
    address.queryItems = [URLQueryItem(name: "query", value: query)]
    guard
      let (data, _) = try? await URLSession.shared.data(from: try #require(address.url)),
      let value = try? JSONValue(parsing: Array(data), source: "answer")
    else { return nil }
    let document = JSONDocument(value, source: "answer")
    return try document["data"]["result"].elements.first?["value"].elements.last?.string
  }

  /// What ingest makes of an export of some cells.
  func dataset(from start: Timestamp, to end: Timestamp) async throws -> Dataset {
    let out = try TestFolder()
    let result = try await run(
      tool,
      [
        "export", "prometheus", "--url", url, "--match", "{job=\"node\"}", "--start",
        start.description, "--end", end.description, "--step", "5s", "--out",
        "\(out.path)/export",
      ])
    try #require(result.code == 0, "\(result.errors)")
    return try ingest(
      IngestConfiguration(
        interval: .seconds(5), sources: [.prometheus(path: "\(out.path)/export/chunks")],
        serviceLabels: ["service", "app", "job", "pod"]))
  }
}

private func now() -> Timestamp { LiveClock.system.wall() }

/// The last multiple of five seconds that is over for a moment.
private func lastCell(_ time: Timestamp) -> Timestamp {
  Timestamp(milliseconds: (time.milliseconds - 3_000) / 5_000 * 5_000)
}

@Suite(
  .serialized,
  .enabled(
    if: LivePrometheus.missing.isEmpty,
    "needs \(LivePrometheus.missing.joined(separator: ", ")); scripts/setup-components.sh"))
struct LiveParityTests {
  @Test(.timeLimit(.minutes(20)))
  func `pulled, sent and exported, the cells of a real Prometheus are the same bit for bit`()
    async throws
  {
    let receiver = Mutex<RemoteWriteReceiver?>(nil)
    let refusals = Mutex<[String]>([])
    let endpoint = try await StandInServer { request in
      guard let receiver = receiver.withLock({ $0 }) else { return StandInAnswer(status: 204) }
      let answer = receiver.receive(
        request.body, contentType: request.headers["content-type"],
        contentEncoding: request.headers["content-encoding"])
      if answer.status != 204 { refusals.withLock { $0.append(answer.message) } }
      return .text(answer.message, status: answer.status)
    }
    let prometheus = try await LivePrometheus(remoteWrite: "\(endpoint.url)/write")
    try await Task.sleep(for: .seconds(12))
    // The model is trained on an export.
    let trained = lastCell(now())
    let dataset = try await prometheus.dataset(from: trained - .seconds(10), to: trained)
    let schema = schema(of: dataset)
    #expect(schema.services.map(\.name) == ["node"])
    #expect(schema.services[0].columns.count > 60)

    let witness = Witness()
    var settings = RemoteWriteReceiver.Settings(step: .seconds(5))
    settings.delay = .seconds(3)
    let live = try RemoteWriteReceiver(schema, settings: settings, observer: witness)
    receiver.withLock { $0 = live }
    var sent: [LiveRow] = []
    while sent.count < 8 {
      try await Task.sleep(for: .milliseconds(200))
      sent += try live.takeRows()
    }
    // The first cells lack what counters count from.
    sent.removeFirst(2)
    let (first, last) = (sent[0].row.time, sent[sent.count - 1].row.time)
    let pulledWitness = Witness()
    let source = try PullSource(
      schema,
      prometheus: PrometheusInput(
        connection: connection(to: prometheus.url), queries: ["{job=\"node\"}"], step: .seconds(5)),
      loki: nil, observer: pulledWitness)
    let pulled = try await source.rows(
      endingIn: TimeRange(start: first - .seconds(5), end: last))
    let exported = rows(
      of: "node",
      in: try await prometheus.dataset(from: first - .seconds(30), to: last),
      columns: schema.services[0].columns)
    #expect(pulled.map(\.row.time) == sent.map(\.row.time))
    for (a, b) in zip(pulled, sent) {
      #expect(ComparableRow(a.row) == exported[a.row.time])
      #expect(ComparableRow(b.row) == exported[a.row.time])
      #expect(a.row.metrics.count { !$0.isNaN } > 60)
    }
    #expect(refusals.withLock { $0 } == [])
    #expect(witness.counts[.malformed] == nil && witness.counts[.dropped] == nil)
    #expect(witness.counts[.accepted] ?? 0 > 500)
    #expect(pulledWitness.failures.isEmpty)

    // And back: scores that are sent can be asked for.
    let time = now()
    var target = try connection(to: prometheus.url)
    target.address = try ServerAddress("\(prometheus.url)/api/v1/write")
    try await RemoteWriteSender(target).send([
      SentSample(
        labels: ["__name__": "autopilotops_score", "service": "node"], time: time, value: 1.25)
    ])
    #expect(try await prometheus.value(of: "autopilotops_score{service=\"node\"}") == "1.25")
  }
}
