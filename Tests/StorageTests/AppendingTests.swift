import Foundation
import Storage
import Testing

@Suite struct AppendingTests {
  private func temporaryPath() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("append-\(UUID().uuidString)")
      .path
  }

  @Test func `lines are added whole, behind one that was left unfinished too`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.append(line: Array("a".utf8), to: path, limit: 100)
    try FileSystem.append(line: Array("b".utf8), to: path, limit: 100)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    handle.seekToEndOfFile()
    handle.write(Data("{\"torn".utf8))
    try handle.close()
    try FileSystem.append(line: Array("c".utf8), to: path, limit: 100)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "a\nb\n{\"torn\nc\n")
  }

  @Test func `a full file is refused before anything is written`() throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileSystem.append(line: Array("12345".utf8), to: path, limit: 10)
    #expect(throws: StorageError.tooLarge(path: path, limit: 10)) {
      try FileSystem.append(line: Array("12345".utf8), to: path, limit: 10)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "12345\n")
  }

  @Test func `writers at the same time mix no lines`() async throws {
    let path = temporaryPath()
    defer { try? FileManager.default.removeItem(atPath: path) }
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for _ in 0..<20 {
            let line = [UInt8](repeating: 0x61 + UInt8(writer), count: 300)
            try? FileSystem.append(line: line, to: path, limit: 1 << 20)
          }
        }
      }
    }
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 160)
    #expect(lines.allSatisfy { $0.count == 300 && Set($0).count == 1 })
  }
}
