import Companions
import Features
import Foundation
import Models
import Scoring
import Telemetry
import Testing

@Suite("Memory of a scorer over time", .timeLimit(.minutes(20)))
struct SoakTests {
  /// Rounds of 900 cells of both services, each with an hour and a half in which they are unwell.
  private static let (warming, rounds) = (6, 30)
  /// Less than half a KB for each row after the warming: what keeps anything of a row keeps more.
  private static let allowance = 20.0 * 1024 * 1024

  @Test("It does not grow while rows are scored, alerts come and go and models change")
  func growth() async throws {
    let scene = try await ScorerScene()
    let other = scene.recalibrated(by: 1.01)
    let alertmanager = try await StandInServer { _ in StandInAnswer() }
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder,
      settings: """
        alertmanager: {urls: ["\(alertmanager.url)"], hold: 10m, keep_firing: 10m}
        """, limits: "ahead: 36500d")
    try await scorer.untilReady()
    let services = try ScorerScene.services.map { ($0, try scene.rows(of: $0)) }
    // From today on, by whole days: an alert of long ago would be told to nobody.
    let day = TimeSpan.days(1)
    let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    let begin = services[0].1[0].time
    let ahead = day * (Int((now - begin).milliseconds / day.milliseconds) + 1)
    let length = day * (900 / 288 + 1)
    var (number, version, before) = (0, 1, 0.0)
    for round in 0..<Self.rounds {
      let shift = ahead + length * round
      for first in stride(from: 0, to: 900, by: 100) {
        let rows = (first..<first + 100).flatMap { cell in
          services.indices.map { index -> (service: String, row: TelemetryRow) in
            var row = services[index].1[cell]
            row.time = row.time + shift
            // Lines that no mask fits are as many as there are rows.
            number += 1
            row.logs?.append((LogPattern(text: "job x\(number)y failed", level: .info), 1))
            return (services[index].0, row)
          }
        }
        let answers = try await scorer.score(rows).rows
        #expect(answers.allSatisfy { $0.result == "accepted" })
      }
      if round % 3 == 2 {
        version += 1
        try await scene.publish(version % 2 == 0 ? other : scene.model)
        try await scorer.until("changed", seconds: 60) {
          try await scorer.metric("reloads_total", "result=\"success\"") == Double(version)
        }
      }
      if round == Self.warming - 1 { before = try await memory(of: scorer) }
    }
    let after = try await memory(of: scorer)
    #expect(
      after - before < Self.allowance,
      "\(Int(before / 1024)) KiB after \(Self.warming) rounds, \(Int(after / 1024)) after \(Self.rounds)"
    )
    // It was what it says.
    try await scorer.until("told", seconds: 60) {
      try await scorer.metric("alerts_total", "state=\"resolved\"") ?? 0 >= Double(Self.rounds)
    }
    #expect(!alertmanager.seen.isEmpty)
    #expect(try await scorer.metric("state_errors_total") == 0)
  }

  private func memory(of scorer: RunningScorer) async throws -> Double {
    let text = try await scorer.get("/metrics", metrics: true).text
    let name = "process_resident_memory_bytes "
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name) })
    return try #require(Double(line.dropFirst(name.count)))
  }
}
