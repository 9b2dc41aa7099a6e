import DatasetStore
import Diagnostics
import Foundation
import Storage
import Telemetry
import Testing

/// Snapshots that are written while their dataset is made.
@Suite struct StreamingTests {
  private struct GivenUp: Error {}

  /// Hands a dataset to a store part by part.
  private static func stream(
    _ dataset: Dataset, to root: String
  ) throws -> DatasetStore.Saved {
    try DatasetStore(root: root).save { sink in
      try dataset.write(to: &sink)
      return dataset.outline
    }.saved
  }

  @Test(arguments: [(0, 0, 0), (1, 0, 4), (3, 2, 9000), (2, 40, 10)])
  func `parts make the bytes that the whole makes, in a store and in a file`(
    services: Int, columns: Int, rows: Int
  ) throws {
    try withTemporaryFolder { folder in
      let dataset = Samples.random(seed: 5, services: services, columns: columns, rows: rows)
      let parts = try Self.stream(dataset, to: "\(folder)/parts")
      let whole = try DatasetStore(root: "\(folder)/whole").save(dataset)
      try DatasetFile.write(dataset, to: "\(folder)/x.h5")
      #expect(parts.isNew && whole.isNew)
      #expect(parts.digest == dataset.contentDigest)
      let bytes = try FileSystem.readFile(at: parts.path, limit: 100_000_000)
      #expect(try FileSystem.readFile(at: whole.path, limit: 100_000_000) == bytes)
      #expect(try FileSystem.readFile(at: "\(folder)/x.h5", limit: 100_000_000) == bytes)
      #expect(try DatasetFile.read(parts.path, expecting: parts.digest) == dataset)
    }
  }

  @Test func `a snapshot that is there is kept, and one that is damaged replaced`() throws {
    try withTemporaryFolder { folder in
      let first = try Self.stream(Samples.small, to: folder)
      let again = try Self.stream(Samples.small, to: folder)
      #expect(first.isNew && !again.isNew)
      #expect(again.path == first.path)
      let intact = try FileSystem.readFile(at: first.path, limit: 1 << 20)
      try FileSystem.writeFileAtomically(Array(intact.prefix(3000)), to: first.path)
      #expect(try Self.stream(Samples.small, to: folder).isNew)
      #expect(try FileSystem.readFile(at: first.path, limit: 1 << 20) == intact)
      #expect(try FileSystem.contents(of: folder).count == 1)
    }
  }

  @Test func `a dataset that is given up half way leaves nothing, and nobody waits for it`() throws
  {
    try withTemporaryFolder { folder in
      for _ in 0..<2 {
        #expect(throws: GivenUp.self) {
          try DatasetStore(root: folder).save { sink in
            try sink.begin(Samples.small.grid)
            try sink.beginService("a", columns: [MetricColumn(name: "m", kind: .gauge)])
            throw GivenUp()
          }
        }
        let left = try FileSystem.contents(of: folder)
        #expect(left == [])
      }
      #expect(throws: GivenUp.self) {
        try DatasetStore(root: "\(folder)/none").save { _ in throw GivenUp() }
      }
      #expect(FileSystem.item(at: "\(folder)/none") == nil)
    }
  }

  @Test func `a disk that fills up while parts arrive is an error of one line`() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      try withTemporaryFolder { folder in
        let large = Samples.random(seed: 1, services: 4, columns: 8, rows: 5000)
        signal(SIGXFSZ, SIG_IGN)
        // From a disk that takes nothing to one that has room for all but the last bytes.
        for size in [0, 2000, 100_000, 700_000, 1_000_000] {
          var limit = rlimit(rlim_cur: rlim_t(size), rlim_max: .max)
          try #require(unsafe setrlimit(fileSizeLimit, &limit) == 0)
          let error = #expect(throws: DatasetStoreError.self) {
            try DatasetStore(root: folder).save { sink in
              try large.write(to: &sink)
              return large.outline
            }
          }
          #expect(error?.description.contains("snapshot.h5: cannot write: ") == true)
          #expect(error?.description.contains("\n") == false)
          #expect(error?.kind == .environment)
          #expect(try FileSystem.contents(of: folder) == [])
        }
        var none = rlimit(rlim_cur: .max, rlim_max: .max)
        try #require(unsafe setrlimit(fileSizeLimit, &none) == 0)
        let saved = try DatasetStore(root: folder).save { sink in
          try large.write(to: &sink)
          return large.outline
        }
        #expect(try DatasetFile.read(saved.saved.path) == large)
      }
    }
    #expect(result?.standardErrorContent == [])
  }
}

#if canImport(Glibc)
  private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#else
  private let fileSizeLimit = RLIMIT_FSIZE
#endif
