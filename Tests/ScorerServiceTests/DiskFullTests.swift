import Companions
import Features
import Foundation
import Models
import Scoring
import Storage
import Telemetry
import Testing

@Suite("A scorer whose disk is full")
struct DiskFullTests {
  /// Scores of a service as they should be.
  private final class Offline {
    private var scorers: [String: ServiceScorer] = [:]

    init(_ scene: ScorerScene) {
      for name in ScorerScene.services { scorers[name] = scene.model.scoring.scorer(for: name) }
    }

    func push(_ row: TelemetryRow, of service: String) -> [Float] {
      scorers[service]?.push(row) ?? []
    }
  }

  /// Sends cells of both services and compares every score.
  private func send(
    _ cells: Range<Int>, of scene: ScorerScene, to scorer: RunningScorer, _ offline: Offline,
    token: String? = nil
  ) async throws {
    let rows = try ScorerScene.services.map { ($0, try scene.rows(of: $0)) }
    for first in stride(from: cells.lowerBound, to: cells.upperBound, by: 20) {
      let sent = (first..<min(first + 20, cells.upperBound)).flatMap { cell in
        rows.map { (service: $0.0, row: $0.1[cell]) }
      }
      let answers = try await scorer.score(sent, token: token).rows
      for ((name, row), answer) in zip(sent, answers) {
        let expected = offline.push(row, of: name)
        #expect(answer.result == "accepted")
        #expect(
          areEqual(answer.scores, expected),
          "\(name) at \(row.time): \(answer.scores), not \(expected)")
      }
    }
  }

  private func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  @Test(
    "It scores, alerts and says so, and when there is room again all is kept, bit for bit",
    .enabled(if: TinyDisk.obstacle == nil, "\(TinyDisk.obstacle ?? "")"),
    .timeLimit(.minutes(20)))
  func everything() async throws {
    let scene = try await ScorerScene()
    let disk = try await TinyDisk(in: scene.folder)
    let alertmanager = try await StandInServer { _ in StandInAnswer() }
    let token = "a token of this test"
    let tokens = try scene.folder.write("tokens", token)
    let offline = Offline(scene)
    func start() async throws -> RunningScorer {
      let scorer = try await RunningScorer(
        model: "\(scene.registry)/small@champion", state: "\(disk.path)/state", in: scene.folder,
        settings: """
          auth: {tokens: \(tokens)}
          verdicts: \(disk.path)/verdicts.jsonl
          alertmanager: {urls: ["\(alertmanager.url)"], hold: 0s, keep_firing: 1h}
          """, launcher: disk.launcher)
      try await scorer.untilReady()
      return scorer
    }
    let scorer = try await start()
    try await send(0..<300, of: scene, to: scorer, offline, token: token)
    #expect(try await scorer.metric("state_errors_total") == 0)

    try disk.fill()
    let heard = alertmanager.seen.count
    // From row 780 on both services are unwell.
    try await send(300..<790, of: scene, to: scorer, offline, token: token)
    #expect(try await scorer.metric("state_errors_total") ?? 0 > 0)
    #expect(text(scorer.log).contains("No space left on device"))
    try await scorer.until("told", seconds: 60) {
      let bodies = alertmanager.seen.dropFirst(heard).map {
        String(decoding: $0.body, as: UTF8.self)
      }
      return try await scorer.metric("alerts_firing") == 2
        && ScorerScene.services.allSatisfy { name in bodies.contains { $0.contains(name) } }
    }
    let known = text(disk.outside("state/alerts.json"))
    #expect(try await scorer.get("/v2/health/ready").status == 200)
    let verdict = """
      {"service": "cart", "start": "2026-05-01T00:00:00Z", "end": "2026-05-01T01:00:00Z",
       "verdict": "incident"}
      """
    #expect(try await scorer.post("/v1/verdicts", verdict, token: token).status == 503)
    #expect(text(disk.outside("verdicts.jsonl")).isEmpty)
    // It tries again and again, and nothing of that is left.
    let errors = try await scorer.metric("state_errors_total") ?? 0
    try await scorer.until("tried again", seconds: 60) {
      try await scorer.metric("state_errors_total") ?? 0 > errors + 3
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: disk.outside("state"))
        .count { $0.hasSuffix(".journal") } <= 2)

    try disk.empty()
    // Nobody sends anything; it is written all the same.
    func isWritten() throws -> Bool {
      let journals = try FileManager.default.contentsOfDirectory(atPath: disk.outside("state"))
        .filter { $0.hasSuffix(".journal") }
      // A journal goes once every part is younger.
      let alerts = text(disk.outside("state/alerts.json"))
      return journals.count == 1 && journals != ["rows-1.journal"] && alerts != known
        && ScorerScene.services.allSatisfy { alerts.contains($0) }
    }
    try await scorer.until("written", seconds: 60) { try isWritten() }
    let after = try await scorer.metric("state_errors_total")
    #expect(try await scorer.post("/v1/verdicts", verdict, token: token).status == 200)
    #expect(text(disk.outside("verdicts.jsonl")).split(separator: "\n").count == 1)
    try await send(790..<795, of: scene, to: scorer, offline, token: token)
    #expect(try await scorer.metric("state_errors_total") == after)
    kill(scorer.companion.process.processIdentifier, SIGKILL)
    _ = try await scorer.companion.finish()

    let next = try await start()
    #expect(try await next.metric("state_errors_total") == 0)
    try await send(795..<800, of: scene, to: next, offline, token: token)
    // They fire since before the end, and are not begun again.
    try await next.until("firing", seconds: 60) { try await next.metric("alerts_firing") == 2 }
    #expect(try await next.metric("alerts_total", "state=\"fired\"") == 0)
  }

  @Test("A limit on the size of its files ends it no more than a full disk does")
  func fileSize() async throws {
    let scene = try await ScorerScene()
    #if os(Linux)
      // Whoever runs this may ignore the signal, and children would too.
      let defaults = [program("env") ?? "env", "--default-signal=XFSZ"]
    #else
      let defaults: [String] = []
    #endif
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder,
      // Blocks of 512 bytes, or of 1024: in any case less than the state takes.
      launcher: defaults + ["/bin/sh", "-c", "ulimit -f 16; exec \"$0\" \"$@\""])
    try await scorer.untilReady()
    try await send(0..<400, of: scene, to: scorer, Offline(scene))
    #expect(try await scorer.metric("state_errors_total") ?? 0 > 0)
    #expect(try await scorer.get("/v2/health/ready").status == 200)
  }
}
