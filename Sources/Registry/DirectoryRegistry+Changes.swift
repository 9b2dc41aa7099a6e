public import Signing
internal import Storage

/// A version that publishing made or found.
public struct PublishedVersion: Hashable, Sendable {
  /// The model's name.
  public let name: String
  /// The version's number.
  public let version: Int
  /// SHA-256 of the version's manifest.
  public let digest: String
  /// False when the registry had this artifact already, under this number.
  public let isNew: Bool

  /// Describes a version.
  package init(name: String, version: Int, digest: String, isNew: Bool) {
    (self.name, self.version, self.digest, self.isNew) = (name, version, digest, isNew)
  }
}

/// Where an alias must point for a change of it to go ahead.
public enum AliasExpectation: Hashable, Sendable, CustomStringConvertible {
  /// Anywhere, or nowhere.
  case anything
  /// Nowhere: the alias must not exist.
  case absent
  /// At a version.
  case version(Int)

  /// `version 3`, `no version` or `any version`.
  public var description: String {
    switch self {
    case .anything: "any version"
    case .absent: "no version"
    case .version(let number): "version \(number)"
    }
  }
}

extension DirectoryRegistry {
  /// Adds an artifact as the next version of a model and points aliases at it.
  ///
  /// When a version with the same manifest exists, it is checked and returned, and nothing is
  /// written but the aliases; so publishing again is harmless and completes an earlier publishing
  /// that was killed after the version appeared and before the last alias moved. A version appears
  /// whole, then the aliases move one after the other, each whole.
  ///
  /// - Parameters:
  ///   - artifact: What to publish.
  ///   - name: The model's name; the artifact's own by default.
  ///   - aliases: Moved to the version from wherever they are, in this order.
  ///   - signatures: Kept with the version.
  /// - Throws: `RegistryError` for bad names and a damaged registry; `StorageError` when the
  ///   system fails.
  public func publish(
    _ artifact: Artifact, as name: String? = nil, aliases: [String] = [],
    signatures: [SignatureBundle] = []
  ) throws -> PublishedVersion {
    let name = name ?? artifact.manifest.name
    try checkModelName(name)
    for alias in aliases { try checkAlias(alias) }
    let area = try StagingArea(root: root, wait: true)
    defer { area.close() }

    let existing = try version(of: name, holding: artifact)
    let number = try existing ?? nextVersion(of: name)
    if existing == nil {
      try artifact.stage(as: "version", in: area, signatures: signatures)
      try area.commit("version", to: "\(name)/\(number)")
    } else {
      try Artifact.add(signatures, to: "\(name)/\(number)", in: area)
    }
    let target = ModelAlias.Target(version: number, digest: artifact.digest)
    for alias in aliases {
      try move(alias, of: name, from: try self.alias(alias, of: name), to: target, in: area)
    }
    return PublishedVersion(
      name: name, version: number, digest: artifact.digest, isNew: existing == nil)
  }

  /// Points an alias at a version, provided that it is where the caller last saw it.
  ///
  /// The version is checked whole first, so that no alias comes to point at damaged files. An
  /// alias that is at the version already keeps its file and its history.
  ///
  /// - Throws: `RegistryError.aliasConflict` when the alias is elsewhere than expected, other
  ///   cases for bad names, an unknown version and damaged files; `StorageError`.
  @discardableResult
  public func setAlias(
    _ alias: String, of name: String, to version: Int, expecting: AliasExpectation = .anything
  ) throws -> ModelAlias {
    try checkModelName(name)
    try checkAlias(alias)
    // Opening a staging area would create the root, so an absent model is reported before.
    _ = try registered(name, version)
    let area = try StagingArea(root: root, wait: true)
    defer { area.close() }

    let current = try self.alias(alias, of: name)
    let found = current.map { AliasExpectation.version($0.target.version) } ?? .absent
    guard expecting == .anything || expecting == found else {
      throw RegistryError.aliasConflict(
        model: path(root, name), alias: alias, expected: expecting.description,
        found: found.description)
    }
    let artifact = try Artifact.load(directory: directory(of: name, version: version))
    return try move(
      alias, of: name, from: current,
      to: ModelAlias.Target(version: version, digest: artifact.digest), in: area)
  }

  @discardableResult
  private func move(
    _ alias: String, of name: String, from current: ModelAlias?, to target: ModelAlias.Target,
    in area: StagingArea
  ) throws -> ModelAlias {
    if let current, current.target == target { return current }
    let moved = ModelAlias.moved(alias, from: current, to: target)
    try FileSystem.writeFileAtomically(moved.bytes, to: area.path(for: "alias"))
    try area.commit("alias", to: Self.aliasFile(alias, of: name))
    return moved
  }

  /// The number of a version that is equal to an artifact and undamaged.
  private func version(of name: String, holding artifact: Artifact) throws -> Int? {
    guard FileSystem.item(at: path(root, name)) != nil else { return nil }
    for number in try versions(of: name).reversed() {
      let directory = directory(of: name, version: number)
      if try ArtifactManifest.read(directory: directory).digest == artifact.digest {
        _ = try Artifact.load(directory: directory)
        return number
      }
    }
    return nil
  }

  /// One more than any version that is there, or that an alias remembers: a number is not given
  /// out again when its folder was removed by hand.
  private func nextVersion(of name: String) throws -> Int {
    guard FileSystem.item(at: path(root, name)) != nil else { return 1 }
    let present = try FileSystem.contents(of: path(root, name))
      .compactMap { Registry.version(spelledBy: $0) }
    let remembered = try aliases(of: name).flatMap { $0.history + [$0.target] }.map(\.version)
    return (present + remembered).reduce(0, max) + 1
  }
}
