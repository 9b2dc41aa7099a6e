public import Registry
public import Signing
internal import Storage
internal import Synchronization
internal import Transport

/// A registry below a prefix of an S3 bucket, in the form of one in a folder:
///
///     <prefix>/<name>/<version>/              an artifact; complete once its manifest is there
///     <prefix>/<name>/aliases/<alias>.json    which version the alias points at, and the history
///     <prefix>/.staging/<name>/<version>.json who is about to publish what under this number
///
/// Every decision is one conditional write. A number is claimed before any of its files is written and
/// is taken from then on; the manifest is written last, which makes the version appear. An alias moves
/// by comparing and swapping its file.
public final class S3Store: ModelStore {
  let client: S3Client
  /// Digests of manifests and of claims by key and tag, neither of which ever changes.
  let digests = Mutex<[String: String]>([:])

  var prefix: String { client.configuration.prefix }

  /// Where the registry is: `s3://bucket/prefix`.
  public var location: String { client.configuration.location }

  /// Names a registry; nothing is read.
  ///
  /// - Parameters:
  ///   - location: `s3://bucket/prefix`.
  ///   - environment: Where region, endpoint and credentials are looked for.
  /// - Throws: `RegistryError` for a location or settings that cannot be used.
  public init(location: String, environment: [String: String]) throws {
    client = try S3Client(S3Configuration(location: location, environment: environment))
  }

  /// The models' names in ascending order.
  public func names() async throws -> [String] {
    let folders = try await client.folders(prefix)
    guard !folders.isEmpty else { throw RegistryError.noRegistry(path: location) }
    return folders.filter { (try? checkModelName($0)) != nil }.sorted()
  }

  /// The complete versions of a model in ascending order.
  public func versions(of name: String) async throws -> [Int] {
    try await listing(of: name).manifests.keys.sorted()
  }

  /// The aliases of a model in ascending order of their names.
  public func aliases(of name: String) async throws -> [ModelAlias] {
    var found: [ModelAlias] = []
    for alias in try await listing(of: name).aliases.sorted() {
      if let alias = try await readAlias(alias, of: name) { found.append(alias.alias) }
    }
    return found
  }

  /// Finds the version that a reference means, and checks its manifest.
  public func resolve(_ reference: VersionReference) async throws -> RegisteredVersion {
    let (number, expected) = try await target(of: reference)
    let manifest = try await readManifest(of: reference.name, number)
    let version = RegisteredVersion(
      name: reference.name, version: number, digest: manifest.digest,
      directory: client.place(folder(of: reference.name, number)))
    guard expected == nil || expected == manifest.digest else {
      throw RegistryError.digestMismatch(
        path: "\(version.directory)/\(ArtifactManifest.fileName)",
        expected: "\(expected ?? "") by alias '\(reference.selectorText)'", found: manifest.digest)
    }
    return version
  }

  /// A version's manifest.
  public func manifest(of version: RegisteredVersion) async throws -> ArtifactManifest {
    try await readManifest(of: version.name, version.version)
  }

  /// A version's signatures by their paths.
  public func signatures(
    of version: RegisteredVersion
  ) async throws -> [String: SignatureBundle] {
    let folder = folder(of: version.name, version.version)
    let paths = try await client.list("\(folder)/").map {
      String($0.key.dropFirst(folder.count + 1))
    }
    return try await signatures(in: folder, paths: paths)
  }
}

extension S3Store {
  /// What there is of a model.
  struct Listing {
    /// The manifests of complete versions.
    var manifests: [Int: S3Object] = [:]
    /// The objects of each number, complete or not.
    var objects: [Int: [S3Object]] = [:]
    var aliases: [String] = []
  }

  func folder(of name: String, _ version: Int) -> String { "\(prefix)\(name)/\(version)" }

  func manifestKey(of name: String, _ version: Int) -> String {
    "\(folder(of: name, version))/\(ArtifactManifest.fileName)"
  }

  func aliasKey(_ alias: String, of name: String) -> String {
    "\(prefix)\(name)/\(DirectoryRegistry.aliasFolder)/\(alias).json"
  }

  /// Lists a model's objects.
  ///
  /// - Throws: `RegistryError.unknownModel` when there are none.
  func listing(of name: String, mayBeAbsent: Bool = false) async throws -> Listing {
    try checkModelName(name)
    let start = "\(prefix)\(name)/"
    let objects = try await client.list(start)
    guard mayBeAbsent || !objects.isEmpty else {
      throw RegistryError.unknownModel(
        registry: location, name: name, available: try await names())
    }
    var listing = Listing()
    for object in objects {
      let parts = object.key.dropFirst(start.count).split(separator: "/").map(String.init)
      guard parts.count >= 2 else { continue }
      if let number = Registry.version(spelledBy: parts[0]) {
        listing.objects[number, default: []].append(object)
        if parts.dropFirst() == [ArtifactManifest.fileName] { listing.manifests[number] = object }
      } else if parts[0] == DirectoryRegistry.aliasFolder, parts.count == 2,
        parts[1].hasSuffix(".json"), (try? checkAlias(String(parts[1].dropLast(5)))) != nil
      {
        listing.aliases.append(String(parts[1].dropLast(5)))
      }
    }
    return listing
  }

  /// An alias with its tag; nil when there is none.
  func readAlias(
    _ alias: String, of name: String
  ) async throws -> (alias: ModelAlias, etag: String)? {
    let key = aliasKey(alias, of: name)
    guard let found = try await client.get(key, limit: ModelAlias.sizeLimit) else { return nil }
    return (
      try ModelAlias(name: alias, parsing: found.bytes, source: client.place(key)), found.etag
    )
  }

  /// The version that a reference means, and the digest that an alias pins.
  func target(of reference: VersionReference) async throws -> (version: Int, digest: String?) {
    switch reference.selector {
    case .version(let number): return (number, nil)
    case .alias(let alias):
      if let found = try await readAlias(alias, of: reference.name)?.alias {
        return (found.target.version, found.target.digest)
      }
      let listing = try await listing(of: reference.name)
      throw RegistryError.unknownAlias(
        model: "\(location)/\(reference.name)", alias: alias, aliases: listing.aliases.sorted(),
        versions: listing.manifests.keys.sorted())
    }
  }

  /// A manifest's stored bytes.
  func manifestBytes(of name: String, _ number: Int) async throws -> [UInt8] {
    let key = manifestKey(of: name, number)
    guard let found = try await client.get(key, limit: ArtifactManifest.sizeLimit) else {
      throw RegistryError.unknownVersion(
        model: "\(location)/\(name)", version: number,
        available: try await listing(of: name).manifests.keys.sorted())
    }
    return found.bytes
  }

  func readManifest(of name: String, _ number: Int) async throws -> ArtifactManifest {
    try checkModelName(name)
    return try ArtifactManifest(
      parsing: try await manifestBytes(of: name, number),
      source: client.place(manifestKey(of: name, number)))
  }
}
