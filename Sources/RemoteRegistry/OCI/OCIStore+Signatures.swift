public import Registry
public import Signing
internal import Storage
internal import Transport

extension OCIStore {
  private static let key = "io.autopilotops.signature.key"

  /// Adds signatures to a version; one of a key that signed before replaces its former one.
  public func addSignatures(
    _ signatures: [SignatureBundle], to version: RegisteredVersion
  ) async throws {
    guard !signatures.isEmpty else { return }
    let stored = try await stored(version.name, version.version)
    try await withLock(on: version.name) { [self] lock in
      try await sign(stored, signatures, of: version.name, lock)
    }
  }

  /// Writes signatures that refer to a manifest. The index of those is a tag, so the lock is held.
  func sign(
    _ stored: OCIDocument, _ signatures: [SignatureBundle], of name: String, _ lock: OCILock
  ) async throws {
    guard !signatures.isEmpty else { return }
    let repository = try repository(of: name)
    _ = try await client.upload(OCIDescriptor.emptyContent, to: repository)
    var entries = try await referrers(of: stored.digest, in: repository)
    var tracked = true
    for bundle in signatures {
      var layer = try await client.upload(bundle.bytes, to: repository)
      layer.mediaType = OCIMediaType.signature
      layer.annotations = [OCIManifest.title: SignatureFiles.first]
      var manifest = OCIManifest(artifactType: OCIMediaType.signature)
      manifest.layers = [layer]
      manifest.subject = OCIDescriptor(
        mediaType: stored.mediaType, digest: stored.digest, size: stored.bytes.count)
      manifest.annotations = [Self.key: bundle.keyIdentifier ?? ""]
      let document = manifest.document
      tracked = try await client.put(document, as: document.digest, to: repository) && tracked
      var entry = OCIDescriptor(
        mediaType: document.mediaType, digest: document.digest, size: document.bytes.count)
      entry.artifactType = OCIMediaType.signature
      entry.annotations = manifest.annotations
      let former = entries.filter {
        bundle.keyIdentifier != nil && $0.annotations[Self.key] == bundle.keyIdentifier
      }
      entries = entries.filter { !former.contains($0) } + [entry]
      if tracked {
        // Registries that keep track list a former signature until it is gone.
        for old in former where old.digest != entry.digest {
          try await client.remove(old.digest, of: repository)
        }
      }
    }
    guard !tracked else { return }
    let index: JSONValue = [
      "schemaVersion": 2, "mediaType": .string(OCIMediaType.index),
      "manifests": .array(entries.map(\.json)),
    ]
    try await lock.check()
    try await client.put(
      OCIDocument(bytes: Array(index.text().utf8), mediaType: OCIMediaType.index),
      as: fallbackTag(stored.digest), to: repository)
  }

  /// The tag of what refers to a manifest, where the registry keeps no track of it.
  func fallbackTag(_ digest: String) -> String { digest.replacing(":", with: "-") }

  /// What refers to a manifest and is a signature.
  private func referrers(
    of digest: String, in repository: String
  ) async throws -> [OCIDescriptor] {
    let answer = try await client.send(
      "GET", "/v2/\(repository)/referrers/\(digest)", repository: repository,
      headers: [("accept", OCIMediaType.index)])
    var bytes: [UInt8]?
    if answer.status == 200 {
      bytes = answer.body
    } else if [400, 404, 405].contains(answer.status) {
      bytes = try await client.document(fallbackTag(digest), of: repository)?.bytes
    } else {
      throw client.failure(answer, repository, "list signatures in")
    }
    guard let bytes else { return [] }
    let source = client.place(repository, fallbackTag(digest))
    do {
      let document = JSONDocument(try JSONValue(parsing: bytes, source: source), source: source)
      return try document.optional("manifests")?.elements.map { try OCIDescriptor($0) }
        .filter { $0.artifactType == OCIMediaType.signature } ?? []
    } catch let error as StorageError {
      throw RegistryError.damagedRecord(path: source, reason: "no OCI index (\(error))")
    }
  }

  /// The signatures that refer to a manifest, by the paths they have in a folder.
  func signatures(
    ofManifest digest: String, of name: String
  ) async throws -> [String: SignatureBundle] {
    let repository = try repository(of: name)
    let entries = try await referrers(of: digest, in: repository)
    guard entries.count <= SignatureFiles.countLimit else {
      throw RegistryError.tooLarge(
        path: client.place(repository, digest), limit: "\(SignatureFiles.countLimit) signatures")
    }
    var bundles: [SignatureBundle] = []
    for entry in entries {
      let place = client.place(repository, entry.digest)
      guard let stored = try await client.document(entry.digest, of: repository) else {
        throw RegistryError.missingFile(path: place)
      }
      let manifest = try OCIManifest(stored, source: place)
      guard manifest.subject?.digest == digest, let layer = manifest.layers.first else {
        throw RegistryError.damagedRecord(path: place, reason: "a signature of something else")
      }
      let bytes = try await blob(
        layer, of: repository, limit: SignatureBundle.sizeLimit, path: place)
      bundles.append(try SignatureBundle(parsing: bytes, source: place))
    }
    return Dictionary(
      SignatureFiles.places(for: bundles, beside: [:]).map { ($0.path, $0.bundle) },
      uniquingKeysWith: { $1 })
  }
}
