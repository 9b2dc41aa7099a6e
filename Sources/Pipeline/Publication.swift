public import Registry
public import Signing

/// How an artifact is signed before it is published, and what it then has to satisfy.
public struct Publication: Sendable {
  private let key: SigningKey?
  private let trust: TrustPolicy?

  /// Reads the key, so that one that cannot be used is found before the work.
  ///
  /// - Throws: `SigningError`, `StorageError`.
  public init(_ section: PipelineConfiguration.RegistrySection) throws {
    try self.init(signKey: section.signKey, trust: section.trust)
  }

  /// Reads the key from a file.
  ///
  /// - Parameters:
  ///   - signKey: The private key's file; nil to sign nothing.
  ///   - trust: What signatures must satisfy before anything is published; nil for anything.
  public init(signKey: String?, trust: TrustPolicy?) throws {
    key = try signKey.map { try SigningKey(file: $0) }
    self.trust = trust
  }

  /// The signatures to publish an artifact with: those it has, and ours.
  ///
  /// - Parameters:
  ///   - name: The name it will be registered under; its own by default.
  ///   - existing: Signatures of the very same artifact.
  /// - Throws: `SigningError.notTrusted` when the policy would refuse what is published.
  public func signatures(
    of artifact: Artifact, as name: String? = nil, adding existing: [SignatureBundle] = []
  ) throws -> [SignatureBundle] {
    let own = try key.map { try SignatureFiles.sign(artifact, as: name, with: $0) }
    let all = existing.filter { $0.keyIdentifier != own?.keyIdentifier } + [own].compactMap { $0 }
    if let trust {
      _ = try AdmittedManifest(
        artifact.manifest.bytes, signatures: all, trust: trust,
        registeredAs: name ?? artifact.manifest.name, place: "artifact '\(artifact.manifest.name)'")
    }
    return all
  }
}
