import Alerting
import Companions
import Foundation
import Telemetry
import Testing

private let scorerProgram = URL(fileURLWithPath: tool).deletingLastPathComponent()
  .appendingPathComponent("autopilot-scorer").path

@Suite("The key of verdict links")
struct VerdictKeyTests {
  /// A configuration of a scorer that waits for its first model.
  private func configuration(
    in folder: TestFolder, key: String, ports: (main: Int, metrics: Int) = (1, 2)
  ) throws -> String {
    try folder.write(
      "scorer.yaml",
      """
      model: \(folder.path)/registry/shop@champion
      state: \(folder.path)/state
      listen: {address: 127.0.0.1, port: \(ports.main)}
      metrics: {address: 127.0.0.1, port: \(ports.metrics)}
      inputs: {push: true}
      verdicts: \(folder.path)/verdicts.jsonl
      alertmanager: {urls: ["http://127.0.0.1:9"], scorer_url: "https://scorer.example.org", verdict_key: \(key)}

      """)
  }

  @Test("Replicas with one key take each other's links")
  func shared() async throws {
    let folder = try TestFolder()
    let ports = (main: try await closedPort(), metrics: try await closedPort())
    let key = try folder.write("links.key", String(repeating: "k", count: 32))
    let config = try configuration(in: folder, key: key, ports: ports)
    let scorer = try Companion(scorerProgram, ["--config", config], log: "\(folder.path)/log")
    let base = "http://127.0.0.1:\(ports.main)"
    #expect(try await wait(seconds: 30) { await ask("\(base)/v2/health/live")?.status == 200 })
    let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    let subject = VerdictLinks.Subject(service: "cart", start: now, model: "shop", version: 1)
    // What another replica would have put into an alert.
    let link = try VerdictLinks(base: base, keyFile: key).url(of: subject)
    #expect(await ask(link)?.status == 200)
    let foreign = VerdictLinks(base: base, key: [UInt8](repeating: 7, count: 32)).url(of: subject)
    #expect(await ask(foreign)?.status != 200)
    #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/state/verdict.key"))
    withExtendedLifetime(scorer) {}
  }

  @Test(
    "A key that is named is never made, and has to be one",
    arguments: [(nil, "no such file"), ("short", "a key of at least 32 bytes")])
  func refused(content: String?, message: String) async throws {
    let folder = try TestFolder()
    if let content { _ = try folder.write("links.key", content) }
    let config = try configuration(in: folder, key: "links.key")
    let checked = try await run(scorerProgram, ["--config", config, "--check"])
    #expect(checked.code == 4)
    #expect(checked.errors.contains("links.key"), "\(checked.errors)")
    #expect(checked.errors.contains(message), "\(checked.errors)")
  }
}
