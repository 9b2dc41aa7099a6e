import Scoring
import Features
import Companions
import Foundation
import LinearAlgebra
import Models
import Registry
import Synchronization
import Telemetry
import Testing

/// How often versions answered.
private final class Seen: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  subscript(version: String) -> Int { counts.withLock { $0[version] ?? 0 } }

  func count(_ version: String) { counts.withLock { $0[version, default: 0] += 1 } }
}

@Suite("Changes of models under way")
struct ReloadTests {
  @Test("A promotion under load fails no request and gives no wrong score")
  func promotion() async throws {
    let scene = try await ScorerScene()
    let next = scene.recalibrated(by: 3)
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let seen = Seen()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for name in ScorerScene.services {
        group.addTask {
          var offline = [scene.model, next].map { $0.scoring.scorer(for: name) }
          var versions: [String] = []
          for (cell, row) in try scene.rows(of: name).enumerated() {
            let (version, answers) = try await scorer.score([(name, row)])
            let expected = offline.indices.map { offline[$0]?.push(row) ?? [] }
            let number = try #require(Int(version))
            #expect(answers[0].result == "accepted")
            #expect(
              areEqual(answers[0].scores, expected[number - 1]),
              "\(name), cell \(cell), version \(version)")
            versions.append(version)
            seen.count(version)
            if cell == 200, name == "cart" { try await scene.publish(next) }
            // Leaves the watch time to look between rows.
            if cell > 200, version == "1" { try await Task.sleep(for: .milliseconds(10)) }
          }
          #expect(versions == versions.sorted())
        }
      }
      try await group.waitForAll()
    }
    #expect(seen["1"] > 200)
    #expect(seen["2"] > 200)
    #expect(try await scorer.metric("reloads_total", "result=\"success\"") == 2)
    #expect(try await scorer.metric("reload_failed") == 0)
  }

  @Test("Another model starts with the windows that the last rows fill")
  func refill() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")
    _ = try await scorer.score(rows.prefix(300).map { ("cart", $0) })
    var other = scene.model
    other.scoring.features.services[0].channelScaling[0].median += 1
    try await scene.publish(other)
    try await scorer.until("changed") {
      try await scorer.metric("reloads_total", "result=\"success\"") == 2
    }
    let (version, answers) = try await scorer.score([("cart", rows[300])])
    #expect(version == "2")
    // Windows of two hours reach back over 24 cells, and 64 rows are kept.
    var offline = try #require(other.scoring.scorer(for: "cart"))
    for row in rows[236..<300] { _ = offline.push(row) }
    #expect(areEqual(answers[0].scores, offline.push(rows[300])))
    #expect(try await scorer.metric("warming_services") == 0)
  }

  @Test("A damaged version, and one without the right signature, change nothing but metrics")
  func refusal() async throws {
    let scene = try await ScorerScene()
    for name in ["ours", "theirs"] {
      let made = try await run(
        tool,
        [
          "key", "generate", "--out", "\(scene.folder.path)/\(name).key",
        ])
      try #require(made.code == 0, "\(made.errors)")
    }
    func sign(_ version: String, with key: String) async throws {
      let signed = try await run(
        tool,
        [
          "artifact", "sign", "\(scene.registry)/small@\(version)", "--sign-key",
          "\(scene.folder.path)/\(key).key",
        ])
      try #require(signed.code == 0, "\(signed.errors)")
    }
    try await sign("1", with: "ours")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, settings: "trust: {keys: [ours.key.pub], required: 1}")
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")

    try await scene.publish(scene.recalibrated(by: 2))
    try await sign("2", with: "theirs")
    try await scorer.until("refused") { try await scorer.metric("reload_failed") == 1 }
    #expect(try await scorer.score([("cart", rows[0])]).version == "1")

    try await sign("2", with: "ours")
    try await scorer.until("accepted") { try await scorer.metric("reload_failed") == 0 }
    #expect(try await scorer.score([("cart", rows[1])]).version == "2")

    // The scorer must not see the version before it is damaged.
    kill(scorer.companion.process.processIdentifier, SIGSTOP)
    let third = try await scene.publish(scene.recalibrated(by: 4))
    try await sign("3", with: "ours")
    let weights = URL(
      fileURLWithPath: "\(scene.registry)/small/\(third.version)/weights.safetensors")
    var bytes = try Data(contentsOf: weights)
    bytes[bytes.count / 2] ^= 1
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: weights.path)
    try bytes.write(to: weights)
    kill(scorer.companion.process.processIdentifier, SIGCONT)
    try await scorer.until("refused") { try await scorer.metric("reload_failed") == 1 }
    #expect(try await scorer.score([("cart", rows[2])]).version == "2")
    #expect(try await scorer.get("/v2/health/ready").status == 200)

    // Polls go on, but do not read the damaged version again and again.
    let refusals = try await scorer.metric("reloads_total", "result=\"failure\"")
    try await Task.sleep(for: .seconds(4))
    #expect(try await scorer.metric("reloads_total", "result=\"failure\"") == refusals)
    #expect(try await scorer.metric("reload_failed") == 1)
    try await scene.publish(scene.recalibrated(by: 8))
    try await sign("4", with: "ours")
    try await scorer.until("accepted") { try await scorer.metric("reload_failed") == 0 }
    #expect(try await scorer.score([("cart", rows[3])]).version == "4")
  }

  @Test("A challenger is scored beside the champion, and their agreement is told")
  func shadow() async throws {
    let scene = try await ScorerScene()
    try await scene.publish(scene.recalibrated(by: 1e-6), alias: "challenger")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, settings: "shadow: challenger")
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")
    _ = try await scorer.score(rows.prefix(200).map { ("cart", $0) })
    let agreement = try #require(try await scorer.metric("shadow_agreement_ratio"))
    // A boundary that everything is beyond agrees with hardly any row.
    #expect(agreement < 0.5)
    let text = try await scorer.get("/metrics", metrics: true).text
    #expect(text.contains("role=\"shadow\""))
  }

  @Test("A challenger that is the champion is not read again at every poll")
  func promoted() async throws {
    let scene = try await ScorerScene()
    try await scene.publish(scene.model, alias: "challenger")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, settings: "shadow: challenger")
    try await scorer.untilReady()
    // Whoever reads it from now on finds it damaged.
    for version in try FileManager.default.contentsOfDirectory(atPath: "\(scene.registry)/small") {
      let weights = "\(scene.registry)/small/\(version)/weights.safetensors"
      guard FileManager.default.fileExists(atPath: weights) else { continue }
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: weights)
      try Data("damaged".utf8).write(to: URL(fileURLWithPath: weights))
    }
    try await Task.sleep(for: .seconds(4))
    #expect(try await scorer.metric("reloads_total", "result=\"failure\"") == 0)
    #expect(try await scorer.metric("reload_failed") == 0)
    #expect(!(try await scorer.get("/metrics", metrics: true).text.contains("role=\"shadow\"")))
  }

  @Test("A registry that goes away is told, scoring goes on, and its return is noticed")
  func away() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")
    var offline = try #require(scene.model.scoring.scorer(for: "cart"))
    try FileManager.default.moveItem(atPath: scene.registry, toPath: scene.registry + ".away")
    try await scorer.until("told") { try await scorer.metric("reload_failed") == 1 }
    for row in rows.prefix(20) {
      let answer = try await scorer.score([("cart", row)]).rows[0]
      #expect(areEqual(answer.scores, offline.push(row)))
    }
    #expect(try await scorer.get("/v2/health/ready").status == 200)
    try FileManager.default.moveItem(atPath: scene.registry + ".away", toPath: scene.registry)
    try await scorer.until("noticed") { try await scorer.metric("reload_failed") == 0 }
    // The next version comes into use as if nothing had been.
    try await scene.publish(scene.recalibrated(by: 2))
    try await scorer.until("changed") {
      try await scorer.score([("cart", rows[0])]).version == "2"
    }
  }

  @Test("A registry that does not answer is told, and the scorer lives on without a model")
  func unreachable() async throws {
    let folder = try TestFolder()
    let port = try await closedPort()
    let scorer = try await RunningScorer(
      model: "s3://models/team/small@champion", state: "\(folder.path)/state", in: folder,
      environment: [
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:\(port)", "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": folder.path,
      ])
    try await scorer.until("told", seconds: 60) { try await scorer.metric("reload_failed") == 1 }
    #expect(try await scorer.get("/v2/health/live").status == 200)
    #expect(try await scorer.get("/v2/health/ready").status == 503)
  }

  @Test("Without a registry a scorer lives, is not ready, and becomes so when there is one")
  func waiting() async throws {
    let scene = try await ScorerScene()
    let later = "\(scene.folder.path)/later"
    let scorer = try await RunningScorer(
      model: "\(later)/small@champion", state: "\(scene.folder.path)/state", in: scene.folder)
    #expect(try await scorer.get("/v2/health/live").status == 200)
    #expect(try await scorer.get("/v2/health/ready").status == 503)
    #expect(try await scorer.post("/v1/rows", "{\"rows\":[]}").status == 503)
    try FileManager.default.moveItem(atPath: scene.registry, toPath: later)
    try await scorer.untilReady()
  }
}
