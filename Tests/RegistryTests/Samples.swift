import Foundation
import Registry
import Storage
import Testing

/// A folder for one test, removed with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/registry-\(UUID().uuidString)"
    try FileSystem.createDirectories(at: path)
  }

  deinit { try? FileSystem.removeTree(at: path) }

  /// A path in the folder.
  func callAsFunction(_ relative: String) -> String { "\(path)/\(relative)" }
}

/// A small artifact of three files, one of them empty and one in a folder of its own.
func sampleArtifact(_ seed: Int = 0, name: String = "checkout") throws -> Artifact {
  try Artifact(
    name: name,
    files: [
      ArtifactFile(
        path: "model/weights.safetensors", bytes: (0..<200).map { UInt8($0 ^ seed & 255) }),
      ArtifactFile(path: "notes.txt", bytes: []),
      ArtifactFile(path: "card.md", bytes: Array("# Model \(seed)\n".utf8)),
    ],
    properties: ["seed": .integer(seed), "metrics": ["auc": 0.5, "best": .number(.infinity)]])
}

/// Every file below a folder with its content.
func contents(of folder: String) throws -> [String: [UInt8]] {
  var found: [String: [UInt8]] = [:]
  for name in try FileSystem.contents(of: folder) {
    let path = "\(folder)/\(name)"
    if FileSystem.item(at: path) == .folder {
      for (inner, bytes) in try contents(of: path) { found["\(name)/\(inner)"] = bytes }
    } else {
      found[name] = try FileSystem.readFile(at: path, limit: 1 << 20)
    }
  }
  return found
}

/// The `RegistryError` that a piece of code throws; another outcome is recorded as an issue.
func registryError(_ body: () throws -> Void) -> RegistryError? {
  do {
    try body()
    Issue.record("nothing was thrown")
  } catch let error as RegistryError {
    return error
  } catch {
    Issue.record("another error: \(error)")
  }
  return nil
}

/// The same for code that waits.
func asyncRegistryError(_ body: () async throws -> Void) async -> RegistryError? {
  do {
    try await body()
    Issue.record("nothing was thrown")
  } catch let error as RegistryError {
    return error
  } catch {
    Issue.record("another error: \(error)")
  }
  return nil
}
