import Foundation

/// Calls `body` with the path of a new empty folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// A file beside the tests.
func testFile(_ name: String) -> String {
  URL(filePath: #filePath).deletingLastPathComponent().appending(path: name).path
}

/// The path of a folder that does not exist yet.
func testFolder() -> String {
  FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
}

/// Removes a folder with all that is in it.
func remove(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
