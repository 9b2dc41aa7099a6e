public import Signing
internal import Storage

/// Where the signatures of an artifact lie beside its files.
///
/// The first is `model.sig`, as the OpenSSF specification has it; those of further keys are
/// `signatures/<key>.sig`. They are no part of the artifact, whose digest they do not change.
public enum SignatureFiles {
  /// The first signature's file.
  public static let first = "model.sig"
  /// The folder of further ones.
  public static let folder = "signatures"
  /// Most signatures that are looked at.
  public static let countLimit = 16
  /// What signatures say is no part of the model.
  public static let ignoredPaths = [first, folder]

  /// Signs an artifact.
  ///
  /// - Parameter name: The name it is registered under; the artifact's own by default.
  public static func sign(
    _ artifact: Artifact, as name: String? = nil, with key: SigningKey
  ) throws -> SignatureBundle {
    try SignatureBundle(
      signing: ModelStatement(
        name: name ?? artifact.manifest.name, files: artifact.manifest.signedFiles),
      with: key, ignoring: ignoredPaths)
  }

  /// Whether a path in an artifact's folder is a signature's.
  public static func isSignature(_ path: String) -> Bool {
    if path == first { return true }
    guard path.hasPrefix("\(folder)/"), path.hasSuffix(".sig") else { return false }
    return isSHA256(String(path.dropFirst(folder.utf8.count + 1).dropLast(4)))
  }

  /// Where to put signatures: a key's new one replaces its old one.
  ///
  /// - Parameter existing: The signatures that there are, by their paths.
  public static func places(
    for signatures: [SignatureBundle], beside existing: [String: SignatureBundle]
  ) -> [(path: String, bundle: SignatureBundle)] {
    var taken = existing
    return signatures.map { bundle in
      let own = taken.first {
        $0.value.keyIdentifier != nil && $0.value.keyIdentifier == bundle.keyIdentifier
      }?.key
      let name = bundle.keyIdentifier.flatMap { isSHA256($0) ? $0 : nil }
      let path =
        own ?? (taken[first] == nil ? first : nil)
        ?? "\(folder)/\(name ?? SHA256Digest.hexadecimal(of: bundle.bytes)).sig"
      taken[path] = bundle
      return (path, bundle)
    }
  }

  /// Reads the signatures in an artifact's folder, by their paths.
  ///
  /// - Throws: `RegistryError.irregularEntry`, `.tooLarge`, `SigningError.damagedSignature`;
  ///   `StorageError`.
  public static func read(directory: String) throws -> [String: SignatureBundle] {
    var paths: [String] = []
    if FileSystem.item(at: path(directory, first)) != nil { paths.append(first) }
    if FileSystem.item(at: path(directory, folder)) == .folder {
      paths += try FileSystem.contents(of: path(directory, folder)).map { "\(folder)/\($0)" }
        .filter(isSignature)
    }
    guard paths.count <= countLimit else {
      throw RegistryError.tooLarge(path: directory, limit: "\(countLimit) signatures")
    }
    var found: [String: SignatureBundle] = [:]
    for relative in paths {
      let file = path(directory, relative)
      guard FileSystem.item(at: file) == .file else {
        throw RegistryError.irregularEntry(path: file, found: "no plain file")
      }
      let bytes = try FileSystem.readFile(at: file, limit: SignatureBundle.sizeLimit)
      found[relative] = try SignatureBundle(parsing: bytes, source: file)
    }
    return found
  }
}

extension ArtifactManifest {
  /// The files that a signature lists, with their SHA-256: those of the manifest and itself.
  public var signedFiles: [String: String] {
    var listed = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.sha256) })
    listed[Self.fileName] = digest
    return listed
  }
}
