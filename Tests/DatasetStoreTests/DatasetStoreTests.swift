import DatasetStore
import Diagnostics
import Storage
import Telemetry
import Testing

@Suite struct DatasetStoreTests {
  @Test func `a saved dataset is found by its digest, a part of it, or its path`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: "\(folder)/datasets")
      let saved = try store.save(Samples.small)
      #expect(saved.isNew)
      #expect(saved.digest == Samples.small.contentDigest)
      #expect(saved.path == "\(folder)/datasets/sha256-\(saved.digest).h5")
      for reference in [
        saved.digest, String(saved.digest.prefix(6)), "sha256-\(saved.digest.prefix(6))",
        saved.path,
      ] {
        #expect(try store.load(reference) == Samples.small)
        #expect(try store.path(of: reference) == saved.path)
      }
    }
  }

  @Test func `saving equal content again changes nothing`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: folder)
      let first = try store.save(Samples.small)
      let before = try FileSystem.readFile(at: first.path, limit: 1 << 20)
      let second = try store.save(Samples.small)
      #expect(!second.isNew)
      #expect((second.path, second.digest) == (first.path, first.digest))
      #expect(try FileSystem.readFile(at: first.path, limit: 1 << 20) == before)
      #expect(try FileSystem.contents(of: folder) == ["sha256-\(first.digest).h5"])
    }
  }

  @Test func `a snapshot that was damaged is replaced by saving again`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: folder)
      let saved = try store.save(Samples.small)
      let whole = try FileSystem.readFile(at: saved.path, limit: 1 << 20)
      try FileSystem.writeFileAtomically(Array(whole.dropLast(100)), to: saved.path)
      let error = #expect(throws: DatasetStoreError.self) { try store.load(saved.digest) }
      #expect(error?.kind == .integrity)
      #expect(try store.save(Samples.small).isNew)
      #expect(try store.load(saved.digest) == Samples.small)
    }
  }

  @Test func `a snapshot under another's name is refused`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: folder)
      let (name, other) = (String(repeating: "0", count: 64), Samples.small.contentDigest)
      try DatasetFile.write(Samples.small, to: "\(folder)/sha256-\(name).h5")
      let path = "\(folder)/sha256-\(name).h5"
      #expect(
        throws: DatasetStoreError.digestMismatch(path: path, expected: name, found: other)
      ) { try store.load("000") }
      #expect(try store.load(path) == Samples.small)
    }
  }

  @Test func `snapshots are listed by digest, and nothing else is`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: "\(folder)/datasets")
      #expect(try store.list().isEmpty)
      let digests = try (0..<4 as Range<UInt64>).map { seed in
        try store.save(Samples.random(seed: seed, services: 1, columns: 1, rows: 3)).digest
      }
      for name in ["notes.txt", "sha256-12.h5", ".sha256.h5"] {
        try FileSystem.writeFileAtomically([], to: "\(folder)/datasets/\(name)")
      }
      #expect(try store.list().map(\.digest) == digests.sorted())
    }
  }

  @Test func `unknown and ambiguous digests are errors that say so`() throws {
    try withTemporaryFolder { folder in
      let store = DatasetStore(root: folder)
      #expect(throws: DatasetStoreError.unknownDigest(root: folder, prefix: "ab")) {
        try store.load("ab")
      }
      for last in ["1", "2"] {
        let name = "sha256-" + String(repeating: "0", count: 63) + last
        try FileSystem.writeFileAtomically([], to: "\(folder)/\(name).h5")
      }
      #expect(throws: DatasetStoreError.ambiguousDigest(root: folder, prefix: "00", count: 2)) {
        try store.load("00")
      }
      #expect(throws: DatasetStoreError.unknownDigest(root: folder, prefix: "")) {
        try store.load("")
      }
    }
  }

  @Test func `saving clears what a killed process left`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/.staging")
      try FileSystem.writeFileAtomically([1], to: "\(folder)/.staging/sha256-half.h5")
      let store = DatasetStore(root: folder)
      let saved = try store.save(Samples.small)
      #expect(try FileSystem.contents(of: folder) == ["sha256-\(saved.digest).h5"])
    }
  }

  @Test func `many savers at once store the dataset once`() async throws {
    let folder = testFolder()
    defer { remove(folder) }
    let results = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<6 {
        group.addTask { try DatasetStore(root: folder).save(Samples.small).isNew }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.filter { $0 }.count == 1)
    #expect(try DatasetStore(root: folder).list().count == 1)
  }

  @Test func `a failed save leaves the store as it was`() throws {
    try withTemporaryFolder { folder in
      var dataset = Samples.small
      dataset.incidents[0].service = ""
      #expect(throws: DatasetStoreError.self) { try DatasetStore(root: folder).save(dataset) }
      let left = try FileSystem.contents(of: folder)
      #expect(left.isEmpty)
    }
  }
}
