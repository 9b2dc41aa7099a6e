import Companions
import Diagnostics
import Foundation
import Registry
import RemoteRegistry
import Storage
import Testing

/// A small artifact of four files, one of them empty and one in a folder of its own.
func sampleArtifact(_ seed: Int = 0, name: String = "checkout", size: Int = 200) throws -> Artifact
{
  var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1
  let weights = (0..<size).map { _ -> UInt8 in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
  return try Artifact(
    name: name,
    files: [
      ArtifactFile(path: "model/weights.safetensors", bytes: weights),
      ArtifactFile(path: "notes ü&<>.txt", bytes: []),
      // Not all have the same files.
      ArtifactFile(path: "extra-\(seed).json", bytes: Array("{}".utf8)),
      ArtifactFile(path: "card.md", bytes: Array("# Model \(seed)\n".utf8)),
    ],
    properties: ["seed": .integer(seed), "dataset": "1234"])
}

/// The error that a piece of code throws, if it is one that we diagnose.
func diagnosed(_ body: () async throws -> Void) async -> (any DiagnosedError)? {
  do {
    try await body()
    Issue.record("nothing was thrown")
  } catch let error as any DiagnosedError {
    return error
  } catch {
    Issue.record("another error: \(error)")
  }
  return nil
}

/// A registry that a real server keeps, for as long as the value lives.
protocol LiveRegistry: Sendable {
  /// Where it is, such as `s3://models/registry`.
  var location: String { get }
  /// What leads there.
  var environment: [String: String] { get }
  /// Replaces a file of a version behind the registry's back.
  func damage(_ path: String, ofVersion version: Int, _ change: ([UInt8]) -> [UInt8]) async throws
}

extension LiveRegistry {
  /// Another client, with nothing remembered.
  func open() throws -> any ModelStore {
    try RemoteStores.catalogue(environment: environment).open(location)
  }

  /// Runs the tool with the registry's environment.
  func autopilot(
    _ arguments: String...
  ) async throws -> (code: Int32, output: String, errors: String) {
    try await run(tool, arguments, environment: environment)
  }
}
