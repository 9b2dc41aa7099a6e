import Diagnostics
import Registry
import Storage
import Testing

/// Manifests as others might write them.
@Suite struct ArtifactManifestTests {
  private static let digest = String(repeating: "ab", count: 32)

  private func error(_ text: String) -> RegistryError? {
    registryError { _ = try ArtifactManifest(parsing: Array(text.utf8), source: "m.json") }
  }

  private func manifest(
    files: [(String, String, JSONValue)], schema: JSONValue = 1, extra: [String: JSONValue] = [:]
  ) -> String {
    let members: [String: JSONValue] = [
      "schema_version": schema, "name": "web", "properties": [:],
      "files": .array(
        files.map { ["path": .string($0.0), "sha256": .string($0.1), "size": $0.2] }),
    ]
    return sealed(members.merging(extra) { $1 })
  }

  /// The text of a manifest with the digest of its own content, as a capable forger writes it.
  private func sealed(_ content: [String: JSONValue]) -> String {
    let text = JSONValue.object(content).text(indented: true)
    let seal = JSONValue.string(SHA256Digest.hexadecimal(of: Array(text.utf8)))
    return JSONValue.object(content.merging(["content_sha256": seal]) { $1 }).text(indented: true)
  }

  @Test func `the form that the other tests spoil is itself accepted`() throws {
    let text = manifest(files: [("a", Self.digest, 1), ("b", Self.digest, 2)])
    let parsed = try ArtifactManifest(parsing: Array(text.utf8), source: "m.json")
    #expect(parsed.files.map(\.size) == [1, 2])
  }

  @Test func `a newer schema is refused with the advice to update`() {
    let error = error(manifest(files: [], schema: 3, extra: ["new": true]))
    #expect(error == .newerSchema(path: "m.json", found: 3, supported: 2))
    #expect(error?.kind == .invalidInput)
    #expect(
      error?.description.contains("written by a newer version") == true
        && error?.description.contains("update autopilot") == true)
  }

  @Test(arguments: [
    "", "{", "[]", "null", "{}", "{\"schema_version\": 1}", "\u{FEFF}{}",
  ])
  func `what is no manifest is damaged`(text: String) {
    guard case .damagedRecord("m.json", _) = error(text) else {
      Issue.record("accepted or misnamed: \(text)")
      return
    }
    #expect(error(text)?.kind == .integrity)
  }

  @Test func `a truncated manifest is damaged wherever it is cut`() throws {
    let bytes = try sampleArtifact().manifest.bytes
    for length in 0..<bytes.count {
      let error = registryError {
        _ = try ArtifactManifest(parsing: Array(bytes[..<length]), source: "m.json")
      }
      #expect(error?.kind == .integrity, "cut at \(length)")
    }
  }

  @Test func `a manifest that is not in canonical form is damaged`() throws {
    let canonical = manifest(files: [("a", Self.digest, 1)])
    let variants = [
      canonical + "\n", String(canonical.dropLast()),
      canonical.replacing("\"size\": 1", with: "\"size\": 1.0"),
      canonical.replacing("{}", with: "{ }"), canonical.replacing("\"web\"", with: "\"\\u0077eb\""),
    ]
    for text in variants {
      #expect(
        error(text) == .damagedRecord(path: "m.json", reason: "not in canonical form"), "\(text)")
    }
  }

  @Test(
    arguments: [
      [("b", digest, 1), ("a", digest, 1)], [("a", digest, -1)], [("a", digest, 0.5)],
      [("a", String(digest.dropLast()), 1)], [("a", digest.uppercased(), 1)],
      [("a", "", 1)], [("a", digest, "1")], [("../a", digest, 1)], [("/a", digest, 1)],
      [("a\\b", digest, 1)], [("", digest, 1)], [("a", digest, 1), ("a", digest, 1)],
    ] as [[(String, String, JSONValue)]])
  func `bad paths, digests and sizes are an integrity failure`(
    files: [(String, String, JSONValue)]
  ) {
    #expect(error(manifest(files: files))?.kind == .integrity)
  }

  @Test func `every flipped bit of a manifest is refused`() throws {
    let bytes = try sampleArtifact().manifest.bytes
    for bit in 0..<bytes.count * 8 {
      var spoiled = bytes
      spoiled[bit / 8] ^= 1 << (bit % 8)
      let error = registryError { _ = try ArtifactManifest(parsing: spoiled, source: "m.json") }
      #expect(error?.description.hasPrefix("m.json: ") == true, "bit \(bit)")
    }
  }

  @Test func `a changed property is refused though the text is canonical`() throws {
    let text = String(decoding: try sampleArtifact(4).manifest.bytes, as: UTF8.self)
    let error = error(text.replacing("\"seed\": 4", with: "\"seed\": 5"))
    guard case .damagedRecord("m.json", let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.hasPrefix("content has SHA-256"))
  }

  @Test func `an unknown or missing member is damaged`() {
    #expect(error(manifest(files: [], extra: ["more": 1]))?.kind == .integrity)
    #expect(error(manifest(files: [], extra: ["properties": 1]))?.kind == .integrity)
    #expect(error(manifest(files: [], extra: ["inputs": [:]]))?.kind == .integrity)
    let newer: [String: JSONValue] = ["inputs": [:], "expires": "2026-11-23T00:00:00Z"]
    #expect(
      (try? ArtifactManifest(
        parsing: Array(manifest(files: [], schema: 2, extra: newer).utf8), source: "m.json")) != nil
    )
    for (member, value) in [
      ("inputs", 1), ("inputs", []), ("expires", "tomorrow"), ("expires", 7),
      ("expires", "2026-11-23 00:00:00Z"), ("more", 1),
    ] as [(String, JSONValue)] {
      let spoiled = manifest(
        files: [], schema: 2, extra: newer.merging([member: value]) { $1 })
      #expect(error(spoiled)?.kind == .integrity, "\(member)")
    }
    #expect(error(manifest(files: [], schema: 2))?.kind == .integrity)
    #expect(error(manifest(files: [], schema: 0))?.kind == .integrity)
    #expect(error(manifest(files: [], schema: "1"))?.kind == .integrity)
  }

  @Test func `sizes that no artifact has are refused before anything is read`() {
    let limit = Artifact.sizeLimit
    let one = error(manifest(files: [("a", Self.digest, .integer(limit + 1))]))
    #expect(one == .tooLarge(path: "m.json", limit: "\(limit) bytes"))
    let sum = error(
      manifest(files: [("a", Self.digest, .integer(limit)), ("b", Self.digest, 1)]))
    #expect(sum == .tooLarge(path: "m.json", limit: "\(limit) bytes"))
    let huge = error(manifest(files: [("a", Self.digest, 9_007_199_254_740_991)]))
    #expect(huge == .tooLarge(path: "m.json", limit: "\(limit) bytes"))
  }

  @Test func `a name that is unsafe as a file name is refused`() {
    let error = error(manifest(files: [], extra: ["name": "../web"]))
    #expect(error == .invalidName("../web", role: "model name"))
  }
}
