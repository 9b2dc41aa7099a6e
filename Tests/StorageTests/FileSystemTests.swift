import Diagnostics
import Foundation
import Storage
import Testing

@Suite struct FileSystemTests {
  @Test(arguments: [0, 1, 4096, 200_000])
  func `a file survives a round trip`(count: Int) throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try FileSystem.writeFileAtomically(bytes, to: "\(folder)/x")
      #expect(try FileSystem.readFile(at: "\(folder)/x", limit: count) == bytes)
      #expect(try FileSystem.contents(of: folder) == ["x"])
    }
  }

  @Test func `a file over the limit is refused`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x"
      try FileSystem.writeFileAtomically([1, 2, 3], to: path)
      #expect(throws: StorageError.tooLarge(path: path, limit: 2)) {
        try FileSystem.readFile(at: path, limit: 2)
      }
      #expect(throws: StorageError.tooLarge(path: "/dev/zero", limit: 100_000)) {
        try FileSystem.readFile(at: "/dev/zero", limit: 100_000)
      }
    }
  }

  @Test func `what is no readable file is refused by name`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: StorageError.notFound(path: "\(folder)/none")) {
        try FileSystem.readFile(at: "\(folder)/none", limit: 10)
      }
      #expect(throws: StorageError.notAFile(path: folder)) {
        try FileSystem.readFile(at: folder, limit: 10)
      }
      #expect(throws: StorageError.emptyPath(operation: "read")) {
        try FileSystem.readFile(at: "", limit: 10)
      }
    }
  }

  @Test func `a compressed file is known by its content and identified by its bytes on disk`()
    throws
  {
    try withTemporaryFolder { folder in
      let content = Array("{\"a\": 1}".utf8)
      let stored = Gzip.compress(content)
      try FileSystem.writeFileAtomically(stored, to: "\(folder)/x.json")
      try FileSystem.writeFileAtomically(content, to: "\(folder)/y.gz")
      let packed = try FileSystem.readPossiblyCompressed(at: "\(folder)/x.json", limit: 100)
      let plain = try FileSystem.readPossiblyCompressed(at: "\(folder)/y.gz", limit: 100)
      #expect(packed.bytes == content)
      #expect(packed.sha256 == SHA256Digest.hexadecimal(of: stored))
      #expect(packed.sizeOnDisk == stored.count)
      #expect(plain.bytes == content)
      #expect(plain.sha256 == SHA256Digest.hexadecimal(of: content))
    }
  }

  @Test func `writing replaces the old content and the partial file of a killed run`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.json"
      try FileSystem.writeFileAtomically(Array("old, and longer".utf8), to: path)
      try FileSystem.writeFileAtomically(
        Array("left by a killed run".utf8), to: "\(folder)/.x.json.partial")
      try FileSystem.writeFileAtomically(Array("new".utf8), to: path)
      #expect(try FileSystem.readFile(at: path, limit: 100) == Array("new".utf8))
      #expect(try FileSystem.contents(of: folder) == ["x.json"])
    }
  }

  @Test func `folders are created with those above and may exist`() throws {
    try withTemporaryFolder { folder in
      for _ in 0..<2 { try FileSystem.createDirectories(at: "\(folder)/a/b/c") }
      #expect(FileSystem.item(at: "\(folder)/a/b/c") == .folder)
      try FileSystem.writeFileAtomically([], to: "\(folder)/file")
      for path in ["\(folder)/file", "\(folder)/file/below", "\(folder)/file/below/that"] {
        let error = #expect(
          throws: StorageError.notAFolder(path: path, component: "\(folder)/file")
        ) { try FileSystem.createDirectories(at: path) }
        #expect(error?.kind == .invalidInput)
      }
      #expect(throws: StorageError.emptyPath(operation: "create folder")) {
        try FileSystem.createDirectories(at: "")
      }
    }
  }

  @Test func `folders are created while others remove them`() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/a/b"
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<2000 {
              try FileSystem.createDirectories(at: path)
              try? FileSystem.removeTree(at: "\(folder)/a")
            }
          }
        }
        try await group.waitForAll()
      }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/nowhere")
      for path in ["\(folder)/link", "\(folder)/link/below"] {
        #expect(throws: StorageError.self) { try FileSystem.createDirectories(at: path) }
      }
    }
  }

  @Test func `contents come sorted by their bytes`() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "a", "Z", ".hidden", "ä", "10", "9"] {
        try FileSystem.writeFileAtomically([], to: "\(folder)/\(name)")
      }
      #expect(
        try FileSystem.contents(of: folder) == [".hidden", "10", "9", "Z", "a", "b", "ä"])
      #expect(throws: StorageError.notFound(path: "\(folder)/none")) {
        try FileSystem.contents(of: "\(folder)/none")
      }
    }
  }

  @Test func `removing a tree stays within it`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/tree/inner")
      try FileSystem.writeFileAtomically([1], to: "\(folder)/outside")
      try FileSystem.writeFileAtomically([1], to: "\(folder)/tree/inner/x")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/tree/link", withDestinationPath: folder)
      try FileSystem.removeTree(at: "\(folder)/tree")
      #expect(try FileSystem.contents(of: folder) == ["outside"])
      try FileSystem.removeTree(at: "\(folder)/tree")
    }
  }

  @Test func `an item is what its own name says, not what a link points to`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.writeFileAtomically([], to: "\(folder)/x")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/none")
      #expect(FileSystem.item(at: "\(folder)/x") == .file)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/other", withDestinationPath: "pipe")
      try #require(unsafe mkfifo("\(folder)/pipe", 0o600) == 0)
      #expect(FileSystem.item(at: "\(folder)/link") == .link)
      #expect(FileSystem.item(at: "\(folder)/link", followingLinks: true) == nil)
      #expect(FileSystem.item(at: "\(folder)/other") == .link)
      #expect(FileSystem.item(at: "\(folder)/other", followingLinks: true) == .other)
      #expect(FileSystem.item(at: "\(folder)/pipe") == .other)
      #expect(FileSystem.item(at: "/dev/null") == .other)
      #expect(FileSystem.item(at: folder) == .folder)
      #expect(FileSystem.item(at: "\(folder)/none") == nil)
    }
  }
}
