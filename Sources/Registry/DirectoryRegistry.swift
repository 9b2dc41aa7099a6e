internal import Storage

/// A version of a model in a registry.
public struct RegisteredVersion: Hashable, Sendable {
  /// The model's name.
  public let name: String
  /// From 1 on; never used twice.
  public let version: Int
  /// SHA-256 of the version's manifest.
  public let digest: String
  /// The artifact's folder.
  public let directory: String
}

/// Versions of models in a plain folder, without a server.
///
///     <root>/<name>/<version>/              an artifact; never changed once it is there
///     <root>/<name>/aliases/<alias>.json    which version the alias points at, and the history
///
/// Everything appears by renaming what is complete and on the disk, so that readers need no lock
/// and a process killed at any moment leaves the state before or after, and at most `.staging`
/// beside the models, which the next change removes. Changes hold a lock on the root and wait for
/// each other.
public struct DirectoryRegistry: Sendable {
  /// The registry's folder.
  public let root: String

  /// Names a registry; nothing is read, and the folder is created by the first publishing.
  public init(root: String) { self.root = root }

  /// The models' names in ascending order.
  ///
  /// - Throws: `RegistryError.noRegistry` when the folder does not exist; `StorageError`.
  public func names() throws -> [String] {
    guard let entries = try contentsIfPresent(of: root) else {
      throw RegistryError.noRegistry(path: root)
    }
    return entries.filter {
      isModelName($0) && FileSystem.item(at: path(root, $0)) == .folder
    }
  }

  /// The versions of a model in ascending order.
  ///
  /// - Throws: `RegistryError.unknownModel` with the names there are, `.noRegistry`,
  ///   `.invalidName`; `StorageError`.
  public func versions(of name: String) throws -> [Int] {
    try entries(of: name).compactMap { version(spelledBy: $0) }
      .filter { FileSystem.item(at: directory(of: name, version: $0)) == .folder }
      .sorted()
  }

  /// The aliases of a model in ascending order of their names.
  ///
  /// - Throws: As `versions(of:)`, and `RegistryError.damagedRecord`.
  public func aliases(of name: String) throws -> [ModelAlias] {
    guard try entries(of: name).contains(Self.aliasFolder) else { return [] }
    return try FileSystem.contents(of: path(root, "\(name)/\(Self.aliasFolder)")).compactMap {
      guard $0.hasSuffix(".json") else { return nil }
      let alias = String($0.dropLast(".json".count))
      return isAlias(alias) ? try self.alias(alias, of: name) : nil
    }
  }

  /// Finds the version that a reference means, and checks its manifest.
  ///
  /// - Throws: `RegistryError`, which lists what there is when the reference leads nowhere;
  ///   `StorageError` when the system fails.
  public func resolve(_ reference: VersionReference) throws -> RegisteredVersion {
    let name = reference.name
    switch reference.selector {
    case .version(let number):
      return try registered(name, number)
    case .alias(let alias):
      guard let found = try self.alias(alias, of: name) else {
        throw RegistryError.unknownAlias(
          model: path(root, name), alias: alias, aliases: try aliases(of: name).map(\.name),
          versions: try versions(of: name))
      }
      let version = try registered(name, found.target.version)
      guard version.digest == found.target.digest else {
        throw RegistryError.digestMismatch(
          path: path(version.directory, ArtifactManifest.fileName),
          expected: "\(found.target.digest) by alias '\(alias)'", found: version.digest)
      }
      return version
    }
  }

  /// Finds the version that `name@alias`, `name@version` or `name` means, and checks its manifest.
  ///
  /// - Throws: As `resolve(_:)` of a parsed reference, and when the text is none.
  public func resolve(_ text: String) throws -> RegisteredVersion {
    try resolve(VersionReference(parsing: text))
  }

  /// Finds a version, reads it and checks every byte.
  ///
  /// - Throws: As `resolve(_:)` and `Artifact.load(directory:)`.
  public func load(_ reference: VersionReference) throws -> LoadedModel {
    let version = try resolve(reference)
    let artifact = try Artifact.load(directory: version.directory)
    guard artifact.digest == version.digest else {
      throw RegistryError.digestMismatch(
        path: path(version.directory, ArtifactManifest.fileName), expected: version.digest,
        found: artifact.digest)
    }
    return LoadedModel(artifact: artifact, registered: version)
  }

  /// Finds a version by `name@alias`, `name@version` or `name`, reads it and checks every byte.
  ///
  /// - Throws: As `resolve(_:)` and `Artifact.load(directory:)`.
  public func load(_ text: String) throws -> LoadedModel {
    try load(VersionReference(parsing: text))
  }
}

extension DirectoryRegistry {
  static let aliasFolder = "aliases"

  func directory(of name: String, version: Int) -> String { path(root, "\(name)/\(version)") }

  /// An alias's file, relative to the root.
  static func aliasFile(_ alias: String, of name: String) -> String {
    "\(name)/\(aliasFolder)/\(alias).json"
  }

  /// The names in a model's folder.
  private func entries(of name: String) throws -> [String] {
    try checkModelName(name)
    if let entries = try contentsIfPresent(of: path(root, name)) { return entries }
    throw RegistryError.unknownModel(registry: root, name: name, available: try names())
  }

  /// An alias, or nil when the model has no such alias.
  func alias(_ alias: String, of name: String) throws -> ModelAlias? {
    do {
      return try ModelAlias(name: alias, file: path(root, Self.aliasFile(alias, of: name)))
    } catch StorageError.notFound {
      return nil
    }
  }

  /// A version by its number.
  func registered(_ name: String, _ number: Int) throws -> RegisteredVersion {
    let directory = directory(of: name, version: number)
    guard FileSystem.item(at: directory) == .folder else {
      throw RegistryError.unknownVersion(
        model: path(root, name), version: number, available: try versions(of: name))
    }
    let manifest = try ArtifactManifest.read(directory: directory)
    return RegisteredVersion(
      name: name, version: number, digest: manifest.digest, directory: directory)
  }
}

/// The names in a folder, or nil when there is no such folder.
private func contentsIfPresent(of folder: String) throws(StorageError) -> [String]? {
  do throws(StorageError) {
    return try FileSystem.contents(of: folder)
  } catch {
    guard case .notFound = error else { throw error }
    return nil
  }
}
