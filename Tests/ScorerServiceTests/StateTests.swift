import Scoring
import Models
import Features
import Companions
import Foundation
import Telemetry
import Testing

@Suite("What a scorer remembers")
struct StateTests {
  @Test("A killed scorer goes on where it was, bit for bit", arguments: [SIGKILL, SIGTERM])
  func restart(signal: Int32) async throws {
    let scene = try await ScorerScene()
    let state = "\(scene.folder.path)/state"
    let rows = try ScorerScene.services.map { ($0, try scene.rows(of: $0)) }
    var offline = Dictionary(
      uniqueKeysWithValues: ScorerScene.services.compactMap { name in
        scene.model.scoring.scorer(for: name).map { (name, $0) }
      })
    // The last process only sends; the two before it are ended.
    for part in [0..<300, 300..<301, 301..<420] {
      let scorer = try await RunningScorer(
        model: "\(scene.registry)/small@champion", state: state, in: scene.folder)
      try await scorer.untilReady()
      for first in stride(from: part.lowerBound, to: part.upperBound, by: 20) {
        let cells = first..<min(first + 20, part.upperBound)
        let sent = cells.flatMap { cell in rows.map { (service: $0.0, row: $0.1[cell]) } }
        let answers = try await scorer.score(sent).rows
        for ((name, row), answer) in zip(sent, answers) {
          let expected = offline[name]?.push(row) ?? []
          #expect(answer.result == "accepted")
          #expect(
            areEqual(answer.scores, expected),
            "\(name) at \(row.time): \(answer.scores), not \(expected)")
        }
      }
      kill(scorer.companion.process.processIdentifier, signal)
      let code = try await scorer.companion.finish()
      if signal == SIGTERM { #expect(code == 0) }
    }
  }

  @Test("Alerts of rows that a killed scorer had answered are told by the next one")
  func killedBeforeAlerts() async throws {
    let scene = try await ScorerScene()
    let alertmanager = try await StandInServer { _ in StandInAnswer() }
    func start() async throws -> RunningScorer {
      let scorer = try await RunningScorer(
        model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
        in: scene.folder,
        settings: """
          alertmanager: {urls: ["\(alertmanager.url)"], hold: 25m, keep_firing: 12h}
          """)
      try await scorer.untilReady()
      return scorer
    }
    let first = try await start()
    // From row 780 on it is unwell. Answered, and gone.
    let rows = try scene.rows(of: "cart")
    _ = try await first.score(rows[700..<790].map { ("cart", $0) })
    kill(first.companion.process.processIdentifier, SIGKILL)
    _ = try await first.companion.finish()
    let next = try await start()
    try await next.until("told", seconds: 60) {
      let bodies = alertmanager.seen.map { String(decoding: $0.body, as: UTF8.self) }
      return try await next.metric("alerts_firing") == 1
        && bodies.contains { $0.contains("log_templates") }
    }
    #expect(alertmanager.seen.count < 10)
  }

  @Test("A damaged part of the state is left out and counted, and its rows come from the journal")
  func damage() async throws {
    let scene = try await ScorerScene()
    let state = "\(scene.folder.path)/state"
    let rows = try scene.rows(of: "cart")
    func start() async throws -> RunningScorer {
      let scorer = try await RunningScorer(
        model: "\(scene.registry)/small@champion", state: state, in: scene.folder)
      try await scorer.untilReady()
      return scorer
    }
    var scorer = try await start()
    _ = try await scorer.score(rows.prefix(60).map { ("cart", $0) })
    scorer.companion.process.terminate()
    #expect(try await scorer.companion.finish() == 0)
    let part = "\(state)/state-0.safetensors"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: part))
    bytes.removeLast(40)
    try bytes.write(to: URL(fileURLWithPath: part))
    scorer = try await start()
    #expect(try await scorer.metric("state_errors_total") == 1)
    // The journal that goes with the part still has the rows.
    var offline = try #require(scene.model.scoring.scorer(for: "cart"))
    for row in rows.prefix(60) { _ = offline.push(row) }
    let (_, answers) = try await scorer.score([("cart", rows[60])])
    #expect(answers[0].result == "accepted")
    #expect(areEqual(answers[0].scores, offline.push(rows[60])))
  }

  @Test("A journal that ends in the middle of a record gives all whole ones")
  func tornJournal() async throws {
    let scene = try await ScorerScene()
    let state = "\(scene.folder.path)/state"
    let rows = try scene.rows(of: "cart")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: state, in: scene.folder)
    try await scorer.untilReady()
    for row in rows.prefix(30) { _ = try await scorer.score([("cart", row)]) }
    kill(scorer.companion.process.processIdentifier, SIGKILL)
    _ = try await scorer.companion.finish()
    let journal = try #require(
      try FileManager.default.contentsOfDirectory(atPath: state).first {
        $0.hasSuffix(".journal")
      })
    let path = URL(fileURLWithPath: "\(state)/\(journal)")
    var bytes = try Data(contentsOf: path)
    bytes.removeLast(5)
    try bytes.write(to: path)
    let next = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: state, in: scene.folder)
    try await next.untilReady()
    var offline = try #require(scene.model.scoring.scorer(for: "cart"))
    for row in rows.prefix(29) { _ = offline.push(row) }
    let (_, answers) = try await next.score([("cart", rows[29])])
    #expect(areEqual(answers[0].scores, offline.push(rows[29])))
  }

  @Test(
    "State that cannot be looked for is an error, and nothing of it is overwritten unseen",
    .enabled(if: geteuid() != 0 || program("setpriv") != nil, "needs setpriv (util-linux)"))
  func unlistable() async throws {
    let scene = try await ScorerScene()
    let state = "\(scene.folder.path)/state"
    let kept = URL(fileURLWithPath: "\(state)/rows-1.journal")
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
    try Data("rows of before".utf8).write(to: kept)
    // Who may do everything may list everything.
    let nobody: UInt32 = 65_534
    let isRoot = geteuid() == 0
    if isRoot { for path in [state, kept.path] { unsafe chown(path, nobody, nobody) } }
    unsafe chmod(state, 0o300)
    defer { unsafe chmod(state, 0o700) }
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: state, in: scene.folder,
      launcher: isRoot
        ? [
          program("setpriv") ?? "", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups",
        ] : [])
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")
    #expect(try await scorer.score([("cart", rows[0])]).rows.map(\.result) == ["accepted"])
    #expect(try await scorer.metric("state_errors_total") ?? 0 > 0)
    #expect(try String(contentsOf: kept, encoding: .utf8) == "rows of before")
    unsafe chmod(state, 0o700)
    try await scorer.until("written", seconds: 60) {
      FileManager.default.fileExists(atPath: "\(state)/rows-2.journal")
        && FileManager.default.fileExists(atPath: "\(state)/state-0.safetensors")
    }
  }

  @Test("Where state cannot be written scoring goes on, says so, and writes when it can again")
  func unwritable() async throws {
    let scene = try await ScorerScene()
    let blocked = try scene.folder.write("blocked", "a file where a folder should be")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(blocked)/state", in: scene.folder)
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")
    let (_, answers) = try await scorer.score(rows.prefix(5).map { ("cart", $0) })
    #expect(answers.allSatisfy { $0.result == "accepted" })
    #expect(try await scorer.metric("state_errors_total") ?? 0 > 0)
    try FileManager.default.removeItem(atPath: blocked)
    try await scorer.until("written") {
      FileManager.default.fileExists(atPath: "\(blocked)/state/state-0.safetensors")
    }
  }
}
