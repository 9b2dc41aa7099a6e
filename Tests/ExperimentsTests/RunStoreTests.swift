import Diagnostics
import Experiments
import Foundation
import Storage
import Telemetry
import Testing

@Suite struct RunStoreTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func store() throws -> RunStore { try RunStore(creatingIn: folder.path) }

  @Test func `a run reads back as it was recorded, also by another process`() throws {
    var record = sample()
    (record.folder, record.files) = ("\(folder.path)/runs/shop-01", ["scores.csv", "a b.html"])
    record.registry = "\(folder.path)/registry"
    let id = try store().record(record)
    #expect(id == "shop-012345-1")
    let found = try RunStore(opening: folder.path).run(id)
    #expect(found.record == record)
    #expect(found.tags == [])
    #expect(try RunStore(opening: "\(folder.path)/runs.sqlite").runs() == [found])
  }

  @Test func `an output folder that moves keeps its results`() throws {
    try folder.write("out/runs/a/scores.csv", "")
    var record = sample()
    record.folder = "\(folder.path)/out/runs/a"
    let store = try RunStore(creatingIn: "\(folder.path)/out")
    let id = try store.record(record)
    record.folder = "/elsewhere/b"
    let other = try store.record(record)
    try FileManager.default.moveItem(
      atPath: "\(folder.path)/out", toPath: "\(folder.path)/moved")
    let moved = try RunStore(opening: "\(folder.path)/moved")
    #expect(try moved.run(id).record.folder == "\(folder.path)/moved/runs/a")
    #expect(try moved.run(other).record.folder == "/elsewhere/b")
  }

  @Test func `ids are numbered and never used again`() throws {
    let store = try store()
    let ids = try (0..<3).map { _ in try store.record(sample()) }
    #expect(ids == ["shop-012345-1", "shop-012345-2", "shop-012345-3"])
    try store.remove([store.run(ids[2])])
    #expect(try store.record(sample()) == "shop-012345-4")
    #expect(try store.record(sample(artifact: "ffff")) == "shop-ffff-1")
    let failed = sample(artifact: nil)
    #expect(try store.record(failed) == "shop-\(failed.configurationDigest.prefix(6))-1")
  }

  @Test func `a run is named by as much of its id as is unique`() throws {
    let store = try store()
    for name in ["shop", "shop", "other"] { try store.record(sample(name)) }
    #expect(try store.run("oth").id == "other-012345-1")
    #expect(try store.run("shop-012345-1").id == "shop-012345-1")
    #expect(
      throws: ExperimentsError.ambiguousRun(
        id: "shop", matches: ["shop-012345-1", "shop-012345-2"])
    ) { try store.run("shop") }
    #expect(
      throws: ExperimentsError.unknownRun(
        id: "%", path: store.path, known: ["other-012345-1", "shop-012345-2", "shop-012345-1"])
    ) { try store.run("%") }
    #expect(throws: ExperimentsError.self) { try store.run("") }
  }

  @Test func `runs are sorted by any figure, the best first and those without it last`() throws {
    let store = try store()
    for (name, vus) in [("a", 0.2), ("b", 0.9), ("c", 0.4)] {
      try store.record(sample(name, vus: vus))
    }
    var without = sample("d")
    without.metrics = []
    try store.record(without)
    func names(_ sort: String?, reversed: Bool = false, limit: Int? = nil) throws -> String {
      var query = RunQuery()
      (query.sort, query.isReversed, query.limit) = (sort, reversed, limit)
      return try store.runs(query).map(\.record.name).joined()
    }
    #expect(try names(nil) == "dcba")
    #expect(try names("ensemble.vus_pr") == "bcad")
    #expect(try names("ensemble.vus_pr", reversed: true) == "acbd")
    // Fewer false alarms are better.
    #expect(try names("ensemble.false_alarms_per_service_day") == "bcad")
    #expect(try names("ensemble.vus_pr", limit: 2) == "bc")
    for wrong in ["vus_pr", "ensemble.", ".vus_pr", "ensemble.vus_rp"] {
      #expect(throws: ExperimentsError.self) { try names(wrong) }
    }
  }

  @Test func `tags are added once, found by and removed`() throws {
    let store = try store()
    let ids = try ["a", "b"].map { try store.record(sample($0)) }
    let runs = try ids.map { try store.run($0) }
    #expect(try store.add(tags: ["best", "v1.2"], to: [runs[0]]) == 2)
    #expect(try store.add(tags: ["best"], to: runs) == 1)
    #expect(try store.run(ids[0]).tags == ["best", "v1.2"])
    var query = RunQuery()
    query.tags = ["best", "v1.2"]
    #expect(try store.runs(query).map(\.id) == [ids[0]])
    #expect(try store.remove(tags: ["best"], from: runs) == 2)
    #expect(try store.run(ids[1]).tags == [])
    for wrong in ["", "two words", "ü", String(repeating: "a", count: 65)] {
      #expect(throws: ExperimentsError.invalidTag(wrong)) {
        try store.add(tags: [wrong], to: runs)
      }
    }
  }

  @Test func `a trial is recorded once`() throws {
    let store = try store()
    var record = sample()
    record.kind = .trial
    record.trial = RunRecord.Trial(study: "s", number: 4, share: 1.0 / 3)
    record.failure = "no window fits"
    let id = try store.record(record)
    #expect(try store.record(record) == id)
    #expect(try store.run(id).record == record)
    record.trial?.share = 1
    #expect(try store.record(record) != id)
    var query = RunQuery()
    query.study = "s"
    #expect(try store.runs(query).count == 2)
    query.study = "t"
    #expect(try store.runs(query).isEmpty)
  }

  @Test func `many writers at once lose nothing`() async throws {
    let path = folder.path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let store = try RunStore(creatingIn: path)
          for _ in 0..<10 { try store.record(sample("w\(writer % 2)")) }
        }
      }
      try await group.waitForAll()
    }
    let runs = try store().runs()
    #expect(runs.count == 40)
    #expect(Set(runs.map(\.id)).count == 40)
    #expect(runs.allSatisfy { $0.record.metrics.count == 3 })
  }

  @Test func `a removed run takes its figures and tags with it`() throws {
    let store = try store()
    let run = try store.run(try store.record(sample()))
    try store.add(tags: ["x"], to: [run])
    try store.remove([run])
    #expect(try store.runs().isEmpty)
    let again = try store.run(try store.record(sample()))
    #expect(again.tags.isEmpty && again.record == sample())
  }

  @Test func `a file that is missing, foreign or newer is told apart`() throws {
    #expect(throws: ExperimentsError.noStore(path: "\(folder.path)/runs.sqlite")) {
      try RunStore(opening: folder.path)
    }
    try folder.write("runs.sqlite", String(repeating: "this is no database. ", count: 400))
    do {
      _ = try RunStore(opening: folder.path)
      Issue.record("nothing was thrown")
    } catch let error as ExperimentsError {
      #expect(error.kind == .integrity)
      #expect(error.description.contains("runs.sqlite: not a readable file of records"))
      #expect(!error.description.contains("\n"))
    }
  }
}
