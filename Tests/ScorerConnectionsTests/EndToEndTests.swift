import Companions
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing
import Verdicts

private let missing = [
  "prometheus", "promtool", "prometheus-node-exporter", "prometheus-alertmanager",
]
.filter { program($0) == nil }

@Suite(
  .serialized,
  .enabled(
    if: missing.isEmpty, "needs \(missing.joined(separator: ", ")); scripts/setup-components.sh"))
struct EndToEndTests {
  @Test(.timeLimit(.minutes(20)))
  func `a fault becomes an alert and passes, and a new version takes over under load`() async throws
  {
    let folder = try TestFolder()
    let shop = try await Shop()
    let registry = try await ModelRegistry(in: folder)

    // Three hours of history in Prometheus, with two incidents that are known.
    let now = Int64(Date().timeIntervalSince1970) / 5 * 5
    let (start, end) = (now - 3 * 3_600, now - 30)
    let unwell = [end - 1_500..<end - 1_400, end - 700..<end - 600]
    let dump = try folder.write(
      "history.om", shop.history(from: start, to: end, step: 5, unwell: unwell))
    let blocks = try await run(
      try #require(program("promtool")),
      ["tsdb", "create-blocks-from", "openmetrics", dump, "\(folder.path)/data"])
    try #require(blocks.code == 0, "\(blocks.errors)")
    let (node, port) = (try await closedPort(), try await closedPort())
    let configuration = try folder.write(
      "prometheus.yml",
      """
      global: {scrape_interval: 1s}
      scrape_configs:
        - {job_name: cart, static_configs: [{targets: ["127.0.0.1:\(shop.port)"]}]}
        - {job_name: node, static_configs: [{targets: ["127.0.0.1:\(node)"]}]}

      """)
    let exporter = try Companion(
      try #require(program("prometheus-node-exporter")),
      ["--web.listen-address=127.0.0.1:\(node)"])
    let prometheus = try Companion(
      try #require(program("prometheus")),
      [
        "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.path)/data",
        "--storage.tsdb.retention.time=3650d", "--web.listen-address=127.0.0.1:\(port)",
        "--web.enable-remote-write-receiver",
        // History that was put in ends without a mark, so its last samples would be repeated.
        "--query.lookback-delta=4s",
      ], log: "\(folder.path)/prometheus.log")
    let url = "http://127.0.0.1:\(port)"
    #expect(try await wait(seconds: 60) { await ask("\(url)/-/ready")?.status == 200 })

    // Train on an export, and publish.
    let exported = try await run(
      tool,
      [
        "export", "prometheus", "--url", url, "--match",
        "{job=\"cart\",__name__!~\"up|scrape_.*\"}",
        "--start", Timestamp(seconds: start).description, "--end",
        Timestamp(seconds: end).description, "--step", "5s", "--out", "\(folder.path)/export",
      ])
    try #require(exported.code == 0, "\(exported.errors)")
    try train(seed: 3, into: registry, folder, unwell: unwell)
    let trained = try await publish(registry, folder)
    try #require(trained.code == 0, "\(trained.output)\(trained.errors)")

    // The time in which nothing was scraped is to be out of the windows.
    let scrapes = "\(url)/api/v1/query?query=count_over_time(up%7Bjob%3D%22cart%22%7D%5B2m%5D)"
    #expect(
      try await wait(seconds: 120) {
        let reply = try await ask(scrapes)?.json()
        let value = try reply?["data"]["result"].elements.first?["value"].elements.last?.string
        return Int(value ?? "") ?? 0 >= 75
      })

