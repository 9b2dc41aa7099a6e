internal import Diagnostics
public import Registry
public import Signing
internal import Storage
internal import Synchronization
internal import Transport

/// A registry in a registry of container images (OCI distribution specification), a repository a model:
///
///     <host>/<repository>/<name>:<version>       the artifact as a ModelPack manifest, a layer a file
///     <host>/<repository>/<name>:_alias.<alias>  the alias's file, with its history, as a layer
///     <host>/<repository>/<name>:<alias>         the version that the alias points at, for other tools
///     <host>/<repository>/<name>:_lock           who may move tags
///
/// Signatures refer to the version's manifest: through the referrers API where there is one, otherwise
/// through the tag `sha256-<digest>`.
public final class OCIStore: ModelStore {
  let client: OCIClient
  let timing: OCITiming
  /// Digests of manifests by repository and version, which never change.
  let known = Mutex<[String: String]>([:])

  /// Where the registry is: `oci://host/repository`.
  public var location: String { client.configuration.location }

  /// Names a registry; nothing is read.
  ///
  /// - Parameters:
  ///   - location: `oci://host/repository`.
  ///   - environment: Where credentials and the lock's times are looked for.
  /// - Throws: `RegistryError` for a location or settings that cannot be used.
  public convenience init(location: String, environment: [String: String]) throws {
    try self.init(
      location: location, environment: environment,
      timing: OCITiming(environment: environment, location: location))
  }

  init(location: String, environment: [String: String], timing: OCITiming) throws {
    client = try OCIClient(OCIConfiguration(location: location, environment: environment))
    self.timing = timing
  }

  /// The models' names in ascending order.
  public func names() async throws -> [String] {
    let prefix = client.configuration.prefix
    guard let all = try await client.repositories() else {
      throw RegistryError.store(
        location: location,
        reason: "the registry does not list its repositories; name the model", .invalidInput)
    }
    let names = all.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    guard !names.isEmpty else { throw RegistryError.noRegistry(path: location) }
    return names.filter { !$0.contains("/") && (try? checkModelName($0)) != nil }.sorted()
  }

  /// The versions of a model in ascending order.
  public func versions(of name: String) async throws -> [Int] {
    try await tags(of: name).compactMap { Registry.version(spelledBy: $0) }.sorted()
  }

  /// The aliases of a model in ascending order of their names.
  public func aliases(of name: String) async throws -> [ModelAlias] {
    try await aliases(of: name, try await tags(of: name))
  }

  /// The aliases among a model's tags.
  func aliases(of name: String, _ tags: [String]) async throws -> [ModelAlias] {
    var found: [ModelAlias] = []
    for tag in tags.sorted() where tag.hasPrefix(Self.aliasPrefix) {
      let alias = String(tag.dropFirst(Self.aliasPrefix.count))
      guard (try? checkAlias(alias)) != nil else { continue }
      if let alias = try await readAlias(alias, of: name) { found.append(alias) }
    }
    return found
  }

  /// Finds the version that a reference means, and checks its manifest.
  public func resolve(_ reference: VersionReference) async throws -> RegisteredVersion {
    let (number, expected) = try await target(of: reference)
    let stored = try await stored(reference.name, number)
    let manifest = try await artifactManifest(stored, of: reference.name)
    guard expected == nil || expected == manifest.digest else {
      throw mismatch(reference, number, expected ?? "", manifest.digest)
    }
    return registered(reference.name, number, manifest.digest)
  }

  /// A version's manifest.
  public func manifest(of version: RegisteredVersion) async throws -> ArtifactManifest {
    try await artifactManifest(
      try await stored(version.name, version.version), of: version.name)
  }

  /// A version's signatures by their paths.
  public func signatures(
    of version: RegisteredVersion
  ) async throws -> [String: SignatureBundle] {
    let stored = try await stored(version.name, version.version)
    return try await signatures(ofManifest: stored.digest, of: version.name)
  }
}

extension OCIStore {
  static let aliasPrefix = "_alias."

