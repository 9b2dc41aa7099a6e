import Alerting
import Companions
import Exporters
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing

/// A real Alertmanager that tells a webhook at once.
private final class LiveAlertmanager {
  static let missing = ["prometheus-alertmanager"].filter { program($0) == nil }

  let url: String
  private let port: Int
  private let folder: TestFolder
  private let configuration: String
  private var companion: Companion?

  init(webhook: String) async throws {
    folder = try TestFolder()
    port = try await closedPort()
    url = "http://127.0.0.1:\(port)"
    configuration = try folder.write(
      "alertmanager.yml",
      """
      route:
        receiver: hook
        group_by: [alertname, model, service]
        group_wait: 0s
        group_interval: 1s
        repeat_interval: 1h
      receivers:
        - name: hook
          webhook_configs: [{url: "\(webhook)", send_resolved: true}]

      """)
  }

  func start() async throws {
    companion = try Companion(
      try #require(program("prometheus-alertmanager")),
      [
        "--config.file=\(configuration)", "--storage.path=\(folder.path)/data",
        "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
      ], log: "\(folder.path)/log")
    for _ in 0..<300 {
      if let ready = URL(string: "\(url)/-/ready"), (try? Data(contentsOf: ready)) != nil { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("not ready: \(try String(contentsOfFile: "\(folder.path)/log", encoding: .utf8))")
  }

  func stop() { companion = nil }
}

/// What a webhook was told.
private struct Message {
  var status: String
  var service: String
  var document: JSONDocument
}

private func messages(_ server: StandInServer) throws -> [Message] {
  try server.seen.flatMap { request in
    let document = JSONDocument(
      try JSONValue(parsing: request.body, source: "webhook"), source: "webhook")
    return try document["alerts"].elements.map {
      Message(
        status: try $0["status"].string, service: try $0["labels"]["service"].string, document: $0)
    }
  }
}

private func wait(
  seconds: Int = 20, until isTrue: () async throws -> Bool
) async throws -> Bool {
  for _ in 0..<seconds * 10 {
    if try await isTrue() { return true }
    try await Task.sleep(for: .milliseconds(100))
  }
  return false
}

@Suite(
  .serialized,
  .enabled(
    if: LiveAlertmanager.missing.isEmpty,
    "needs \(LiveAlertmanager.missing.joined(separator: ", ")); scripts/setup-components.sh"))
struct LiveAlertmanagerTests {
  @Test func `an alert reaches a webhook with its labels and explanation, and so does its end`()
    async throws
  {
    let hook = try await StandInServer { _ in StandInAnswer() }
    let alertmanager = try await LiveAlertmanager(webhook: hook.url)
    try await alertmanager.start()
    let witness = Witness()
    let desk = try desk(alertmanager, state: nil, witness)
    let running = Task { try await desk.run() }
    defer { running.cancel() }

    let start = AlertClock.system.now()
    await desk.take([high("cart", at: start)], now: start)
    #expect(try await wait { try !messages(hook).isEmpty }, "\(witness.messages)")
    let fired = try #require(try messages(hook).first)
    #expect(fired.status == "firing" && fired.service == "cart")
    #expect(
      try fired.document["labels"].value == [
        "alertname": "AutoPilotIncident", "model": "shop", "service": "cart", "severity": "page",
      ])
    #expect(try fired.document["annotations"]["explanation"].string == leak.explanation)
    #expect(try fired.document["annotations"]["model_digest"].string == leak.digest)
    #expect(try fired.document["endsAt"].string == "0001-01-01T00:00:00Z")

    let end = start + .seconds(2)
    await desk.take([ScoredCell(service: "cart", time: end, score: 0.1)], now: end)
    #expect(try await wait { try messages(hook).contains { $0.status == "resolved" } })
    let resolved = try #require(try messages(hook).first { $0.status == "resolved" })
    #expect(
      try resolved.document["fingerprint"].string == fired.document["fingerprint"].string)
    #expect(try await wait { await desk.queued == 0 && witness.firing == 0 })
    #expect(witness.counts == [.fired: 1, .resolved: 1])
  }

  @Test func `alerts that fire while Alertmanager is down arrive when it is back`() async throws {
    let hook = try await StandInServer { _ in StandInAnswer() }
    let alertmanager = try await LiveAlertmanager(webhook: hook.url)
    let folder = try TestFolder()
    let state = "\(folder.path)/alerts.json"
    let witness = Witness()
    let first = try desk(alertmanager, state: state, witness)
    let start = AlertClock.system.now()
    let running = Task { try await first.run() }
    await first.take([high("cart", at: start), high("pay", at: start)], now: start)
    // Over before anybody has heard of it.
    await first.take(
      [ScoredCell(service: "pay", time: start + .seconds(1), score: 0)], now: start + .seconds(1))
    #expect(try await wait { !witness.messages.isEmpty })
    #expect(witness.queued == 2)
    // Another process goes on with the file alone.
    running.cancel()
    _ = await running.result
    let second = try desk(alertmanager, state: state, witness)
    let again = Task { try await second.run() }
    defer { again.cancel() }
    try await alertmanager.start()
    #expect(
      try await wait { Set(try messages(hook).map(\.service)).isSuperset(of: ["cart", "pay"]) })
    #expect(
      try await wait {
        try messages(hook).contains { $0.service == "pay" && $0.status == "resolved" }
      })
    #expect(try messages(hook).first { $0.service == "pay" }?.status == "firing")
    #expect(try !messages(hook).contains { $0.service == "cart" && $0.status == "resolved" })
    #expect(try await wait { witness.queued == 0 })
    // Away and back once more: it is told again, and the webhook hears nothing twice of the end.
    alertmanager.stop()
    let end = AlertClock.system.now()
    await second.take([ScoredCell(service: "cart", time: end, score: 0)], now: end)
    try await alertmanager.start()
    #expect(
      try await wait {
        try messages(hook).contains { $0.service == "cart" && $0.status == "resolved" }
      })
  }

  private func high(_ service: String, at time: Timestamp) -> ScoredCell {
    ScoredCell(service: service, time: time, score: 2.5, details: leak)
  }

  private func desk(
    _ alertmanager: LiveAlertmanager, state: String?, _ witness: Witness
  ) throws -> AlertDesk {
    var settings = AlertDesk.Settings(
      policy: AlertPolicy(hold: .zero, keepFiring: .zero),
      text: AlertText(model: "shop", labels: ["severity": "page"]),
      targets: [try connection(to: alertmanager.url)])
    settings.resend = .seconds(2)
    settings.settle = .seconds(2)
    settings.statePath = state
    return try AlertDesk(
      settings, interval: .seconds(1), now: AlertClock.system.now(), observer: witness)
  }
}
