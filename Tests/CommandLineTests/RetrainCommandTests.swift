import Companions
import Foundation
import Storage
import Testing

@Suite struct RetrainCommandTests {
  /// A workspace whose exports hold nine days, with incidents that are spread over all of them.
  private func prepared() throws -> Workspace {
    let workspace = try Workspace()
    _ = try NightlySystem(in: workspace.path)
    return workspace
  }

  private func arguments(_ now: String, _ more: String...) -> [String] {
    ["retrain", "run.yaml", "--policy", "gate.yaml", "--now", now, "-q"] + more
  }

  private func champion(_ workspace: Workspace) throws -> Int {
    let bytes = Array(try workspace.read("out/registry/small/aliases/champion.json"))
    let document = JSONDocument(try JSONValue(parsing: bytes, source: "alias"), source: "alias")
    return try document["version"].integer
  }

  @Test
  func `a first model is promoted, a second run has nothing to do, missed days are caught up`()
    throws
  {
    let workspace = try prepared()
    let first = try Tool.run(
      arguments("2026-01-06T03:00:00Z", "--metrics-file", "job.prom"), in: workspace.path)
    #expect(first.code == 0, "\(first.output)\(first.errors)")
    #expect(first.output.contains("2026-01-06T00:00:00Z  version 1  promoted, before it none"))
    let metrics = String(decoding: try workspace.read("job.prom"), as: UTF8.self)
    #expect(metrics.contains("autopilotops_retrain_champion_version{model=\"small\"} 1.0\n"))
    #expect(metrics.contains("outcome=\"promoted\"} 1.0\n"))
    let again = try Tool.run(arguments("2026-01-06T09:00:00Z"), in: workspace.path)
    #expect(again.code == 0)
    #expect(again.output.contains("nothing is due"))
    let later = try Tool.run(arguments("2026-01-09T01:00:00Z"), in: workspace.path)
    #expect(
      later.output.contains("2026-01-07T00:00:00Z  version 2"), "\(later.output)\(later.errors)")
    #expect(later.output.contains("2026-01-09T00:00:00Z  version 4"))
    #expect(workspace.exists("out/registry/small/aliases/challenger.json"))
  }

  @Test func `a worse model is published but the champion stays, with the gate's exit code`() throws
  {
    let workspace = try prepared()
    #expect(try Tool.run(arguments("2026-01-07T01:00:00Z"), in: workspace.path).code == 0)
    // The new policy asks for more than there can be.
    try workspace.write("gate.yaml", NightlySystem.strictPolicy)
    let worse = try Tool.run(arguments("2026-01-08T01:00:00Z"), in: workspace.path)
    #expect(worse.code == 2, "\(worse.output)\(worse.errors)")
    #expect(worse.output.contains("version 2  regression, before it version 1"))
    #expect(try champion(workspace) == 1)
    #expect(workspace.exists("out/registry/small/2/manifest.json"))
  }

  @Test func `data that ends before the day is an error, and the day stays due`() throws {
    let workspace = try prepared()
    let early = try Tool.run(arguments("2026-01-20T01:00:00Z"), in: workspace.path)
    #expect(early.code == 4)
    #expect(early.errors.contains("the data ends at 2026-01-10T00:00:00Z"))
    #expect(!workspace.exists("out/retrain.json"))
    #expect(try Tool.run(arguments("2026-01-10T01:00:00Z"), in: workspace.path).code == 0)
  }

  @Test func `a job killed at any moment and started again ends where an undisturbed one does`()
    throws
  {
    let workspace = try prepared()
    let whole = try Tool.run(
      arguments("2026-01-07T01:00:00Z", "--out", "whole"), in: workspace.path)
    #expect(whole.code == 0)
    for attempt in 0..<12 {
      let process = Tool.process(arguments("2026-01-07T01:00:00Z"), in: workspace.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(20_000 + attempt * 60_000))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try Tool.run(arguments("2026-01-07T01:00:00Z"), in: workspace.path)
    #expect(last.code == 0, "\(last.errors)")
    let files = workspace.files(under: "whole").filter { !$0.hasPrefix(".retrain") }
    #expect(workspace.files(under: "out").filter { !$0.hasPrefix(".retrain") } == files)
    for file in files where !file.hasSuffix("retrain.json") {
      // The gate's report names the models by their paths.
      func content(_ folder: String) throws -> String {
        String(decoding: try workspace.read("\(folder)/\(file)"), as: UTF8.self)
          .replacing("\(folder)/registry", with: "registry")
      }
      #expect(try content("out") == content("whole"), "\(file)")
    }
  }

  @Test func `a night without a model is told to Prometheus, and the next good one too`() throws {
    let workspace = try prepared()
    func metrics() throws -> String {
      String(decoding: try workspace.read("job.prom"), as: UTF8.self)
    }
    #expect(
      try Tool.run(
        arguments("2026-01-09T01:00:00Z", "--metrics-file", "job.prom"), in: workspace.path
      ).code == 0)
    #expect(try metrics().contains("outcome=\"failed\"} 0.0\n"))
    let failed = try Tool.run(
      arguments("2026-01-20T01:00:00Z", "--metrics-file", "job.prom"), in: workspace.path)
    #expect(failed.code == 4)
    let text = try metrics()
    #expect(text.contains("last_outcome{model=\"small\",outcome=\"failed\"} 1.0\n"), "\(text)")
    #expect(text.contains("outcome=\"promoted\"} 0.0\n"))
    // When it ran, what is in use, and how old that is, are told all the same.
    #expect(text.contains("last_run_timestamp_seconds{model=\"small\"} 1768870800.0\n"))
    #expect(text.contains("last_success_timestamp_seconds{model=\"small\"} 1767916800.0\n"))
    #expect(text.contains("champion_version{model=\"small\"} 1.0\n"))
    let good = try Tool.run(
      arguments("2026-01-10T01:00:00Z", "--metrics-file", "job.prom"), in: workspace.path)
    #expect(good.code == 0, "\(good.errors)")
    #expect(try metrics().contains("outcome=\"failed\"} 0.0\n"))
  }

  @Test func `a second job is turned away, without a word to those who wait for the first`() throws
  {
    let workspace = try prepared()
    let area = try StagingArea(root: "\(workspace.path)/out/.retrain")
    let second = try Tool.run(
      arguments("2026-01-06T03:00:00Z", "--metrics-file", "job.prom"), in: workspace.path)
    #expect(second.code == 1)
    #expect(!workspace.exists("job.prom"))
    area.close()
    #expect(try Tool.run(arguments("2026-01-06T03:00:00Z"), in: workspace.path).code == 0)
  }
}

