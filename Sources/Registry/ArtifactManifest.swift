public import Storage
public import Telemetry

/// The list of an artifact's files with their digests, and what is known of how it was made.
///
/// Its bytes are canonical: equal manifests have equal bytes, so their SHA-256 identifies the
/// artifact. It holds no time of writing, so equal content always has an equal digest. Its member
/// `content_sha256` is the SHA-256 of the canonical text without that member, so that damage to
/// the manifest itself shows; against intent only a digest or a signature kept elsewhere helps.
public struct ArtifactManifest: Hashable, Sendable {
  /// One file of the artifact.
  public struct Entry: Hashable, Sendable {
    /// Relative path with `/` between its parts.
    public let path: String
    /// SHA-256 of the file's bytes, 64 lower-case hexadecimal digits.
    public let sha256: String
    /// The file's size in bytes.
    public let size: Int

    /// Describes a file.
    init(path: String, sha256: String, size: Int) {
      (self.path, self.sha256, self.size) = (path, sha256, size)
    }
  }

  /// The manifest's file name, which no file of an artifact can have.
  public static let fileName = "manifest.json"
  /// The newest form of the manifest that this program reads, and the one that it writes.
  public static var schemaVersion: Int { migrations.newest }
  /// Largest manifest, in bytes.
  public static let sizeLimit = 16 << 20

  /// What the model is called.
  public let name: String
  /// The files in ascending order of the UTF-8 bytes of their paths.
  public let files: [Entry]
  /// How the artifact was made and how good it is: digests of data and configuration, seed,
  /// training window, metrics. An object.
  public let properties: JSONValue
  /// What the model has to be fed with; nil in manifests of schema 1, which did not say. An object.
  public let inputs: JSONValue?
  /// Until when the model is meant to be used; nil without an end.
  public let expires: Timestamp?
  /// The schema of the stored bytes.
  public let schema: Int
  /// The canonical bytes of the manifest.
  public let bytes: [UInt8]
  /// SHA-256 of `bytes`, 64 hexadecimal digits: the identity of the artifact.
  public let digest: String

  /// Describes files.
  ///
  /// - Throws: `RegistryError` for a bad name or path, `StorageError` when the properties cannot
  ///   be read back because they are nested too deeply.
  init(
    name: String, files: [Entry], properties: JSONValue, inputs: JSONValue?, expires: Timestamp?
  ) throws {
    let ordered = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let content: [String: JSONValue] = [
      "schema_version": .integer(Self.schemaVersion), "name": .string(name),
      "files": .array(
        ordered.map {
          ["path": .string($0.path), "sha256": .string($0.sha256), "size": .integer($0.size)]
        }),
      "properties": properties, "inputs": inputs ?? .null,
      "expires": expires.map { .string($0.description) } ?? .null,
    ]
    let seal = ["content_sha256": JSONValue.string(contentDigest(of: content))]
    let text = JSONValue.object(content.merging(seal) { $1 }).text(indented: true)
    // Reading what is written makes sure that whatever can be written can be loaded.
    try self.init(parsing: Array(text.utf8), source: "artifact '\(name)'")
  }

  /// Reads a manifest of this or an older schema, and refuses one that no program of ours would have
  /// written byte for byte.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `RegistryError`.
  public init(parsing bytes: [UInt8], source: String) throws {
    guard bytes.count <= Self.sizeLimit else {
      throw RegistryError.tooLarge(path: source, limit: "a manifest of \(Self.sizeLimit) bytes")
    }
    do {
      let root = try JSONValue(parsing: bytes, source: source)
      let stored = JSONDocument(root, source: source)
      schema = try Self.checkForm(of: stored, bytes: bytes, source: source)
      let document = try Self.migrations.newest(stored, source: source)
      name = try document["name"].string
      files = try document["files"].elements.map {
        Entry(
          path: try $0["path"].string, sha256: try $0["sha256"].string,
          size: try $0["size"].integer)
      }
      properties = try document["properties"].value
      _ = try document["properties"].members
      inputs = try document.optional("inputs")?.value
      _ = try document.optional("inputs")?.members
      expires = try document.optional("expires").map { member in
        guard let instant = Timestamp(rfc3339: try member.string),
          instant.description == (try member.string)
        else { throw member.expected("an instant such as 2026-11-23T00:00:00Z") }
        return instant
      }
    } catch let error as StorageError {
      throw RegistryError.damagedRecord(path: source, reason: "not a manifest (\(error))")
    }
    self.bytes = bytes
    digest = SHA256Digest.hexadecimal(of: bytes)
    try checkModelName(name)
    try checkPaths(of: files, source: source)
    try checkFigures(source: source)
  }

  /// Checks that a document is of a schema we know, canonical, and as it was when it was written.
  ///
  /// - Returns: Its schema.
  private static func checkForm(
    of document: JSONDocument, bytes: [UInt8], source: String
  ) throws -> Int {
    _ = try document[SchemaMigrations.member]
    let schema = try migrations.schema(of: document, source: source)
    guard document.value.text(indented: true).utf8.elementsEqual(bytes) else {
      throw RegistryError.damagedRecord(path: source, reason: "not in canonical form")
    }
    let stated = try document["content_sha256"].string
    var content: [String: JSONValue] = [:]
    for (key, member) in try document.members where key != "content_sha256" {
      content[key] = member.value
    }
    let found = contentDigest(of: content)
    guard stated == found else {
      throw RegistryError.damagedRecord(
        path: source, reason: "content has SHA-256 \(found), states \(stated)")
    }
    guard Set(content.keys) == members[schema - 1] else {
      throw document.expected("the members of schema \(schema) alone")
    }
    return schema
  }

  /// Checks the form of digests and the sizes against what an artifact may hold.
  private func checkFigures(source: String) throws(RegistryError) {
    guard files.count <= Artifact.fileCountLimit else {
      throw .tooLarge(path: source, limit: "\(Artifact.fileCountLimit) files")
    }
    var total = 0
    for file in files {
      guard file.size >= 0, isSHA256(file.sha256) else {
        throw .damagedRecord(path: source, reason: "bad size or digest of file '\(file.path)'")
      }
      guard file.size <= Artifact.sizeLimit - total else {
        throw .tooLarge(path: source, limit: "\(Artifact.sizeLimit) bytes")
      }
      total += file.size
    }
  }
}

extension ArtifactManifest {
  /// The members of each schema from 1 on, beside the digest of their content.
  private static let members: [Set<String>] = [
    ["schema_version", "name", "files", "properties"],
    ["schema_version", "name", "files", "properties", "inputs", "expires"],
  ]

  /// What came with each schema from 2 on.
  private static let migrations = SchemaMigrations([
    // Schema 2 says what the model is fed with and until when it is meant to be used.
    { manifest in
      manifest["inputs"] = .null
      manifest["expires"] = .null
    }
  ])
}

/// The SHA-256 of a manifest's canonical text without the member that holds it.
private func contentDigest(of content: [String: JSONValue]) -> String {
  SHA256Digest.hexadecimal(of: Array(JSONValue.object(content).text(indented: true).utf8))
}

/// Whether a text is a SHA-256 as this program spells it.
func isSHA256(_ text: String) -> Bool {
  text.utf8.count == 64
    && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
}
