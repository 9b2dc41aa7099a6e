public import Registry
public import Signing
internal import Storage
internal import Transport

extension OCIStore {
  /// Finds a version, verifies its signatures if a policy asks for any, reads it and checks every
  /// byte.
  public func load(
    _ reference: VersionReference, trust: TrustPolicy?
  ) async throws -> LoadedModel {
    let (number, expected) = try await target(of: reference)
    let name = reference.name
    let (repository, place) = (try repository(of: name), place(name, number))
    let stored = try await stored(name, number)
    let layers = try layers(of: stored, at: place)
    let bytes = try await manifestBytes(layers, repository, place)
    let signatures = try await signatures(ofManifest: stored.digest, of: name)
      .sorted { $0.key < $1.key }.map(\.value)
    let admitted = try AdmittedManifest(
      bytes, signatures: signatures, trust: trust, registeredAs: name, place: place)
    let manifest = admitted.manifest
    guard expected == nil || expected == manifest.digest else {
      throw mismatch(reference, number, expected ?? "", manifest.digest)
    }
    let listed = Set(manifest.files.map(\.path)).union([ArtifactManifest.fileName])
    if let other = layers.keys.sorted().first(where: { !listed.contains($0) }) {
      throw RegistryError.unlistedEntry(path: "\(place)/\(other)")
    }
    let files = try await boundedMap(manifest.files, atOnce: 4) { [self] entry in
      let path = "\(place)/\(entry.path)"
      guard let layer = layers[entry.path] else { throw RegistryError.missingFile(path: path) }
      return ArtifactFile(
        path: entry.path,
        bytes: try await blob(layer, of: repository, limit: entry.size, path: path))
    }
    return LoadedModel(
      artifact: try Artifact(manifest: manifest, checking: files, place: place),
      registered: registered(name, number, manifest.digest), signatures: signatures,
      signers: admitted.signers)
  }

  /// The manifest within an OCI manifest.
  func artifactManifest(_ stored: OCIDocument, of name: String) async throws -> ArtifactManifest {
    let repository = try repository(of: name)
    let place = client.place(repository, stored.digest)
    let bytes = try await manifestBytes(layers(of: stored, at: place), repository, place)
    return try ArtifactManifest(
      parsing: bytes, source: "\(place)/\(ArtifactManifest.fileName)")
  }

  private func manifestBytes(
    _ layers: [String: OCIDescriptor], _ repository: String, _ place: String
  ) async throws -> [UInt8] {
    let path = "\(place)/\(ArtifactManifest.fileName)"
    guard let layer = layers[ArtifactManifest.fileName] else {
      throw RegistryError.notAnArtifact(path: place)
    }
    return try await blob(
      layer, of: repository, limit: ArtifactManifest.sizeLimit, path: path)
  }

  /// The layers by the paths of their files.
  private func layers(of stored: OCIDocument, at place: String) throws -> [String: OCIDescriptor] {
    let manifest = try OCIManifest(stored, source: place)
    var layers: [String: OCIDescriptor] = [:]
    for layer in manifest.layers {
      guard let path = layer.annotations[OCIManifest.path] ?? layer.annotations[OCIManifest.title]
      else { throw RegistryError.notAnArtifact(path: place) }
      guard layers.updateValue(layer, forKey: path) == nil else {
        throw RegistryError.unsafePath(path, source: place, reason: "is there twice")
      }
    }
    return layers
  }
}
