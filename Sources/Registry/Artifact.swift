public import Storage
public import Telemetry

/// A file of an artifact, in memory.
public struct ArtifactFile: Hashable, Sendable {
  /// Relative path with `/` between its parts.
  public let path: String
  /// The file's content.
  public let bytes: [UInt8]

  /// Makes a file.
  public init(path: String, bytes: [UInt8]) { (self.path, self.bytes) = (path, bytes) }
}

/// A trained model with all that belongs to it: data files, and a manifest that vouches for them.
///
/// A value of this type has been checked: every file has the size and the digest that its manifest
/// states. Nothing in it has been parsed yet.
public struct Artifact: Hashable, Sendable {
  /// Most bytes that the files of an artifact have together.
  public static let sizeLimit = 1 << 30
  /// Most files that an artifact has.
  public static let fileCountLimit = 10_000

  /// The list of files with their digests.
  public let manifest: ArtifactManifest
  /// The files, in the order of the manifest.
  public let files: [ArtifactFile]

  /// SHA-256 of the manifest, 64 hexadecimal digits: the identity of the artifact.
  public var digest: String { manifest.digest }

  /// Makes an artifact of files.
  ///
  /// - Parameters:
  ///   - name: What the model is called; 1 to 63 of a-z, 0-9, `.`, `_` and `-`.
  ///   - files: The content, in any order.
  ///   - properties: An object that says how the artifact was made. No time of day belongs here:
  ///     equal content must have an equal digest.
  ///   - inputs: An object that says what the model has to be fed with; nil where that is not known.
  ///   - expires: Until when the model is meant to be used; nil without an end.
  /// - Throws: `RegistryError` when a name, a path or a size is not allowed.
  /// - Precondition: `properties` and `inputs` are objects.
  public init(
    name: String, files: [ArtifactFile], properties: JSONValue, inputs: JSONValue? = nil,
    expires: Timestamp? = nil
  ) throws {
    for (what, value) in [("properties", properties), ("inputs", inputs ?? [:])] {
      guard case .object = value else {
        preconditionFailure("\(what) of artifact '\(name)' are no object: \(value)")
      }
    }
    try checkModelName(name)
    let ordered = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    let manifest = try ArtifactManifest(
      name: name,
      files: ordered.map {
        ArtifactManifest.Entry(
          path: $0.path, sha256: SHA256Digest.hexadecimal(of: $0.bytes), size: $0.bytes.count)
      },
      properties: properties, inputs: inputs, expires: expires)
    self.init(manifest: manifest, verified: ordered)
  }

  /// The artifact with other files and properties, of which those replace its own that have the same path
  /// or name.
  ///
  /// - Throws: As `init(name:files:properties:inputs:expires:)`.
  public func adding(
    _ others: [ArtifactFile], properties: [String: JSONValue] = [:]
  ) throws -> Artifact {
    let replaced = Set(others.map(\.path))
    var members = properties
    if case .object(let own) = manifest.properties {
      members = own.merging(properties) { $1 }
    }
    return try Artifact(
      name: manifest.name, files: files.filter { !replaced.contains($0.path) } + others,
      properties: .object(members), inputs: manifest.inputs, expires: manifest.expires)
  }

  /// Makes an artifact of files that have just been found to fit the manifest.
  init(manifest: ArtifactManifest, verified files: [ArtifactFile]) {
    (self.manifest, self.files) = (manifest, files)
  }

  /// Makes an artifact of files that a store handed out, and checks every byte of them.
  ///
  /// - Parameter place: Where they came from, for errors.
  /// - Throws: `RegistryError.missingFile`, `.sizeMismatch`, `.digestMismatch`.
  package init(
    manifest: ArtifactManifest, checking files: [ArtifactFile], place: String
  ) throws(RegistryError) {
    let found = Dictionary(files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { $1 })
    var checked: [ArtifactFile] = []
    for entry in manifest.files {
      let file = "\(place)/\(entry.path)"
      guard let bytes = found[entry.path] else { throw .missingFile(path: file) }
      guard bytes.count == entry.size else {
        throw .sizeMismatch(path: file, expected: entry.size, found: "\(bytes.count) bytes")
      }
      let digest = SHA256Digest.hexadecimal(of: bytes)
      guard digest == entry.sha256 else {
        throw .digestMismatch(path: file, expected: entry.sha256, found: digest)
      }
      checked.append(ArtifactFile(path: entry.path, bytes: bytes))
    }
    self.init(manifest: manifest, verified: checked)
  }

  /// Whether two artifacts have equal content, which equal digests prove.
  public static func == (a: Artifact, b: Artifact) -> Bool { a.digest == b.digest }

  /// Hashes the digest.
  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

  /// The content of a file.
  ///
  /// - Throws: `RegistryError.missingFile` when the artifact has no such file.
  public func bytes(of path: String) throws(RegistryError) -> [UInt8] {
    guard let file = files.first(where: { $0.path == path }) else {
      throw .missingFile(path: "artifact '\(manifest.name)', \(path)")
    }
    return file.bytes
  }
}
