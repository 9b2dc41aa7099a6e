public import Signing
internal import Storage

/// A checked model, where in a registry it came from, and who vouches for it.
public struct LoadedModel: Hashable, Sendable {
  /// The model's files.
  public let artifact: Artifact
  /// The version it is; nil when it was read from a folder outside of a registry.
  public let registered: RegisteredVersion?
  /// The signatures beside it, whoever made them.
  public let signatures: [SignatureBundle]
  /// Identifiers of the trusted keys that signed it; none when no policy asked for any.
  public let signers: [String]

  /// Describes a model.
  package init(
    artifact: Artifact, registered: RegisteredVersion?, signatures: [SignatureBundle] = [],
    signers: [String] = []
  ) {
    (self.artifact, self.registered) = (artifact, registered)
    (self.signatures, self.signers) = (signatures, signers)
  }
}

/// An artifact with the signatures beside it.
public struct SignedArtifact: Hashable, Sendable {
  /// The artifact, of which every byte was checked.
  public let artifact: Artifact
  /// The signatures, whoever made them.
  public let signatures: [SignatureBundle]
  /// Identifiers of the trusted keys that signed it.
  public let signers: [String]

  /// Reads an artifact's folder, and verifies its signatures before anything else is parsed.
  ///
  /// - Parameters:
  ///   - trust: Whose signatures it needs; nil for none.
  ///   - name: The name it is registered under.
  /// - Throws: `RegistryError`; `SigningError`; `StorageError` when the system fails.
  public init(directory: String, trust: TrustPolicy?, registeredAs name: String? = nil) throws {
    let bytes = try ArtifactManifest.bytes(directory: directory)
    signatures = try SignatureFiles.read(directory: directory).sorted { $0.key < $1.key }
      .map(\.value)
    let admitted = try AdmittedManifest(
      bytes, signatures: signatures, trust: trust, registeredAs: name, place: directory)
    artifact = try Artifact.load(admitted.manifest, directory: directory)
    signers = admitted.signers
  }
}