    // Alertmanager with a webhook, and the scorer between the two.
    let hook = try await StandInServer { _ in StandInAnswer() }
    let alertmanager = try await alertmanager(hook, folder)
    let (main, metrics) = (try await closedPort(), try await closedPort())
    let scorer = try await scorer(registry, folder, main, metrics, url, alertmanager.url)
    let base = "http://127.0.0.1:\(main)"
    #expect(
      try await wait(seconds: 60) { await ask("\(base)/v2/health/ready")?.status == 200 },
      "\(log(folder))")
    // Windows are full at once, from history.
    #expect(
      try await wait(seconds: 60) {
        let text = await ask("http://127.0.0.1:\(metrics)/metrics")?.text ?? ""
        return text.contains("autopilotops_scorer_warming_services 0\n")
          && text.contains("autopilotops_scorer_services 1\n")
      }, "\(log(folder))")
    try await Task.sleep(for: .seconds(20))
    #expect(hook.seen.isEmpty, "an alert while all is well")

    // A fault.
    shop.set(unwell: true)
    #expect(try await wait(seconds: 120) { try told(hook, "firing") != nil }, "\(log(folder))")
    let alert = try #require(try told(hook, "firing"))
    #expect(
      try alert["labels"].value == [
        "alertname": "AutoPilotIncident", "model": "shop", "service": "cart", "severity": "page",
      ])
    let annotations = try alert["annotations"]
    #expect(try annotations["model_version"].string == "1")
    let explanation = try annotations["explanation"].string
    #expect(
      explanation.contains("queue_length") || explanation.contains("latency_seconds"),
      "\(explanation)")
    #expect(try annotations["dashboard_url"].string == "https://grafana.example.org/?service=cart")

    // What it was, through the link.
    let link = try annotations["verdict_url"].string
    #expect(await ask(link)?.status == 200)
    let form = "\(link.drop { $0 != "?" }.dropFirst())&verdict=incident&by=test"
    let thanks = await ask(
      "\(base)/api/v1/verdicts", post: form, type: "application/x-www-form-urlencoded")
    #expect(thanks?.status == 200, "\(thanks?.text ?? "")")
    #expect(
      try VerdictFile(reading: "\(folder.path)/verdicts.jsonl").verdicts.map(\.service) == ["cart"])

    // All is well again.
    shop.set(unwell: false)
    #expect(
      try await wait(seconds: 180) { try told(hook, "resolved") != nil }, "\(log(folder))")

    // A new version under load.
    let load = Load(base: base)
    let running = Task { await load.run() }
    // Nothing is sent while threads are few and training holds them.
    #expect(try await wait(seconds: 120) { load.seen.versions == ["1"] && load.seen.count > 50 })
    try train(seed: 4, into: registry, folder, unwell: unwell)
    let second = try await publish(registry, folder)
    try #require(second.code == 0, "\(second.output)\(second.errors)")
    #expect(
      try await wait(seconds: 60) {
        try await ask("\(base)/v2/models/shop")?.json()["versions"].elements[0].string == "2"
      }, "\(log(folder))")
    let before = load.seen.count
    #expect(
      try await wait(seconds: 120) {
        load.seen.versions == ["1", "2"] && load.seen.count > before + 50
      })
    load.stop()
    await running.value
    let seen = load.seen
    #expect(seen.wrong.isEmpty, "\(seen.wrong.prefix(3))")
    #expect(seen.count > 100)
    #expect(seen.versions == ["1", "2"])
    let text = try #require(await ask("http://127.0.0.1:\(metrics)/metrics")).text
    #expect(text.contains("autopilotops_scorer_alerts_total{state=\"fired\"} 1\n"))
    #expect(text.contains("autopilotops_scorer_reload_failed 0\n"))
    // Its scores are in Prometheus.
    #expect(
      try await wait(seconds: 30) {
        await ask("\(url)/api/v1/query?query=autopilotops_score")?.text.contains("cart") == true
      })
    withExtendedLifetime((exporter, prometheus, alertmanager, scorer)) {}
  }

  /// Writes what trains a model.
  private func train(
    seed: Int, into registry: ModelRegistry, _ folder: TestFolder, unwell: [Range<Int64>]
  ) throws {
    var incidents = "id,service,kind,start,detected,resolved\n"
    for (index, range) in unwell.enumerated() {
      let (start, end) = (
        Timestamp(seconds: range.lowerBound - 5), Timestamp(seconds: range.upperBound + 5)
      )
      incidents += "I\(index),cart,overload,\(start),,\(end)\n"
    }
    _ = try folder.write("incidents.csv", incidents)
    _ = try folder.write(
      "run.yaml",
      """
      name: shop
      seed: \(seed)
      reader:
        interval: 5s
        sources: [{type: prometheus, path: export/chunks}]
        incidents: [{path: incidents.csv}]
      features: {windows: [30s, 60s]}
      models:
        isolation_forest: {trees: 50, subsample: 128}
        lstm: {enabled: false}
        false_alarm_rate: 0.001
      evaluation: {split: {fractions: {train: 0.5, calibration: 0.3}}}
      registry: {path: "\(registry.location)"}

      """)
  }

  private func publish(
    _ registry: ModelRegistry, _ folder: TestFolder
  ) async throws -> (code: Int32, output: String, errors: String) {
    try await run(
      tool, ["run", "\(folder.path)/run.yaml", "--out", "\(folder.path)/out", "-q"],
      environment: registry.environment)
  }

  private func alertmanager(
    _ hook: StandInServer, _ folder: TestFolder
  ) async throws -> (url: String, companion: Companion) {
    let port = try await closedPort()
    let configuration = try folder.write(
      "alertmanager.yml",
      """
      route: {receiver: hook, group_by: [service], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
      receivers:
        - {name: hook, webhook_configs: [{url: "\(hook.url)", send_resolved: true}]}

      """)
    let companion = try Companion(
      try #require(program("prometheus-alertmanager")),
      [
        "--config.file=\(configuration)", "--storage.path=\(folder.path)/alertmanager",
        "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
      ])
    let url = "http://127.0.0.1:\(port)"
    #expect(try await wait(seconds: 30) { await ask("\(url)/-/ready")?.status == 200 })
    return (url, companion)
  }

  private func scorer(
    _ registry: ModelRegistry, _ folder: TestFolder, _ main: Int, _ metrics: Int, _ url: String,
    _ alertmanager: String
  ) async throws -> Companion {
    let path = try folder.write(
      "scorer.yaml",
      """
      model: "\(registry.location)/shop@champion"
      poll: 1s
      state: state
      listen: {address: 127.0.0.1, port: \(main)}
      metrics: {address: 127.0.0.1, port: \(metrics)}
      inputs:
        prometheus: {url: "\(url)", match: '{job="cart",__name__!~"up|scrape_.*"}', delay: 2s}
        push: true
      alertmanager:
        urls: ["\(alertmanager)"]
        hold: 10s
        keep_firing: 10s
        labels: {severity: page}
        dashboard: https://grafana.example.org/?service={service}
        scorer_url: http://127.0.0.1:\(main)
      scores: {url: "\(url)/api/v1/write"}
      verdicts: verdicts.jsonl

      """)
    let program = (tool as NSString).deletingLastPathComponent + "/autopilot-scorer"
    let check = try await run(
      program, ["--config", path, "--check"], environment: registry.environment)
    try #require(check.code == 0, "\(check.errors)")
    return try Companion(
      program, ["--config", path], log: "\(folder.path)/scorer.log",
      environment: registry.environment)
  }

  private func log(_ folder: TestFolder) -> String {
    let text = try? String(contentsOfFile: "\(folder.path)/scorer.log", encoding: .utf8)
    return String((text ?? "no log").suffix(3_000))
  }

  /// The first alert of a status that the webhook was told.
  private func told(_ hook: StandInServer, _ status: String) throws -> JSONDocument? {
    for request in hook.seen {
      let document = JSONDocument(
        try JSONValue(parsing: request.body, source: "webhook"), source: "webhook")
      for alert in try document["alerts"].elements where try alert["status"].string == status {
        return alert
      }
    }
    return nil
  }
}

