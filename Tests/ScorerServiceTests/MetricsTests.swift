import Scoring
import Models
import Features
import Companions
import Foundation
import Telemetry
import Testing

@Suite("Metrics of a scorer")
struct MetricsTests {
  @Test("Everything that dashboards and alert rules may ask for is there, from zero")
  func promised() async throws {
    let scene = try await ScorerScene()
    try await scene.publish(scene.recalibrated(by: 2), alias: "challenger")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, settings: "shadow: challenger")
    try await scorer.untilReady()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let list = try String(
      contentsOf: root.appendingPathComponent("k8s/tests/metrics.yaml"), encoding: .utf8)
    let promised = list.matches(of: #/^ {4}(autopilotops_scorer_\w+):/#.anchorsMatchLineEndings())
      .map { String($0.1) }
    #expect(promised.count > 20)
    let before = try await scorer.get("/metrics", metrics: true)
    #expect(before.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    for name in promised { #expect(before.text.contains("# TYPE \(name) "), "\(name)") }
    for counter in [
      "requests_total{endpoint=\"rows\",code=\"408\"} 0",
      "requests_total{endpoint=\"write\",code=\"503\"} 0",
      "requests_total{endpoint=\"verdicts\",code=\"429\"} 0",
      "dropped_cells_total{output=\"alerts\"} 0", "dropped_cells_total{output=\"scores\"} 0",
      "samples_total{result=\"accepted\"} 0", "samples_total{result=\"unknown_series\"} 0",
      "reloads_total{result=\"failure\"} 0", "requests_total{endpoint=\"infer\",code=\"429\"} 0",
      "queue_seconds_count{endpoint=\"infer\"} 0", "compute_seconds_count{endpoint=\"pull\"} 0",
      "state_errors_total 0", "alerts_total{state=\"fired\"} 0", "reload_failed 0",
    ] {
      #expect(before.text.contains("autopilotops_scorer_\(counter)\n"), "\(counter)")
    }
    let rows = try scene.rows(of: "cart")
    _ = try await scorer.score(rows[700..<790].map { ("cart", $0) })
    let after = try await scorer.get("/metrics", metrics: true).text
    for series in [
      "score{service=\"cart\"}", "detector_score{service=\"cart\",detector=\"lstm\"}",
      "observed{service=\"cart\"}", "expected_lower{service=\"cart\"}",
      "expected_upper{service=\"cart\"}", "deviation{service=\"cart\"}",
      "model_info{name=\"small\",version=\"1\"", "shadow_agreement_ratio ",
    ] {
      #expect(after.contains("autopilotops_scorer_\(series)"), "\(series)")
    }
    // Row 789 lies in an incident: the processor is 40 above where it should be.
    let observed = try #require(try await scorer.metric("observed", "service=\"cart\""))
    let upper = try #require(try await scorer.metric("expected_upper", "service=\"cart\""))
    #expect(observed == rows[789].metrics[1])
    #expect(observed > upper)
    #expect(try await scorer.metric("score", "service=\"cart\"") ?? 0 > 1)
    #expect(after.contains("process_resident_memory_bytes "))
    #expect(after.contains("process_start_time_seconds "))
  }

  @Test("No counter of requests is there only once there was one")
  func fromZero() async throws {
    let scene = try await ScorerScene()
    let tokens = try scene.folder.write("tokens", "a token of this test")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder,
      settings: """
        auth: {tokens: \(tokens)}
        verdicts: \(scene.folder.path)/verdicts.jsonl
        """, limits: "body: 1MiB", inputs: "{push: true, remote_write: true}")
    try await scorer.untilReady()
    func series() async throws -> [String: Double] {
      let text = try await scorer.get("/metrics", metrics: true).text
      return Dictionary(
        uniqueKeysWithValues: text.split(separator: "\n")
          .filter { $0.hasPrefix("autopilotops_scorer_requests_total{") }
          .compactMap { line in
            line.lastIndex(of: " ").map {
              (String(line[..<$0]), Double(line[line.index(after: $0)...]) ?? .nan)
            }
          })
    }
    let before = try await series()
    let paths = [
      "/v1/rows", "/v2/models/small/infer", "/v2/models/other/infer", "/api/v1/write",
      "/v1/verdicts", "/api/v1/verdicts", "/nothing",
    ]
    for token in [nil, "a token of this test"] {
      for path in paths {
        _ = try await scorer.post(path, "{", token: token)
        _ = try await scorer.post(path, String(repeating: "x", count: 2 << 20), token: token)
        _ = try await scorer.get(path, token: token)
      }
    }
    let after = try await series()
    #expect(after.values.reduce(0, +) > before.values.reduce(0, +) + 30)
    #expect(Set(after.keys).subtracting(before.keys).sorted() == [])
  }

  @Test("Scores that could not be written are counted")
  func droppedScores() async throws {
    let scene = try await ScorerScene()
    let port = try await closedPort()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, settings: "scores: {url: \"http://127.0.0.1:\(port)/api/v1/write\"}")
    try await scorer.untilReady()
    _ = try await scorer.score(try scene.rows(of: "cart").prefix(40).map { ("cart", $0) })
    try await scorer.until("counted", seconds: 60) {
      try await scorer.metric("dropped_cells_total", "output=\"scores\"") ?? 0 > 0
    }
  }

  @Test("Prometheus's own checker finds nothing wrong", .enabled(if: program("promtool") != nil))
  func promtool() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    _ = try await scorer.score(try scene.rows(of: "cart").prefix(50).map { ("cart", $0) })
    let text = try scene.folder.write(
      "metrics", try await scorer.get("/metrics", metrics: true).text)
    let checked = try await run(
      "/bin/sh", ["-c", "promtool check metrics < '\(text)'"])
    #expect(checked.code == 0, "\(checked.output)\(checked.errors)")
  }
}
