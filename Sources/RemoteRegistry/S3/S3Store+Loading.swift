public import Registry
public import Signing
internal import Storage
internal import Transport

extension S3Store {
  /// Finds a version, verifies its signatures if a policy asks for any, reads it and checks every
  /// byte.
  public func load(
    _ reference: VersionReference, trust: TrustPolicy?
  ) async throws -> LoadedModel {
    let (number, expected) = try await target(of: reference)
    let name = reference.name
    let folder = folder(of: name, number)
    let place = client.place(folder)
    let bytes = try await manifestBytes(of: name, number)
    let objects = try await client.list("\(folder)/")
    let paths = objects.map { String($0.key.dropFirst(folder.count + 1)) }
    let signatures = try await signatures(in: folder, paths: paths)
      .sorted { $0.key < $1.key }.map(\.value)
    let admitted = try AdmittedManifest(
      bytes, signatures: signatures, trust: trust, registeredAs: name, place: place)
    let manifest = admitted.manifest
    guard expected == nil || expected == manifest.digest else {
      throw RegistryError.digestMismatch(
        path: "\(place)/\(ArtifactManifest.fileName)",
        expected: "\(expected ?? "") by alias '\(reference.selectorText)'", found: manifest.digest)
    }
    let listed = Set(manifest.files.map(\.path)).union([ArtifactManifest.fileName])
    if let other = paths.first(where: { !listed.contains($0) && !SignatureFiles.isSignature($0) }) {
      throw RegistryError.unlistedEntry(path: "\(place)/\(other)")
    }
    let files = try await boundedMap(manifest.files, atOnce: 4) { [self] entry in
      try await file(entry, in: folder)
    }
    return LoadedModel(
      artifact: try Artifact(manifest: manifest, checking: files, place: place),
      registered: RegisteredVersion(
        name: name, version: number, digest: manifest.digest, directory: place),
      signatures: signatures, signers: admitted.signers)
  }

  private func file(
    _ entry: ArtifactManifest.Entry, in folder: String
  ) async throws -> ArtifactFile {
    let key = "\(folder)/\(entry.path)"
    do {
      guard let found = try await client.get(key, limit: entry.size) else {
        throw RegistryError.missingFile(path: client.place(key))
      }
      return ArtifactFile(path: entry.path, bytes: found.bytes)
    } catch TransportError.tooLarge {
      throw RegistryError.sizeMismatch(
        path: client.place(key), expected: entry.size, found: "more than \(entry.size) bytes")
    }
  }

  /// The signatures among the files of a version.
  func signatures(
    in folder: String, paths: [String]
  ) async throws -> [String: SignatureBundle] {
    let names = paths.filter(SignatureFiles.isSignature)
    guard names.count <= SignatureFiles.countLimit else {
      throw RegistryError.tooLarge(
        path: client.place(folder), limit: "\(SignatureFiles.countLimit) signatures")
    }
    var found: [String: SignatureBundle] = [:]
    for name in names {
      let key = "\(folder)/\(name)"
      if let object = try await client.get(key, limit: SignatureBundle.sizeLimit) {
        found[name] = try SignatureBundle(parsing: object.bytes, source: client.place(key))
      }
    }
    return found
  }

  /// Adds signatures to a version; one of a key that signed before replaces its former one.
  public func addSignatures(
    _ signatures: [SignatureBundle], to version: RegisteredVersion
  ) async throws {
    guard !signatures.isEmpty else { return }
    let folder = folder(of: version.name, version.version)
    let existing = try await self.signatures(of: version)
    for (path, bundle) in SignatureFiles.places(for: signatures, beside: existing) {
      _ = try await client.put("\(folder)/\(path)", bundle.bytes, type: "application/json")
    }
  }
}
