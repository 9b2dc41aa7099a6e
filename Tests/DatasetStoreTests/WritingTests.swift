import DatasetStore
import Diagnostics
import Foundation
import Storage
import Telemetry
import Testing

/// Where a snapshot goes, what it says it holds, and what happens when it cannot go there.
@Suite struct WritingTests {
  @Test func `a path that cannot hold a file is refused as for any other output`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/taken/inner")
      let refusals: [(String, StorageError)] = [
        ("", .emptyPath(operation: "write")),
        ("\(folder)/taken", .notAFile(path: "\(folder)/taken")),
        ("\(folder)/none/x.h5", .noFolder(path: "\(folder)/none/x.h5", folder: "\(folder)/none")),
      ]
      for (path, error) in refusals {
        #expect(throws: DatasetStoreError.storage(error)) {
          try DatasetFile.write(Samples.small, to: path)
        }
      }
      #expect(FileSystem.item(at: "\(folder)/taken/inner") == .folder)
    }
  }

  @Test func `a disk that is full is an error of one line, and the old file stays`() async throws {
    // A limit on the size of files stands for a full disk; HDF5's own files crashed on both.
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      try withTemporaryFolder { folder in
        let (path, large) = (
          "\(folder)/x.h5",
          Samples.random(
            seed: 1, services: 4, columns: 8, rows: 5000)
        )
        try DatasetFile.write(Samples.small, to: path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
        try #require(unsafe setrlimit(fileSizeLimit, &limit) == 0)
        for _ in 0..<3 {
          let error = #expect(throws: DatasetStoreError.self) {
            try DatasetFile.write(large, to: path)
          }
          #expect(error?.description.hasPrefix("\(path): cannot write: ") == true)
          #expect(error?.description.contains("\n") == false)
          #expect(error?.kind == .environment)
          #expect(throws: DatasetStoreError.self) { try DatasetStore(root: folder).save(large) }
        }
        #expect(try DatasetFile.read(path) == Samples.small)
        #expect(try FileSystem.contents(of: folder) == ["x.h5"])
      }
    }
    #expect(result?.standardErrorContent == [])
  }

  @Test func `a named pipe takes the bytes that a file would hold`() throws {
    try withTemporaryFolder { folder in
      let (file, pipe) = ("\(folder)/x.h5", "\(folder)/pipe")
      try DatasetFile.write(Samples.small, to: file)
      let expected = try FileSystem.readFile(at: file, limit: 1 << 20)
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      let reader = Process()
      reader.executableURL = URL(filePath: "/bin/cat")
      reader.arguments = [pipe]
      let output = Pipe()
      reader.standardOutput = output
      try reader.run()
      try DatasetFile.write(Samples.small, to: pipe)
      let taken = try output.fileHandleForReading.readToEnd()
      reader.waitUntilExit()
      #expect(taken.map(Array.init) == expected)
      #expect(FileSystem.item(at: pipe) == .other)
    }
  }

  @Test func `a file of features is no dataset`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.h5"
      try DatasetFile.write(Samples.small, to: path, content: .features)
      let error = #expect(throws: DatasetStoreError.holdsFeatures(path: path)) {
        try DatasetFile.read(path)
      }
      #expect(error?.kind == .invalidInput)
      #expect(
        error?.description
          == "\(path): holds features, not telemetry; name the dataset that they were computed from"
      )
      try DatasetFile.write(Samples.small, to: path, content: .telemetry)
      #expect(try DatasetFile.read(path) == Samples.small)
    }
  }

  @Test func `writing leaves nothing in the folder where the process works`() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        try FileSystem.createDirectories(at: "\(folder)/work")
        try #require(FileManager.default.changeCurrentDirectoryPath("\(folder)/work"))
        try DatasetFile.write(Samples.small, to: "../x.h5")
        let left = try FileSystem.contents(of: ".")
        #expect(left.isEmpty)
      }
    }
  }
}

#if canImport(Glibc)
  private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#else
  private let fileSizeLimit = RLIMIT_FSIZE
#endif
