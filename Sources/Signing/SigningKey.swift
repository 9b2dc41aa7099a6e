internal import Crypto
internal import Foundation
internal import Storage

/// A private key. It is never printed: no description of it shows what it holds.
public struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
  private enum Secret {
    case p256(P256.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
  }

  private let secret: Secret

  /// Makes a new key from the system's random numbers.
  public init(generating type: KeyType) {
    switch type {
    case .p256: secret = .p256(P256.Signing.PrivateKey())
    case .ed25519: secret = .ed25519(Curve25519.Signing.PrivateKey())
    }
  }

  /// Reads a key from a file: PKCS #8 in PEM form without a passphrase, or for ECDSA also SEC 1.
  ///
  /// - Throws: `SigningError.unusableKey`; `StorageError` when the file cannot be read.
  public init(file: String) throws {
    let bytes = try FileSystem.readFile(at: file, limit: VerificationKey.sizeLimit)
    let text = String(decoding: bytes, as: UTF8.self)
    guard let (label, der) = PEM.block(in: text) else {
      throw SigningError.unusableKey(path: file, reason: "expected a private key in PEM form")
    }
    guard label != "ENCRYPTED PRIVATE KEY" else {
      throw SigningError.unusableKey(
        path: file, reason: "protected by a passphrase, which is not supported; decrypt it first")
    }
    let prefix = KeyType.ed25519PrivatePrefix
    if label == "PRIVATE KEY", der.starts(with: prefix), der.count == prefix.count + 32,
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.dropFirst(prefix.count))
    {
      secret = .ed25519(key)
    } else if label.hasSuffix("PRIVATE KEY"),
      let key = try? P256.Signing.PrivateKey(pemRepresentation: PEM.text(label, der))
    {
      secret = .p256(key)
    } else {
      throw SigningError.unusableKey(
        path: file, reason: "no private key of Ed25519 or ECDSA with the curve P-256")
    }
  }

  /// The public key that belongs to it.
  public var verificationKey: VerificationKey {
    switch secret {
    case .p256(let key):
      VerificationKey(type: .p256, bytes: Array(key.publicKey.x963Representation))
    case .ed25519(let key):
      VerificationKey(type: .ed25519, bytes: Array(key.publicKey.rawRepresentation))
    }
  }

  /// Writes the key to a file that only its owner can read, and the public one beside it.
  ///
  /// - Returns: The public key's file.
  /// - Throws: `SigningError.occupied` when either file exists; `StorageError`.
  @discardableResult
  public func write(to path: String) throws -> String {
    let publicPath = "\(path).pub"
    for file in [path, publicPath] where FileSystem.item(at: file) != nil {
      throw SigningError.occupied(path: file)
    }
    try FileSystem.createPrivateFile(Array(pem.utf8), at: path)
    try FileSystem.writeFileAtomically(Array(verificationKey.pem.utf8), to: publicPath)
    return publicPath
  }

  /// PKCS #8 in PEM form.
  private var pem: String {
    switch secret {
    case .p256(let key): key.pemRepresentation + "\n"
    case .ed25519(let key):
      PEM.text("PRIVATE KEY", KeyType.ed25519PrivatePrefix + Array(key.rawRepresentation))
    }
  }

  /// The signature of a message.
  func signature(of message: [UInt8]) throws -> [UInt8] {
    switch secret {
    case .p256(let key): Array(try key.signature(for: Data(message)).derRepresentation)
    case .ed25519(let key): Array(try key.signature(for: Data(message)))
    }
  }

  /// The kind of the key and what names its public key.
  public var description: String {
    "\(verificationKey.type.rawValue) key \(verificationKey.identifier)"
  }

  /// Nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
