import Diagnostics
import Registry
import Storage
import Telemetry
import Testing

/// What older programs wrote is read, what newer ones wrote is refused.
@Suite struct SchemaMigrationsTests {
  /// Three schemas: the second renames a member, the third makes a number of it.
  private let migrations = SchemaMigrations([
    { $0["size"] = $0.removeValue(forKey: "length") },
    {
      guard case .string(let text)? = $0["size"], let size = Int(text) else { return }
      $0["size"] = .integer(size)
    },
  ])

  private func newest(_ value: JSONValue) throws -> JSONDocument {
    try migrations.newest(JSONDocument(value, source: "x.json"), source: "x.json")
  }

  @Test(
    arguments: [
      ["length": "7"], ["schema_version": 1, "length": "7"], ["schema_version": 2, "size": "7"],
      ["schema_version": 3, "size": 7],
    ] as [JSONValue])
  func `documents of all schemas, and those of before there were any, read alike`(
    document: JSONValue
  ) throws {
    #expect(migrations.newest == 3)
    #expect(try newest(document).value == ["schema_version": 3, "size": 7])
  }

  @Test func `a document of a newer program is refused with the advice to update`() {
    let error = registryError { _ = try newest(["schema_version": 4, "weight": 7]) }
    #expect(error == .newerSchema(path: "x.json", found: 4, supported: 3))
    #expect(error?.kind == .invalidInput)
  }

  @Test(arguments: [["schema_version": 0], ["schema_version": "2"], [1], "x"] as [JSONValue])
  func `what states no schema that there ever was is no document of ours`(document: JSONValue) {
    #expect(throws: StorageError.self) { try newest(document) }
  }

  /// An artifact's manifest as programs wrote it before they said what a model is fed with.
  private static let old = """
    {
      "content_sha256": "f06a24d754d529abe3bdb116052ef9b5ffe87e1e0cb4eb12f938272c4e852222",
      "files": [
        {
          "path": "a/x",
          "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "size": 0
        },
        {
          "path": "b.json",
          "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
          "size": 2
        }
      ],
      "name": "web",
      "properties": {
        "data": "d1",
        "seed": 7
      },
      "schema_version": 1
    }

    """

  @Test func `a manifest of schema 1 keeps its bytes and its digest, and says nothing of inputs`()
    throws
  {
    let bytes = Array(Self.old.utf8)
    let manifest = try ArtifactManifest(parsing: bytes, source: "m.json")
    #expect(manifest.schema == 1)
    #expect(manifest.inputs == nil && manifest.expires == nil)
    #expect(manifest.files.map(\.path) == ["a/x", "b.json"])
    #expect(manifest.properties == ["data": "d1", "seed": 7])
    #expect(manifest.bytes == bytes)
    #expect(manifest.digest == SHA256Digest.hexadecimal(of: bytes))
  }

  @Test func `an artifact of schema 1 is loaded, published and published again as it is`()
    async throws
  {
    let folder = try TemporaryFolder()
    try FileSystem.createDirectories(at: folder("old/a"))
    try FileSystem.writeFileAtomically([], to: folder("old/a/x"))
    try FileSystem.writeFileAtomically(Array("{}".utf8), to: folder("old/b.json"))
    try FileSystem.writeFileAtomically(Array(Self.old.utf8), to: folder("old/manifest.json"))
    let artifact = try Artifact.load(directory: folder("old"))
    let registry = DirectoryRegistry(root: folder("registry"))
    for isNew in [true, false] {
      let published = try registry.publish(artifact, aliases: ["champion"])
      #expect(published.isNew == isNew && published.version == 1)
    }
    #expect(
      try FileSystem.readFile(at: folder("registry/web/1/manifest.json"), limit: 1 << 20)
        == Array(Self.old.utf8))
    #expect(try registry.load("web").artifact == artifact)
    // What is added to it makes another artifact, in the newest schema.
    let judged = try artifact.adding([ArtifactFile(path: "metrics.json", bytes: [])])
    #expect(judged.manifest.schema == ArtifactManifest.schemaVersion)
    #expect(judged.manifest.properties == artifact.manifest.properties)
  }

  @Test func `inputs and expiry are part of the digest, and stay when files are added`() throws {
    func artifact(_ inputs: JSONValue?, _ expires: Timestamp?) throws -> Artifact {
      try Artifact(
        name: "web", files: [ArtifactFile(path: "x", bytes: [1])], properties: [:], inputs: inputs,
        expires: expires)
    }
    let instant = Timestamp(seconds: 1_767_225_600)
    let all = [
      try artifact(nil, nil), try artifact(["interval": "5m"], nil),
      try artifact(["interval": "1m"], nil), try artifact(nil, instant),
    ]
    #expect(Set(all.map(\.digest)).count == 4)
    let full = try artifact(["interval": "5m"], instant)
    let more = try full.adding([ArtifactFile(path: "x", bytes: [2])])
    #expect(more.manifest.inputs == ["interval": "5m"] && more.manifest.expires == instant)
    #expect(more.files == [ArtifactFile(path: "x", bytes: [2])])
    let again = try ArtifactManifest(parsing: full.manifest.bytes, source: "m.json")
    #expect(again == full.manifest)
  }
}