  func repository(of name: String) throws -> String {
    try checkModelName(name)
    guard OCIConfiguration.isComponent(name) else {
      throw RegistryError.store(
        location: location,
        reason:
          "model name '\(name)' is no repository's name; registries of images want letters or "
          + "digits at both ends, and single '.', '_' or '-' between", .invalidInput)
    }
    return client.configuration.prefix + name
  }

  /// The tags of a model.
  ///
  /// - Throws: `RegistryError.unknownModel`.
  func tags(of name: String) async throws -> [String] {
    if let tags = try await client.tags(of: repository(of: name)) { return tags }
    throw RegistryError.unknownModel(
      registry: location, name: name, available: (try? await names()) ?? [])
  }

  func place(_ name: String, _ version: Int) -> String { "\(location)/\(name):\(version)" }

  func registered(_ name: String, _ number: Int, _ digest: String) -> RegisteredVersion {
    RegisteredVersion(
      name: name, version: number, digest: digest, directory: place(name, number))
  }

  func mismatch(
    _ reference: VersionReference, _ number: Int, _ expected: String, _ found: String
  ) -> RegistryError {
    .digestMismatch(
      path: "\(place(reference.name, number)), \(ArtifactManifest.fileName)",
      expected: "\(expected) by alias '\(reference.selectorText)'", found: found)
  }

  /// An alias; nil when the model has no such alias.
  func readAlias(_ alias: String, of name: String) async throws -> ModelAlias? {
    let (repository, tag) = (try repository(of: name), Self.aliasPrefix + alias)
    guard let stored = try await client.document(tag, of: repository) else { return nil }
    let place = client.place(repository, tag)
    let manifest = try OCIManifest(stored, source: place)
    guard manifest.artifactType == OCIMediaType.alias, let layer = manifest.layers.first else {
      throw RegistryError.damagedRecord(path: place, reason: "no alias")
    }
    let bytes = try await blob(layer, of: repository, limit: ModelAlias.sizeLimit, path: place)
    return try ModelAlias(name: alias, parsing: bytes, source: place)
  }

  /// The version that a reference means, and the digest that an alias pins.
  func target(of reference: VersionReference) async throws -> (version: Int, digest: String?) {
    switch reference.selector {
    case .version(let number): return (number, nil)
    case .alias(let alias):
      if let found = try await readAlias(alias, of: reference.name) {
        return (found.target.version, found.target.digest)
      }
      throw RegistryError.unknownAlias(
        model: "\(location)/\(reference.name)", alias: alias,
        aliases: try await aliases(of: reference.name).map(\.name),
        versions: try await versions(of: reference.name))
    }
  }

  /// A version's OCI manifest.
  func stored(_ name: String, _ number: Int) async throws -> OCIDocument {
    if let found = try await client.document(String(number), of: repository(of: name)) {
      return found
    }
    throw RegistryError.unknownVersion(
      model: "\(location)/\(name)", version: number, available: try await versions(of: name))
  }

  /// A blob that was checked against its descriptor.
  func blob(
    _ descriptor: OCIDescriptor, of repository: String, limit: Int, path: String
  ) async throws -> [UInt8] {
    guard descriptor.size <= limit else {
      throw RegistryError.tooLarge(path: path, limit: "\(limit) bytes")
    }
    let bytes: [UInt8]
    do {
      guard
        let found = try await client.blob(
          descriptor.digest, of: repository, limit: descriptor.size)
      else { throw RegistryError.missingFile(path: path) }
      bytes = found
    } catch TransportError.tooLarge {
      throw RegistryError.sizeMismatch(
        path: path, expected: descriptor.size, found: "more than \(descriptor.size) bytes")
    }
    let digest = "sha256:\(SHA256Digest.hexadecimal(of: bytes))"
    guard digest == descriptor.digest else {
      throw RegistryError.digestMismatch(path: path, expected: descriptor.digest, found: digest)
    }
    return bytes
  }
}
