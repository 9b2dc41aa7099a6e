internal import Storage

/// A name that points at one version of a model, such as `champion`, and where it pointed before.
public struct ModelAlias: Hashable, Sendable {
  /// A version, pinned by its digest.
  public struct Target: Hashable, Sendable {
    /// The version's number.
    public let version: Int
    /// SHA-256 of the version's manifest.
    public let digest: String

    /// Makes a target.
    package init(version: Int, digest: String) {
      (self.version, self.digest) = (version, digest)
    }
  }

  /// Most former targets that are kept; older ones are dropped.
  public static let historyLimit = 1000
  /// Largest alias file, in bytes: room for the history twice over.
  package static let sizeLimit = 1 << 18

  /// The alias itself.
  public let name: String
  /// Where it points.
  public let target: Target
  /// Where it pointed before, oldest first.
  public let history: [Target]

  /// Where it pointed before it first came to where it is now: going back twice goes back further.
  public var before: Target? {
    let present = history.lastIndex(of: target) ?? history.endIndex
    return history[..<present].last { $0 != target }
  }

  /// The alias after a move, with its former target in the history.
  package static func moved(_ name: String, from former: ModelAlias?, to target: Target)
    -> ModelAlias
  {
    let history = former.map { $0.history + [$0.target] } ?? []
    return ModelAlias(name: name, target: target, history: history.suffix(historyLimit))
  }

  private init(name: String, target: Target, history: some Collection<Target>) {
    (self.name, self.target, self.history) = (name, target, Array(history))
  }

  /// The alias file's canonical bytes.
  package var bytes: [UInt8] {
    let members = target.members.merging(["history": .array(history.map { .object($0.members) })]) {
      former, _ in former
    }
    return Array(JSONValue.object(members).text(indented: true).utf8)
  }

  /// Reads an alias file.
  ///
  /// - Throws: `RegistryError.damagedRecord`; `StorageError` when there is no file or the system
  ///   fails.
  init(name: String, file: String) throws {
    try self.init(
      name: name, parsing: FileSystem.readFile(at: file, limit: Self.sizeLimit), source: file)
  }

  /// Reads an alias file's bytes.
  ///
  /// - Parameter file: The name to use in errors.
  /// - Throws: `RegistryError.damagedRecord`.
  package init(name: String, parsing bytes: [UInt8], source file: String) throws {
    do {
      let document = JSONDocument(try JSONValue(parsing: bytes, source: file), source: file)
      try self.init(
        name: name, target: Target(document),
        history: document["history"].elements.map { try Target($0) })
    } catch let error as StorageError {
      throw RegistryError.damagedRecord(path: file, reason: "not an alias (\(error))")
    }
  }
}

extension ModelAlias.Target {
  fileprivate var members: [String: JSONValue] {
    ["version": .integer(version), "manifest_sha256": .string(digest)]
  }

  fileprivate init(_ document: JSONDocument) throws {
    version = try document["version"].integer
    digest = try document["manifest_sha256"].string
    guard version >= 1 else { throw document.expected("a version from 1 on") }
    guard isSHA256(digest) else { throw document.expected("64 lower-case hexadecimal digits") }
  }
}
