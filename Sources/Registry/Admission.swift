public import Signing
internal import Storage

/// A manifest that may be believed, and why.
public struct AdmittedManifest: Hashable, Sendable {
  /// The manifest.
  public let manifest: ArtifactManifest
  /// Identifiers of the trusted keys that signed it; none when no policy asked for any.
  public let signers: [String]

  /// Decides whether a manifest may be parsed, then parses it.
  ///
  /// With a policy, the signatures are verified first and must cover these very bytes. Nothing else
  /// of the artifact is looked at before. Then the signature must list what the manifest lists.
  ///
  /// - Parameters:
  ///   - bytes: The manifest as it is stored.
  ///   - signatures: The signatures beside it.
  ///   - trust: Whose signatures count; nil when none is required.
  ///   - name: The name it is registered under; nil outside of a registry.
  ///   - place: The artifact's folder or address, for errors.
  /// - Throws: `SigningError`, `RegistryError`.
  public init(
    _ bytes: [UInt8], signatures: [SignatureBundle], trust: TrustPolicy?,
    registeredAs name: String?,
    place: String
  ) throws {
    let source = path(place, ArtifactManifest.fileName)
    guard let trust else {
      manifest = try ArtifactManifest(parsing: bytes, source: source)
      signers = []
      return
    }
    let digest = SHA256Digest.hexadecimal(of: bytes)
    let believed = try trust.statements(in: signatures, source: place)
    guard
      let (statement, keys) = believed.first(where: {
        $0.statement.files[ArtifactManifest.fileName] == digest
      })
    else {
      let signed = believed.compactMap { $0.statement.files[ArtifactManifest.fileName] }
      throw RegistryError.digestMismatch(
        path: source, expected: "\(signed.sorted().joined(separator: " or ")) as signed",
        found: digest)
    }
    manifest = try ArtifactManifest(parsing: bytes, source: source)
    signers = keys
    if let difference = Self.difference(manifest.signedFiles, statement.files) {
      throw SigningError.notTrusted(
        source: place, reason: "'\(difference)' is not the same in manifest and signature")
    }
    try Self.check(names: [manifest.name, name ?? manifest.name], trust, place)
    if let name, name != manifest.name, name != statement.name {
      throw SigningError.notTrusted(
        source: place,
        reason: "was signed as '\(statement.name)' and is registered as '\(name)'")
    }
  }

  private static func check(names: [String], _ trust: TrustPolicy, _ place: String) throws {
    guard let allowed = trust.names else { return }
    for name in names where !allowed.contains(name) {
      throw SigningError.notTrusted(
        source: place,
        reason:
          "model '\(name)' is none of those allowed (\(allowed.sorted().joined(separator: ", ")))")
    }
  }

  /// The first path that two lists of files disagree about.
  private static func difference(_ one: [String: String], _ other: [String: String]) -> String? {
    Set(one.keys).union(other.keys).sorted().first { one[$0] != other[$0] }
  }
}
