public import Signing
internal import Storage

/// A version of a model in a registry.
public struct RegisteredVersion: Hashable, Sendable {
  /// The model's name.
  public let name: String
  /// From 1 on; never used twice.
  public let version: Int
  /// SHA-256 of the version's manifest.
  public let digest: String
  /// The artifact's folder, or its address.
  public let directory: String

  /// Describes a version.
  package init(name: String, version: Int, digest: String, directory: String) {
    (self.name, self.version, self.digest, self.directory) = (name, version, digest, directory)
  }
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
    let (number, expected) = try target(of: reference)
    let version = try registered(reference.name, number)
    guard expected == nil || expected == version.digest else {
      throw RegistryError.digestMismatch(
        path: path(version.directory, ArtifactManifest.fileName),
        expected: "\(expected ?? "") by alias '\(reference.selectorText)'", found: version.digest)
    }
    return version
  }

  /// The version that a reference means, and the digest that an alias pins.
  private func target(
    of reference: VersionReference
  ) throws -> (version: Int, digest: String?) {
    let name = reference.name
    switch reference.selector {
    case .version(let number): return (number, nil)
    case .alias(let alias):
      if let found = try self.alias(alias, of: name) {
        return (found.target.version, found.target.digest)
      }
      throw RegistryError.unknownAlias(
        model: path(root, name), alias: alias, aliases: try aliases(of: name).map(\.name),
        versions: try versions(of: name))
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
  /// - Parameter trust: Whose signatures it needs, which are verified before its manifest is parsed;
  ///   nil for none.
  /// - Throws: As `resolve(_:)` and `SignedArtifact.init(directory:trust:registeredAs:)`.
  public func load(
    _ reference: VersionReference, trust: TrustPolicy? = nil
  ) throws -> LoadedModel {
    let (number, expected) = try target(of: reference)
    let directory = try existingDirectory(of: reference.name, version: number)
    let signed = try SignedArtifact(
      directory: directory, trust: trust, registeredAs: reference.name)
    let digest = signed.artifact.digest
    guard expected == nil || expected == digest else {
      throw RegistryError.digestMismatch(
        path: path(directory, ArtifactManifest.fileName), expected: expected ?? "", found: digest)
    }
    return LoadedModel(
      artifact: signed.artifact,
      registered: RegisteredVersion(
        name: reference.name, version: number, digest: digest, directory: directory),
      signatures: signed.signatures, signers: signed.signers)
  }

  /// Finds a version by `name@alias`, `name@version` or `name`, reads it and checks every byte.
  ///
  /// - Throws: As `resolve(_:)` and `Artifact.load(directory:)`.
  public func load(_ text: String) throws -> LoadedModel {
    try load(VersionReference(parsing: text))
  }
}

extension DirectoryRegistry {
  package static let aliasFolder = "aliases"

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
    let directory = try existingDirectory(of: name, version: number)
    let manifest = try ArtifactManifest.read(directory: directory)
    return RegisteredVersion(
      name: name, version: number, digest: manifest.digest, directory: directory)
  }
}

extension DirectoryRegistry {
  /// A version's folder, which is there.
  private func existingDirectory(of name: String, version: Int) throws -> String {
    let directory = directory(of: name, version: version)
    guard FileSystem.item(at: directory) == .folder else {
      throw RegistryError.unknownVersion(
        model: path(root, name), version: version, available: try versions(of: name))
    }
    return directory
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
