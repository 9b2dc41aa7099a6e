public import Signing

/// Versions of models and the aliases that point at them, wherever they are kept.
///
/// What every store promises:
///
/// - A version has a number from 1 on and never changes; equal artifacts of a model are one version.
/// - A version appears complete or not at all, whenever a publisher is killed.
/// - An alias only ever points at a complete version, and moves only from where its mover saw it.
/// - Nothing is handed out before its digest was checked against what was asked for.
public protocol ModelStore: Sendable {
  /// Where the store is, as it is written in references.
  var location: String { get }

  /// The models' names in ascending order.
  ///
  /// - Throws: `RegistryError.noRegistry` when there is no such store.
  func names() async throws -> [String]

  /// The complete versions of a model in ascending order.
  ///
  /// - Throws: `RegistryError.unknownModel`, `.invalidName`.
  func versions(of name: String) async throws -> [Int]

  /// The aliases of a model in ascending order of their names.
  func aliases(of name: String) async throws -> [ModelAlias]

  /// Finds the version that a reference means.
  ///
  /// - Throws: `RegistryError`, which lists what there is when the reference leads nowhere.
  func resolve(_ reference: VersionReference) async throws -> RegisteredVersion

  /// A version's manifest, which has the version's digest.
  func manifest(of version: RegisteredVersion) async throws -> ArtifactManifest

  /// A version's signatures by their paths; whose they are is for a `TrustPolicy` to say.
  func signatures(of version: RegisteredVersion) async throws -> [String: SignatureBundle]

  /// Finds a version, verifies its signatures if a policy asks for any, reads it and checks every
  /// byte.
  func load(_ reference: VersionReference, trust: TrustPolicy?) async throws -> LoadedModel

  /// Adds an artifact as the next version of a model and points aliases at it.
  ///
  /// An artifact that is there already is returned as it is; signatures are added and aliases moved
  /// in any case, so that publishing again completes what was interrupted.
  ///
  /// - Parameters:
  ///   - name: The model's name; the artifact's own by default.
  ///   - aliases: Moved to the version from wherever they are, in this order.
  func publish(
    _ artifact: Artifact, as name: String?, aliases: [String], signatures: [SignatureBundle]
  ) async throws -> PublishedVersion

  /// Adds signatures to a version; one of a key that signed before replaces its former one.
  func addSignatures(_ signatures: [SignatureBundle], to version: RegisteredVersion) async throws

  /// Points an alias at a version that was found complete, provided that it is where the caller last
  /// saw it.
  ///
  /// - Throws: `RegistryError.aliasConflict`.
  @discardableResult
  func setAlias(
    _ alias: String, of name: String, to version: Int, expecting: AliasExpectation
  ) async throws -> ModelAlias

  /// Removes versions that nothing needs, and what killed publishers left.
  ///
  /// - Parameter dryRun: Only finds them.
  func collect(_ retention: Retention, dryRun: Bool) async throws -> CollectedGarbage
}

extension ModelStore {
  /// The version that `name@alias`, `name@version` or `name` means.
  public func find(_ text: String) async throws -> RegisteredVersion {
    try await resolve(VersionReference(parsing: text))
  }

  /// An alias of a model; nil when it has none of that name.
  public func alias(named alias: String, of name: String) async throws -> ModelAlias? {
    try await aliases(of: name).first { $0.name == alias }
  }

  /// Points an alias back at the version before its current one.
  ///
  /// - Returns: The alias after the move, and the version it left.
  /// - Throws: `RegistryError.unknownAlias`, `.nothingBefore`, `.aliasConflict`.
  public func rollBack(
    _ alias: String, of name: String
  ) async throws -> (alias: ModelAlias, from: Int) {
    guard let current = try await self.alias(named: alias, of: name) else {
      throw RegistryError.unknownAlias(
        model: path(location, name), alias: alias,
        aliases: try await aliases(of: name).map(\.name), versions: try await versions(of: name))
    }
    guard let target = current.before else {
      throw RegistryError.nothingBefore(
        model: path(location, name), alias: alias, version: current.target.version)
    }
    let from = current.target.version
    let moved = try await setAlias(
      alias, of: name, to: target.version, expecting: .version(from))
    return (moved, from)
  }

  /// The content digests of the datasets that any version of any model was trained on.
  public func datasets() async throws -> Set<String> {
    var digests: Set<String> = []
    for name in try await names() {
      for number in try await versions(of: name) {
        let version = try await resolve(VersionReference(name: name, selector: .version(number)))
        if let digest = try await manifest(of: version).dataset { digests.insert(digest) }
      }
    }
    return digests
  }
}

/// Opens stores by where they are.
public struct StoreCatalogue: Sendable {
  private let opening: @Sendable (String) throws -> any ModelStore

  /// Makes a catalogue of a function that opens stores.
  public init(_ opening: @escaping @Sendable (String) throws -> any ModelStore) {
    self.opening = opening
  }

  /// Knows folders only.
  public static let folders = StoreCatalogue { location in
    guard !isRemote(location) else {
      throw RegistryError.invalidReference(
        location, reason: "this program knows registries in folders only")
    }
    return DirectoryRegistry(root: location)
  }

  /// Opens a store; nothing is read yet.
  public func open(_ location: String) throws -> any ModelStore { try opening(location) }

  /// Whether a location is an address rather than a path.
  public static func isRemote(_ location: String) -> Bool { location.contains("://") }
}
