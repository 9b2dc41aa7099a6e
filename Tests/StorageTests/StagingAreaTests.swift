import Foundation
import Storage
import Synchronization
import Testing

/// A number that tasks share.
private final class Counter: Sendable {
  private let count = Mutex(0)

  /// Adds to the number and returns the sum.
  func add(_ change: Int) -> Int {
    count.withLock { count in
      count += change
      return count
    }
  }
}

@Suite struct StagingAreaTests {
  @Test func `a staged file appears under its name when committed, not before`() throws {
    try withTemporaryFolder { folder in
      let area = try StagingArea(root: "\(folder)/new/root")
      try write("content", to: area.path(for: "x"))
      #expect(try FileSystem.contents(of: area.root) == [".staging"])
      try area.commit("x", to: "deep/er/x")
      #expect(try text(at: "\(area.root)/deep/er/x") == "content")
      area.close()
      #expect(try FileSystem.contents(of: area.root) == ["deep"])
    }
  }

  @Test func `folders made for an area go with it unless something was put there`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/there")
      for root in ["a/b/c", "there", "there/new"] {
        let area = try StagingArea(root: "\(folder)/\(root)")
        _ = try area.path(for: "x/y")
        area.close()
      }
      #expect(try FileSystem.contents(of: folder) == ["there"])
      #expect(try FileSystem.contents(of: "\(folder)/there").isEmpty)
      let area = try StagingArea(root: "\(folder)/a/b")
      try write("1", to: area.path(for: "x"))
      try area.commit("x", to: "x")
      area.close()
      #expect(try text(at: "\(folder)/a/b/x") == "1")
    }
  }

  @Test func `areas that make and remove their folder keep each other out`() async throws {
    try await withTemporaryFolder { folder in
      let root = "\(folder)/root"
      let inside = Counter()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<50 {
              let area = try StagingArea(root: root, wait: true)
              #expect(inside.add(1) == 1)
              _ = try area.path(for: "x/y")
              _ = inside.add(-1)
              area.close()
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(FileSystem.item(at: root) == nil)
    }
  }

  @Test func `a staged folder moves as a whole`() throws {
    try withTemporaryFolder { folder in
      let area = try StagingArea(root: folder)
      try write("a", to: area.path(for: "v1/a"))
      try write("b", to: area.path(for: "v1/inner/b"))
      try area.commit("v1", to: "versions/v1")
      #expect(try FileSystem.contents(of: "\(folder)/versions/v1") == ["a", "inner"])
      #expect(try text(at: "\(folder)/versions/v1/inner/b") == "b")
    }
  }

  @Test func `a file replaces a file, a folder replaces nothing`() throws {
    try withTemporaryFolder { folder in
      let area = try StagingArea(root: folder)
      for content in ["old", "new"] {
        try write(content, to: area.path(for: "x"))
        try area.commit("x", to: "x")
        #expect(try text(at: "\(folder)/x") == content)
      }
      try FileSystem.createDirectories(at: "\(folder)/empty")
      for (name, taken) in [("tree/inner", "x"), ("tree/inner", "empty"), ("y", "empty")] {
        try write("1", to: area.path(for: name))
        let staged = String(name.prefix { $0 != "/" })
        #expect(throws: StorageError.alreadyExists(path: "\(folder)/\(taken)")) {
          try area.commit(staged, to: taken)
        }
      }
      #expect(try text(at: "\(folder)/x") == "new")
    }
  }

  @Test func `a named pipe is neither replaced nor waited for`() throws {
    try withTemporaryFolder { folder in
      try #require(unsafe mkfifo("\(folder)/pipe", 0o600) == 0)
      let area = try StagingArea(root: folder)
      try write("new", to: area.path(for: "x"))
      #expect(throws: StorageError.alreadyExists(path: "\(folder)/pipe")) {
        try area.commit("x", to: "pipe")
      }
      #expect(FileSystem.item(at: "\(folder)/pipe") == .other)
      try #require(unsafe mkfifo(area.path(for: "tree/pipe"), 0o600) == 0)
      try area.commit("tree", to: "tree")
      #expect(FileSystem.item(at: "\(folder)/tree/pipe") == .other)
      try FileSystem.removeTree(at: "\(folder)/tree")
      #expect(FileSystem.item(at: "\(folder)/tree") == nil)
    }
  }

  @Test func `committing what was never staged is an error`() throws {
    try withTemporaryFolder { folder in
      let area = try StagingArea(root: folder)
      let error = #expect(throws: StorageError.self) { try area.commit("x", to: "x") }
      #expect(error == .notFound(path: "\(folder)/.staging/x"))
    }
  }

  @Test func `what a killed process left is removed`() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(at: "\(folder)/.staging/half/done")
      try write("half", to: "\(folder)/.staging/half/done/file")
      let area = try StagingArea(root: folder)
      #expect(try FileSystem.contents(of: folder) == [])
      area.close()
    }
  }

  @Test func `a process killed while it stages leaves nothing that matters`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      let area = try StagingArea(root: folder)
      try FileSystem.writeFileAtomically([1], to: area.path(for: "published"))
      try area.commit("published", to: "published")
      try FileSystem.writeFileAtomically([2], to: area.path(for: "unfinished"))
      kill(getpid(), SIGKILL)
    }
    #expect(try FileSystem.contents(of: folder) == [".staging", "published"])
    let area = try StagingArea(root: folder)
    #expect(try FileSystem.contents(of: area.root) == ["published"])
    #expect(try FileSystem.readFile(at: "\(folder)/published", limit: 10) == [1])
  }

  @Test func `two areas never hold one folder`() throws {
    try withTemporaryFolder { folder in
      let first = try StagingArea(root: folder)
      try write("staged", to: first.path(for: "x"))
      #expect(throws: StorageError.busy(path: folder)) { try StagingArea(root: folder) }
      // The one turned away took nothing from the one that holds the folder.
      try first.commit("x", to: "x")
      first.close()
      first.close()
      try StagingArea(root: folder).close()
    }
  }

  @Test func `an area that goes out of use lets go of its folder`() throws {
    try withTemporaryFolder { folder in
      for _ in 0..<2 {
        let area = try StagingArea(root: folder)
        try write("staged", to: area.path(for: "x"))
      }
      #expect(try FileSystem.contents(of: folder) == [])
    }
  }

  @Test func `an area that waits gets the folder when it is free`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let first = try StagingArea(root: folder)
    let waiter = Task.detached {
      let second = try StagingArea(root: folder, wait: true)
      return FileSystem.item(at: "\(second.root)/x")
    }
    try await Task.sleep(for: .milliseconds(50))
    try write("1", to: first.path(for: "x"))
    try first.commit("x", to: "x")
    first.close()
    #expect(try await waiter.value == .file)
  }

  @Test(arguments: ["", "/x", "a/../b", "..", "a//b", "."])
  func `names that lead elsewhere trap`(name: String) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .failure) {
      [folder = folder as String, name = name as String] in
      let area = try StagingArea(root: folder)
      do { _ = try area.path(for: name) } catch { exit(EXIT_SUCCESS) }
    }
    #expect(try FileSystem.contents(of: folder) == [])
  }
}

private func write(_ text: String, to path: String) throws {
  try FileSystem.createDirectories(at: (path as NSString).deletingLastPathComponent)
  try FileSystem.writeFileAtomically(Array(text.utf8), to: path)
}

private func text(at path: String) throws -> String {
  String(decoding: try FileSystem.readFile(at: path, limit: 1000), as: UTF8.self)
}
