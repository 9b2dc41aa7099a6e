import Scoring
import Models
import Features
import Companions
import Foundation
import Telemetry
import Testing

@Suite("Who may ask a scorer, and how often")
struct AccessTests {
  @Test("Ten times too many requests get 429 with Retry-After, and the next second is as before")
  func overload() async throws {
    let scene = try await ScorerScene()
    let folder = scene.folder
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(folder.path)/state", in: folder,
      limits: "queue: 64", requestsPerSecond: 20)
    try await scorer.untilReady()
    let begin = ContinuousClock.now
    let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
      for _ in 0..<200 { group.addTask { try await scorer.post("/v1/rows", "{\"rows\":[]}") } }
      return try await group.reduce(into: [Answer]()) { $0.append($1) }
    }
    let took = ContinuousClock.now - begin
    let refused = answers.filter { $0.status == 429 }
    // A full bucket, and what flowed into it meanwhile, however slow the clients were.
    let most = 20 + 20 * (Double(took.components.seconds) + 1)
    #expect(Double(answers.count - refused.count) <= most + 1)
    #expect(refused.allSatisfy { $0.headers["retry-after"] == "1" })
    #expect(answers.count { $0.status == 200 } >= 20)
    #expect(try await scorer.get("/v2/health/live").status == 200)
    try await Task.sleep(for: .milliseconds(1100))
    #expect(try await scorer.post("/v1/rows", "{\"rows\":[]}").status == 200)
    let counted = try await scorer.metric("requests_total", "endpoint=\"rows\",code=\"429\"")
    #expect(counted == Double(refused.count))
  }

  @Test("A body beyond the limit is refused")
  func largeBody() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, limits: "body: 1MiB")
    try await scorer.untilReady()
    let body = "{\"rows\":[],\"x\":\"\(String(repeating: "x", count: 2 << 20))\"}"
    #expect(try await scorer.post("/v1/rows", body).status == 413)
    #expect(try await scorer.post("/v1/rows", "{\"rows\":[]}").status == 200)
  }

  @Test(
    "Verdicts, which need no token, take small bodies only and nothing from those who send rows")
  func openRoute() async throws {
    let scene = try await ScorerScene()
    let folder = scene.folder
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(folder.path)/state", in: folder,
      settings: "verdicts: \(folder.path)/verdicts.jsonl", requestsPerSecond: 60)
    try await scorer.untilReady()
    let large = String(repeating: "x", count: 17 << 10)
    for path in ["/api/v1/verdicts", "/v1/verdicts"] {
      #expect(try await scorer.post(path, large).status == 413, "\(path)")
    }
    // A flood of verdicts leaves rows their share.
    let answers = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<150 { group.addTask { try await scorer.post("/api/v1/verdicts", "a=b").status } }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(answers.count { $0 == 429 } > 40, "\(answers)")
    for _ in 0..<30 { #expect(try await scorer.post("/v1/rows", "{\"rows\":[]}").status == 200) }
  }

  @Test("Bodies under way are bounded together, and a body that trickles in is given up")
  func bodiesUnderWay() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let head = "POST /v1/rows HTTP/1.1\r\nHost: scorer\r\nContent-Length: 8388608\r\n\r\n"
    // Eight bodies of 8 MiB less a byte each fill what there is; a small one has no room beside them.
    var senders: [RawConnection] = []
    defer { for sender in senders { sender.close() } }
    for _ in 0..<8 {
      let sender = try RawConnection(to: scorer.port)
      senders.append(sender)
      try sender.send(Array(head.utf8) + [UInt8](repeating: 0x20, count: 8_388_607))
    }
    // What the system holds of them is on its way.
    try await Task.sleep(for: .seconds(2))
    let body = "{\"rows\":[]}\(String(repeating: " ", count: 4096))"
    var refused: Answer?
    try await scorer.until("full") {
      let answer = try await scorer.post("/v1/rows", body)
      if answer.status == 503 { refused = answer }
      return answer.status == 503
    }
    #expect(refused?.headers["retry-after"] == "1")

    let begin = ContinuousClock.now
    for sender in senders.dropFirst() { sender.close() }
    try await scorer.until("room again") {
      try await scorer.post("/v1/rows", body).status == 200
    }
    // Its last byte is too late.
    try await Task.sleep(until: begin + .seconds(16))
    try senders[0].send([0x20])
    #expect(try senders[0].receive().hasPrefix("HTTP/1.1 408 "))
  }

  @Test("Only who shows a token of the file is answered, and the file is read again")
  func tokens() async throws {
    let scene = try await ScorerScene()
    let (first, second) = ("first-token-of-many", "second-token-of-many")
    let file = try scene.folder.write("tokens", "\(first)\n")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, settings: "auth: {tokens: \(file)}")
    try await scorer.until("ready") { try await scorer.get("/v2/health/ready").status == 200 }
    let body = "{\"rows\":[]}"
    #expect(try await scorer.post("/v1/rows", body).status == 401)
    #expect(try await scorer.post("/v1/rows", body, token: second).status == 401)
    #expect(try await scorer.post("/v1/rows", body, token: first).status == 200)
    #expect(try await scorer.get("/v2/models/small").status == 401)
    #expect(try await scorer.get("/v2/models/small", token: first).status == 200)
    _ = try scene.folder.write("tokens", "# rotated\n\(second)\n")
    try await scorer.until("read again") {
      try await scorer.post("/v1/rows", body, token: second).status == 200
    }
    #expect(try await scorer.post("/v1/rows", body, token: first).status == 401)
  }

  @Test("On SIGTERM a scorer is not ready any more, and ends with 0")
  func ending() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    _ = try await scorer.score([("cart", try scene.rows(of: "cart")[0])])
    scorer.companion.process.terminate()
    #expect(try await scorer.companion.finish() == 0)
    #expect(
      FileManager.default.fileExists(atPath: "\(scene.folder.path)/state/state-0.safetensors"))
  }

  @Test(
    "--check names the line of what is wrong",
    arguments: [
      ("modle: x\n", ":1: unknown key 'modle' (did you mean 'model'?)"),
      (
        "model: r/m@champion\nstate: s\nlisten: {port: 1}\nmetrics: {port: 2}\n", ":1: key 'inputs'"
      ),
      (
        "model: r/m@champion\nstate: s\nlisten: {port: 1}\nmetrics: {port: 2}\n"
          + "inputs: {push: true, pull: true}\n", ":5: unknown key 'inputs.pull'"
      ),
      (
        "model: r/m@champion\nstate: s\nlisten: {port: 1}\nmetrics: {port: 2}\ninputs: {push: true}\n"
          + "auth: {tokens: none}\n", "none"
      ),
      ("model: ${NOWHERE}/m@champion\n", ":1: environment variable NOWHERE is not set"),
    ])
  func check(text: String, message: String) async throws {
    let folder = try TestFolder()
    let config = try folder.write("scorer.yaml", text)
    let checked = try await run(scorerProgram, ["--config", config, "--check"])
    #expect(checked.code == 4)
    #expect(checked.errors.contains(message), "\(checked.errors)")
    #expect(checked.errors.split(separator: "\n").count == 1)
  }
}
