import Diagnostics
import Foundation
import Storage
import Testing

/// Where the bytes of an output go when its path is no plain file.
@Suite struct FileWritingTests {
  @Test func `a link is followed and stays a link`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/data")
      try FileSystem.writeFileAtomically(Array("old".utf8), to: "\(folder)/data/x")
      try link("\(folder)/direct", to: "data/x")
      try link("\(folder)/indirect", to: "\(folder)/direct")
      try FileSystem.writeFileAtomically(Array("new".utf8), to: "\(folder)/indirect")
      #expect(FileSystem.item(at: "\(folder)/direct") == .link)
      #expect(FileSystem.item(at: "\(folder)/indirect") == .link)
      #expect(FileSystem.item(at: "\(folder)/data/x") == .file)
      #expect(try FileSystem.readFile(at: "\(folder)/data/x", limit: 10) == Array("new".utf8))
      #expect(try FileSystem.contents(of: folder) == ["data", "direct", "indirect"])
      #expect(try FileSystem.contents(of: "\(folder)/data") == ["x"])
    }
  }

  @Test func `of many writers at once the last one's content is there whole`() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/x"
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in UInt8(0)..<6 {
          group.addTask {
            for _ in 0..<40 {
              try FileSystem.writeFileAtomically(
                [UInt8](repeating: writer, count: 20_000 + 1000 * Int(writer)), to: path)
            }
          }
        }
        group.addTask {
          for _ in 0..<200 {
            guard FileSystem.item(at: path) != nil else { continue }
            let bytes = try FileSystem.readFile(at: path, limit: 100_000)
            let writer = try #require(bytes.first)
            #expect(bytes == [UInt8](repeating: writer, count: 20_000 + 1000 * Int(writer)))
          }
        }
        try await group.waitForAll()
      }
      #expect(try FileSystem.contents(of: folder) == ["x"])
    }
  }

  @Test func `a file that is replaced passes its permissions on`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.writeFileAtomically([1], to: "\(folder)/x")
      try #require(unsafe chmod("\(folder)/x", 0o600) == 0)
      try FileSystem.writeFileAtomically([2], to: "\(folder)/x")
      var status = stat()
      try #require(unsafe stat("\(folder)/x", &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
  }

  @Test func `a link where the bytes would be gathered is not followed`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.writeFileAtomically([1], to: "\(folder)/precious")
      try link("\(folder)/.x.partial", to: "precious")
      #expect(throws: StorageError.self) {
        try FileSystem.writeFileAtomically([2], to: "\(folder)/x")
      }
      #expect(try FileSystem.readFile(at: "\(folder)/precious", limit: 10) == [1])
    }
  }

  @Test func `a link to a file that does not exist yet makes that file`() throws {
    try withTemporaryFolder { folder in
      try link("\(folder)/link", to: "x")
      try FileSystem.writeFileAtomically([1], to: "\(folder)/link")
      #expect(FileSystem.item(at: "\(folder)/link") == .link)
      #expect(try FileSystem.readFile(at: "\(folder)/x", limit: 10) == [1])
    }
  }

  @Test func `links that lead in a circle are refused`() throws {
    try withTemporaryFolder { folder in
      try link("\(folder)/a", to: "b")
      try link("\(folder)/b", to: "a")
      #expect(
        throws: StorageError.system(
          operation: "write", path: "\(folder)/a", reason: "too many symbolic links")
      ) { try FileSystem.writeFileAtomically([1], to: "\(folder)/a") }
    }
  }

  @Test func `a named pipe takes the bytes and stays a pipe, also behind a link`() throws {
    try withTemporaryFolder { folder in
      // Nobody reads while we write, so the bytes must fit into the pipe's buffer.
      let bytes = [UInt8](repeating: 7, count: 1000)
      let pipe = "\(folder)/pipe"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      try link("\(folder)/link", to: "pipe")
      let reader = unsafe open(pipe, O_RDONLY | O_NONBLOCK)
      try #require(reader >= 0)
      defer { close(reader) }
      for path in [pipe, "\(folder)/link"] {
        try FileSystem.writeFileAtomically(bytes, to: path)
        var taken = [UInt8](repeating: 0, count: 2000)
        #expect(unsafe read(reader, &taken, taken.count) == bytes.count)
        #expect(Array(taken.prefix(bytes.count)) == bytes)
        #expect(FileSystem.item(at: pipe) == .other)
      }
      #expect(try FileSystem.contents(of: folder) == ["link", "pipe"])
    }
  }

  @Test func `a path of an open descriptor appends to what it has been given`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/log"
      try FileSystem.writeFileAtomically(Array("first ".utf8), to: path)
      let file = unsafe open(path, O_WRONLY | O_APPEND)
      try #require(file >= 0)
      defer { close(file) }
      try link("\(folder)/link", to: "/dev/fd/\(file)")
      try FileSystem.writeFileAtomically(Array("second ".utf8), to: "/dev/fd/\(file)")
      try FileSystem.writeFileAtomically(Array("third".utf8), to: "\(folder)/link")
      #expect(
        try FileSystem.readFile(at: path, limit: 100) == Array("first second third".utf8))
    }
  }

  @Test func `a folder is refused, whatever leads to it`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/taken/inner")
      try link("\(folder)/link", to: "taken")
      for path in ["\(folder)/taken", "\(folder)/taken/", "\(folder)/link", "\(folder)/new/"] {
        let error = #expect(throws: StorageError.notAFile(path: path)) {
          try FileSystem.writeFileAtomically([1], to: path)
        }
        #expect(error?.description == "\(path): is a folder; name a file")
      }
      #expect(try FileSystem.contents(of: folder) == ["link", "taken"])
      #expect(try FileSystem.contents(of: "\(folder)/taken") == ["inner"])
    }
  }

  @Test func `a path that cannot hold a file is refused with the part that is wrong`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.writeFileAtomically([], to: "\(folder)/file")
      try link("\(folder)/nowhere", to: "none/x")
      let refusals = [
        ("", "cannot write: the path is empty; name one"),
        (
          "\(folder)/none/x",
          "\(folder)/none/x: the folder '\(folder)/none' does not exist; create it or choose "
            + "another path"
        ),
        (
          "\(folder)/nowhere",
          "\(folder)/nowhere: the folder '\(folder)/none' does not exist; create it or choose "
            + "another path"
        ),
        (
          "\(folder)/file/x",
          "\(folder)/file/x: '\(folder)/file' is not a folder; choose another path"
        ),
        (
          "\(folder)/file/a/b",
          "\(folder)/file/a/b: '\(folder)/file' is not a folder; choose another path"
        ),
      ]
      for (path, message) in refusals {
        let error = #expect(throws: StorageError.self) {
          try FileSystem.writeFileAtomically([1], to: path)
        }
        #expect(error?.description == message)
        #expect(error?.kind == .invalidInput)
      }
    }
  }

  @Test func `an output beyond what may be written is an error that names it`() async throws {
    // A limit on the size of files stands for a full disk: the process would not survive either.
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 10_000, rlim_max: 10_000)
        try #require(unsafe setrlimit(fileSizeLimit, &limit) == 0)
        let path = "\(folder)/x"
        try FileSystem.writeFileAtomically([1], to: path)
        let error = #expect(throws: StorageError.self) {
          try FileSystem.writeFileAtomically([UInt8](repeating: 0, count: 20_000), to: path)
        }
        #expect(error?.description.hasPrefix("\(path): cannot write: ") == true)
        #expect(error?.kind == .environment)
        #expect(try FileSystem.readFile(at: path, limit: 10) == [1])
        #expect(try FileSystem.contents(of: folder) == ["x"])
      }
    }
  }
}

#if canImport(Glibc)
  private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#else
  private let fileSizeLimit = RLIMIT_FSIZE
#endif

private func link(_ path: String, to destination: String) throws {
  try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: destination)
}
