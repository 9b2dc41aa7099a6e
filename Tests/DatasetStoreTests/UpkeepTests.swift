import DatasetStore
import Diagnostics
import Storage
import Telemetry
import Testing

@Suite struct UpkeepTests {
  private func store(
    in folder: String, _ seeds: [UInt64]
  ) throws -> (DatasetStore, [DatasetStore.Saved]) {
    let store = DatasetStore(root: folder + "/store")
    let saved = try seeds.map {
      try store.save(Samples.random(seed: $0, services: 2, columns: 3, rows: 40))
    }
    return (store, saved)
  }

  @Test func `a summary says what the dataset says, without its values`() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/small.h5"
      var dataset = Samples.small
      dataset.lineage = DatasetLineage(programVersion: "9", configuration: #"{"interval":"30s"}"#)
      try DatasetFile.write(dataset, to: path)
      let summary = try DatasetFile.summary(of: path)
      #expect(summary.digest == dataset.contentDigest)
      #expect(summary.grid == dataset.grid)
      #expect(summary.services.map(\.name) == ["a/b ☃", "api"])
      #expect(summary.services.map(\.columns) == [0, 2])
      #expect(summary.services.map(\.hasLogs) == [false, true])
      #expect(summary.incidents == 2)
      #expect(summary.sources == dataset.sources)
      #expect(summary.report == dataset.report)
      #expect(summary.lineage == dataset.lineage)
    }
  }

  @Test func `lineage comes back and is no part of the content`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: folder)
      var dataset = Samples.small
      let plain = dataset.contentDigest
      dataset.lineage = DatasetLineage(programVersion: "9", configuration: "{}")
      #expect(dataset.contentDigest == plain)
      let first = try store.save(dataset)
      #expect(first.isNew)
      let loaded = try store.load(plain)
      #expect(loaded.lineage == dataset.lineage)
      dataset.lineage?.programVersion = "10"
      let second = try store.save(dataset)
      #expect(!second.isNew, "the same content is stored once")
      let kept = try store.load(plain)
      #expect(kept.lineage?.programVersion == "9")
    }
  }

  @Test func `damage is told from a file that is whole`() throws {
    try withTemporaryFolder { folder in
      let (store, saved) = try store(in: folder, [1, 2, 3])
      var bytes = try FileSystem.readFile(at: saved[0].path, limit: 1 << 24)
      bytes[bytes.count / 2] ^= 0x55
      try FileSystem.writeFileAtomically(bytes, to: saved[0].path)
      try FileSystem.writeFileAtomically(Array("gone".utf8), to: saved[1].path)
      let damaged = try store.list().filter { try store.damage(of: $0) != nil }.map(\.digest)
      #expect(Set(damaged) == [saved[0].digest, saved[1].digest])
    }
  }

  @Test func `a snapshot under another one's name is damaged`() throws {
    try withTemporaryFolder { folder in
      let (store, saved) = try store(in: folder, [1, 2])
      let other = try FileSystem.readFile(at: saved[1].path, limit: 1 << 24)
      try FileSystem.writeFileAtomically(other, to: saved[0].path)
      let entry = try store.entry(String(saved[0].digest.prefix(10)))
      let damage = try #require(try store.damage(of: entry))
      #expect(damage.error.kind == .integrity)
    }
  }

  @Test func `unused are those that nothing refers to and that are not the newest`() throws {
    try withTemporaryFolder { folder in
      let (store, saved) = try store(in: folder, [1, 2, 3, 4])
      let unused = { (referenced: [Int], newest: Int) in
        try store.unused(
          referenced: Set(referenced.map { saved[$0].digest }), keepingNewest: newest
        ).map(\.entry.digest)
      }
      #expect(try unused([], 0) == saved.map(\.digest))
      #expect(try unused([1], 1) == [saved[0].digest, saved[2].digest])
      #expect(try unused([], 9) == [])
      try store.remove([try store.entry(saved[0].digest)])
      #expect(Set(try store.list().map(\.digest)) == Set(saved.dropFirst().map(\.digest)))
    }
  }
}
