internal import Crypto
internal import Foundation
internal import Storage

/// A public key, which tells whether its private key has signed something.
public struct VerificationKey: Hashable, Sendable {
  /// Largest key file, in bytes.
  static let sizeLimit = 64 << 10

  /// Which kind of key it is.
  public let type: KeyType
  /// The public key's own bytes: an uncompressed point, or 32 bytes.
  private let bytes: [UInt8]

  /// Takes over the key that belongs to a private key.
  init(type: KeyType, bytes: [UInt8]) { (self.type, self.bytes) = (type, bytes) }

  /// The key in PEM form (SubjectPublicKeyInfo), as OpenSSL writes it.
  public var pem: String { PEM.text("PUBLIC KEY", type.publicPrefix + bytes) }

  /// What names the key: SHA-256 of its PEM form, 64 hexadecimal digits. It is what `sha256sum` says
  /// of the file, and what the `model-signing` tool writes into signatures.
  public var identifier: String { SHA256Digest.hexadecimal(of: Array(pem.utf8)) }

  /// Reads a key from a file in PEM form.
  ///
  /// - Throws: `SigningError.unusableKey`; `StorageError` when the file cannot be read.
  public init(file: String) throws {
    let bytes = try FileSystem.readFile(at: file, limit: Self.sizeLimit)
    try self.init(pem: String(decoding: bytes, as: UTF8.self), source: file)
  }

  /// Reads a key in PEM form.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `SigningError.unusableKey`.
  public init(pem text: String, source: String) throws(SigningError) {
    guard let (label, der) = PEM.block(in: text) else {
      throw .unusableKey(path: source, reason: "expected a public key in PEM form")
    }
    guard label == "PUBLIC KEY" else {
      throw .unusableKey(
        path: source,
        reason: label.contains("PRIVATE")
          ? "a private key, expected the public one; keep private keys away from those who verify"
          : "PEM of a \(label), expected a PUBLIC KEY")
    }
    for type in KeyType.allCases where der.starts(with: type.publicPrefix) {
      let bytes = Array(der.dropFirst(type.publicPrefix.count))
      guard Self.isKey(bytes, type) else { continue }
      self.init(type: type, bytes: bytes)
      return
    }
    throw .unusableKey(
      path: source, reason: "neither an Ed25519 key nor an ECDSA key of the curve P-256")
  }

  private static func isKey(_ bytes: [UInt8], _ type: KeyType) -> Bool {
    switch type {
    case .p256: (try? P256.Signing.PublicKey(x963Representation: bytes)) != nil
    case .ed25519: (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
    }
  }

  /// Whether a signature of a message is this key's.
  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    switch type {
    case .p256:
      guard let key = try? P256.Signing.PublicKey(x963Representation: bytes),
        let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
      else { return false }
      return key.isValidSignature(signature, for: Data(message))
    case .ed25519:
      guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
        return false
      }
      return key.isValidSignature(Data(signature), for: Data(message))
    }
  }
}
