import Companions
import Features
import Foundation
import LogTemplates
import Models
import Scoring
import Storage
import Telemetry
import Testing

@Suite("What an alert says of a service")
struct ExplanationTests {
  /// Sends rows 700 to 789 of a service, the last ten of them unwell, and returns the annotations of
  /// its alert at its worst so far.
  private func annotations(
    changing change: (inout TelemetryRow) -> Void = { _ in }
  ) async throws -> (scene: ScorerScene, texts: [String: String]) {
    let scene = try await ScorerScene()
    let alertmanager = try await StandInServer { _ in StandInAnswer() }
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder,
      settings: """
        alertmanager: {urls: ["\(alertmanager.url)"], hold: 25m, keep_firing: 0s}
        """)
    try await scorer.untilReady()
    var rows = try scene.rows(of: "cart")
    for cell in 700..<790 { change(&rows[cell]) }
    _ = try await scorer.score(rows[700..<790].map { ("cart", $0) })
    var texts: [String: String] = [:]
    try await scorer.until("told", seconds: 60) {
      for request in alertmanager.seen {
        let document = JSONDocument(
          try JSONValue(parsing: request.body, source: "alerts"), source: "alerts")
        for alert in try document.elements {
          texts = Dictionary(
            uniqueKeysWithValues: try alert["annotations"].members.map {
              ($0.key, try $0.value.string)
            })
        }
      }
      return !texts.isEmpty
    }
    return (scene, texts)
  }

  @Test("Odd log lines are named by their template, with counts and a line as it is masked")
  func templates() async throws {
    let (scene, texts) = try await annotations()
    let logs = try #require(scene.model.scoring.features.service(named: "cart")?.logs)
    let full = try #require(logs.dictionary.templates.first { $0.text.contains("queue") })
    let lines = try #require(texts["log_templates"])
    #expect(lines.hasPrefix("[error] \(full.text) (template \(full.id)): "), "\(lines)")
    #expect(lines.contains("usually 0"), "\(lines)")
    // What is as ever is not told.
    #expect(!lines.contains("GET /orders"), "\(lines)")
    #expect(texts["top_features"]?.isEmpty == false)
    // Inputs of logs are known, since the lines are kept.
    #expect(texts["top_features"]?.contains("missing") == false, "\(texts)")
    #expect(texts["description"]?.contains(texts["explanation"] ?? "no explanation") == true)
  }

  @Test("Lines that training never had come first, cleaned and cut, and silence is told too")
  func foreign() async throws {
    let (_, texts) = try await annotations { row in
      let hostile =
        "panic \u{1B}[2J\u{7}\u{202E}of <num>\r\n" + String(repeating: "x", count: 3_000)
      row.logs = (row.logs ?? []).filter { !$0.pattern.text.contains("GET") }
      row.logs?.append((LogPattern(text: hostile, level: .error), 7))
    }
    let lines = try #require(texts["log_templates"])
    #expect(lines.hasPrefix("[error] of no known template: "), "\(lines)")
    #expect(lines.contains("panic"))
    #expect(lines.contains("GET /orders took <num> ms"), "\(lines)")
    #expect(lines.contains(": none, usually "), "\(lines)")
    for (name, text) in texts {
      #expect(
        !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "\(name)")
      #expect(text.count <= 2_000, "\(name)")
    }
    #expect(lines.count < 1_000)
  }
}
