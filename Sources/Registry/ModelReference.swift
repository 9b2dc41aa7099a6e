public import Signing

/// Which version of a model is meant: `name@champion`, `name@3`, or `name` for its champion.
public struct VersionReference: Hashable, Sendable, CustomStringConvertible {
  /// How a version is chosen.
  public enum Selector: Hashable, Sendable {
    /// Where an alias points.
    case alias(String)
    /// A number.
    case version(Int)
  }

  /// The alias that is meant when none is given.
  public static let defaultAlias = "champion"

  /// The model's name.
  public let name: String
  /// Which of its versions.
  public let selector: Selector

  /// Makes a reference.
  ///
  /// - Throws: `RegistryError.invalidName`.
  public init(name: String, selector: Selector) throws(RegistryError) {
    try checkModelName(name)
    if case .alias(let alias) = selector { try checkAlias(alias) }
    (self.name, self.selector) = (name, selector)
  }

  /// A version by its number.
  ///
  /// - Throws: `RegistryError.invalidName`.
  package static func number(
    _ version: Int, of name: String
  ) throws(RegistryError) -> VersionReference {
    try VersionReference(name: name, selector: .version(version))
  }

  /// Reads `name`, `name@alias` or `name@version`.
  ///
  /// - Throws: `RegistryError.invalidReference` or `.invalidName`.
  public init(parsing text: String) throws(RegistryError) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      try self.init(name: text, selector: .alias(Self.defaultAlias))
      return
    }
    let selector = String(parts[1])
    if selector.isEmpty {
      throw .invalidReference(text, reason: "nothing after the @")
    }
    if let number = version(spelledBy: selector) {
      try self.init(name: String(parts[0]), selector: .version(number))
    } else if selector.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      throw .invalidReference(text, reason: "versions are 1, 2, 3 and so on")
    } else {
      try self.init(name: String(parts[0]), selector: .alias(selector))
    }
  }

  /// `name@alias` or `name@version`.
  public var description: String { "\(name)@\(selectorText)" }

  /// The alias or the number.
  package var selectorText: String {
    switch selector {
    case .alias(let alias): alias
    case .version(let number): String(number)
    }
  }
}

/// Where to find a model: in a registry, or in a folder of its own.
public enum ModelReference: Hashable, Sendable {
  /// `<registry>/<name>@<alias or version>`
  case registry(root: String, VersionReference)
  /// The folder of an artifact.
  case directory(String)

  /// Reads what people write on a command line.
  ///
  /// A text with an `@` after its last slash names a registry's model; the registry is the folder
  /// before that slash, or the current one; addresses such as `s3://bucket/prefix` stand in a
  /// folder's place. Anything else is an artifact's folder. A folder with an `@` in its name is
  /// written with a slash at the end.
  ///
  /// - Throws: `RegistryError.invalidReference` or `.invalidName`.
  public init(parsing text: String) throws(RegistryError) {
    guard !text.isEmpty else { throw .invalidReference(text, reason: "is empty") }
    let slash = text.lastIndex(of: "/")
    let last = slash.map { String(text[text.index(after: $0)...]) } ?? text
    guard last.contains("@") else {
      guard !StoreCatalogue.isRemote(text) else {
        throw .invalidReference(text, reason: "does not say which version; add @champion or such")
      }
      self = .directory(text)
      return
    }
    let root = slash.map { $0 == text.startIndex ? "/" : String(text[..<$0]) } ?? "."
    self = .registry(root: root, try VersionReference(parsing: last))
  }

  /// Finds, reads and checks the model.
  ///
  /// - Parameters:
  ///   - stores: Opens registries.
  ///   - trust: Whose signatures it needs, verified before anything is parsed; nil for none.
  /// - Throws: `RegistryError`, which says what there is when the reference leads nowhere;
  ///   `SigningError`; `StorageError` when the system fails.
  public func load(
    from stores: StoreCatalogue = .folders, trust: TrustPolicy? = nil
  ) async throws -> LoadedModel {
    switch self {
    case .registry(let root, let reference):
      return try await stores.open(root).load(reference, trust: trust)
    case .directory(let directory):
      do {
        let signed = try SignedArtifact(directory: directory, trust: trust)
        return LoadedModel(
          artifact: signed.artifact, registered: nil, signatures: signed.signatures,
          signers: signed.signers)
      } catch RegistryError.notAnArtifact {
        throw try Self.absence(of: directory)
      }
    }
  }

  /// Why there is no artifact in a folder: perhaps it is a registry's model.
  private static func absence(of directory: String) throws -> RegistryError {
    do {
      let (parent, name) = try splitFolder(directory)
      let registry = DirectoryRegistry(root: parent)
      let versions = try registry.versions(of: name)
      if !versions.isEmpty {
        let aliases = try registry.aliases(of: name).map(\.name)
        return .versionNotChosen(path: directory, versions: versions, aliases: aliases)
      }
    } catch is RegistryError {
      // No registry's model either.
    }
    return .notAnArtifact(path: directory)
  }
}
