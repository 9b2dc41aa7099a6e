import Foundation
import Signing
import Storage
import Testing

/// A folder that is removed with the value.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/signing-\(UUID().uuidString)"
    try FileSystem.createDirectories(at: path)
  }

  deinit { try? FileSystem.removeTree(at: path) }

  func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ name: String, _ text: String) throws -> String {
    try FileSystem.writeFileAtomically(Array(text.utf8), to: "\(path)/\(name)")
    return "\(path)/\(name)"
  }
}

/// The `SigningError` that a piece of code throws; another outcome is recorded as an issue.
func signingError(_ body: () throws -> Void) -> SigningError? {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch let error as SigningError {
    return error
  } catch {
    Issue.record("another error: \(error)")
  }
  return nil
}

/// A statement about two files.
func sampleStatement(_ digit: Character = "a") -> ModelStatement {
  ModelStatement(
    name: "shop",
    files: [
      "manifest.json": String(repeating: digit, count: 64),
      "b/weights": String(repeating: "1", count: 64),
    ])
}