#if os(Linux)
  /// Jobs killed in a stage that is known by its name.
  @Suite(.serialized) struct KilledRetrainTests {
    private static let stages = [
      "ingest", "train", "evaluate", "publish", "gate", "promote", "record",
    ]

    private let workspace: Workspace
    private let system: NightlySystem

    init() throws {
      workspace = try Workspace()
      system = try NightlySystem(in: workspace.path)
      // The night before left a champion, which the killed job's model has to be compared with.
      try FileManager.default.createDirectory(
        atPath: "\(workspace.path)/first", withIntermediateDirectories: true)
      let first = try Tool.run(
        system.job("2026-01-06T03:00:00Z", "-q"), in: "\(workspace.path)/first")
      #expect(first.code == 0, "\(first.errors)")
    }

    /// A copy of what the first night left.
    private func night(_ name: String) throws -> String {
      let folder = "\(workspace.path)/\(name)"
      try FileManager.default.copyItem(atPath: "\(workspace.path)/first", toPath: folder)
      return folder
    }

    /// Every file below a night's output with its content.
    private func left(by name: String) throws -> [String: Data] {
      var files: [String: Data] = [:]
      for file in workspace.files(under: "\(name)/out") where !file.hasPrefix(".retrain/") {
        files[file] = try workspace.read("\(name)/out/\(file)")
      }
      return files
    }

    /// Kills a job while it is in a stage.
    ///
    /// - Parameter late: At the end of the stage, when all that is left is to begin the next one.
    /// - Returns: Whether it was in that stage. On a busy machine other lines come between, and keep it
    ///   in an earlier one.
    private func kill(in stage: String, late: Bool, folder: String) throws -> Bool {
      let job = try SteppedProcess(Tool.path, system.job("2026-01-07T03:00:00Z"), in: folder)
      let index = try #require(Self.stages.firstIndex(of: stage))
      // With the line before it taken, the stage's own line waits to be read, and the next one for that.
      for earlier in Self.stages[..<index] {
        #expect(job.waitForLine())
        guard job.nextLine() == "2026-01-07T00:00:00Z  \(earlier)\n" else {
          _ = job.kill()
          return false
        }
      }
      #expect(job.waitForLine())
      if late { job.waitUntilStill() }
      #expect(job.kill(), "the job had ended before it could be killed")
      guard job.nextLine() == "2026-01-07T00:00:00Z  \(stage)\n" else { return false }
      #expect(job.nextLine() == nil, "the job was in a later stage")
      return true
    }

    /// The same until it was in that stage.
    private func killUntilHit(in stage: String, late: Bool, folder: String) throws {
      for _ in 0..<20 where try kill(in: stage, late: late, folder: folder) { return }
      Issue.record("no kill hit the stage \(stage)")
    }

    @Test
    func `killed as any stage begins or ends and run again, a job ends where a whole one does`()
      throws
    {
      let whole = try Tool.run(
        system.job("2026-01-07T03:00:00Z"), in: try night("whole"))
      #expect(whole.code == 0, "\(whole.errors)")
      let said = whole.errors.split(separator: "\n").filter { $0.hasPrefix("2026-01-07T") }
      #expect(said == Self.stages.map { "2026-01-07T00:00:00Z  \($0)" }, "\(whole.errors)")
      let expected = try left(by: "whole")
      #expect(expected.keys.contains("registry/small/2/manifest.json"))
      #expect(
        String(decoding: expected["registry/small/aliases/champion.json"] ?? Data(), as: UTF8.self)
          .contains("\"version\": 2"))
      for stage in Self.stages {
        for late in [false, true] {
          let name = "\(stage)-\(late)"
          let folder = try night(name)
          try killUntilHit(in: stage, late: late, folder: folder)
          let registry = try Tool.run(["registry", "verify", "out/registry", "-q"], in: folder)
          #expect(registry.code == 0, "\(name): \(registry.output)\(registry.errors)")
          let again = try Tool.run(system.job("2026-01-07T03:00:00Z", "-q"), in: folder)
          #expect(again.code == 0, "\(name): \(again.errors)")
          let found = try left(by: name)
          #expect(found.keys.sorted() == expected.keys.sorted(), "\(name)")
          for (file, bytes) in expected where found[file] != bytes {
            Issue.record("\(name): \(file) is not what an undisturbed job leaves")
          }
          try workspace.remove(name)
        }
      }
    }

    @Test func `killed in one stage after another, it comes to the same`() throws {
      #expect(
        try Tool.run(system.job("2026-01-07T03:00:00Z", "-q"), in: try night("whole")).code == 0)
      let folder = try night("often")
      for stage in Self.stages.dropLast() {
        for late in stage == "promote" ? [false] : [false, true] {
          try killUntilHit(in: stage, late: late, folder: folder)
        }
      }
      #expect(try Tool.run(system.job("2026-01-07T03:00:00Z", "-q"), in: folder).code == 0)
      #expect(try left(by: "often") == left(by: "whole"))
    }
  }
#endif