/// Clients that send rows and ask for the model, and look at every answer.
private final class Load: Sendable {
  private let base: String
  private let isOver = Mutex(false)
  private let result = Mutex<(count: Int, wrong: [String], versions: Set<String>)>((0, [], []))

  init(base: String) { self.base = base }

  var seen: (count: Int, wrong: [String], versions: Set<String>) { result.withLock { $0 } }

  /// Lets requests under way finish: Foundation on Linux may crash when they are cancelled.
  func stop() { isOver.withLock { $0 = true } }

  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          while !self.isOver.withLock({ $0 }) {
            await self.sendRow()
            await self.askModel()
          }
        }
      }
    }
  }

  private func sendRow() async {
    // Long over: it changes no state, and is answered as such.
    let body = """
      {"rows": [{"service": "cart", "time": "2026-01-01T00:00:00Z", "metrics": {"queue_length": 1}}]}
      """
    let reply = await ask("\(base)/v1/rows", post: body)
    note(reply?.status == 200 && reply?.text.contains("stale") == true, reply)
  }

  private func askModel() async {
    let reply = await ask("\(base)/v2/models/shop")
    let version = try? reply?.json()["versions"].elements.first?.string
    note(reply?.status == 200 && (version == "1" || version == "2"), reply)
    if let version { result.withLock { _ = $0.versions.insert(version) } }
  }

  private func note(_ isRight: Bool, _ reply: Reply?) {
    result.withLock {
      $0.count += 1
      if !isRight { $0.wrong.append("\(reply?.status ?? 0) \(reply?.text ?? "no answer")") }
    }
  }
}
