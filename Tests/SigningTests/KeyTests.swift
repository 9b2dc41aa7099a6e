import Diagnostics
import Foundation
import Signing
import Storage
import Testing

@Suite struct KeyTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: KeyType.allCases)
  func `a key survives its file, and only its owner can read that`(type: KeyType) throws {
    let key = SigningKey(generating: type)
    let publicPath = try key.write(to: folder("signer"))
    #expect(publicPath == folder("signer.pub"))
    let again = try SigningKey(file: folder("signer"))
    #expect(again.verificationKey == key.verificationKey)
    #expect(try VerificationKey(file: publicPath) == key.verificationKey)
    let attributes = try FileManager.default.attributesOfItem(atPath: folder("signer"))
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test(arguments: KeyType.allCases)
  func `the identifier is what sha256sum says of the public key's file`(type: KeyType) throws {
    let key = SigningKey(generating: type)
    let path = try key.write(to: folder("signer"))
    let bytes = try FileSystem.readFile(at: path, limit: 1 << 16)
    #expect(key.verificationKey.identifier == SHA256Digest.hexadecimal(of: bytes))
  }

  @Test func `no description of a private key shows it`() throws {
    let key = SigningKey(generating: .ed25519)
    try key.write(to: folder("signer"))
    let text = try String(contentsOfFile: folder("signer"), encoding: .utf8)
    let secret = text.split(separator: "\n")[1]
    var dumped = "\(key) \(String(reflecting: key))"
    dump(key, to: &dumped)
    #expect(!dumped.contains(secret))
    #expect(dumped.contains(key.verificationKey.identifier))
  }

  @Test func `keys are never replaced, neither of the two`() throws {
    try SigningKey(generating: .p256).write(to: folder("a"))
    #expect(
      signingError { try SigningKey(generating: .p256).write(to: folder("a")) }
        == .occupied(path: folder("a")))
    _ = try folder.write("b.pub", "mine")
    #expect(
      signingError { try SigningKey(generating: .p256).write(to: folder("b")) }
        == .occupied(path: folder("b.pub")))
    #expect(FileSystem.item(at: folder("b")) == nil)
  }

  @Test func `a private key is no public one, and other texts are no keys`() throws {
    try SigningKey(generating: .p256).write(to: folder("a"))
    let error = signingError { _ = try VerificationKey(file: folder("a")) }
    #expect(error?.description.contains("private key, expected the public one") == true)
    #expect(error?.kind == .invalidInput)
    let text = try folder.write("text", "no key\n")
    #expect(signingError { _ = try SigningKey(file: text) }?.kind == .invalidInput)
    let encrypted = try folder.write(
      "e", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    #expect(
      signingError { _ = try SigningKey(file: encrypted) }?.description.contains("passphrase")
        == true)
    let cut = try folder.write(
      "cut", "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n")
    #expect(signingError { _ = try VerificationKey(file: cut) }?.kind == .invalidInput)
  }
}
