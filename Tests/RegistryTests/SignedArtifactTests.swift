import Diagnostics
import Registry
import Signing
import Storage
import Testing

@Suite struct SignedArtifactTests {
  private let folder: TemporaryFolder
  private let registry: DirectoryRegistry
  private let key = SigningKey(generating: .p256)
  private let second = SigningKey(generating: .ed25519)

  init() throws {
    folder = try TemporaryFolder()
    registry = DirectoryRegistry(root: folder("registry"))
  }

  private func trust(_ keys: [SigningKey], required: Int = 1, names: Set<String>? = nil) throws
    -> TrustPolicy
  {
    try TrustPolicy(
      keys: keys.map(\.verificationKey), required: required, names: names, source: "test")
  }

  private func publish(_ seed: Int = 1, as name: String? = nil, signedAs: String? = nil) throws {
    let artifact = try sampleArtifact(seed)
    _ = try registry.publish(
      artifact, as: name, aliases: ["champion"],
      signatures: [try SignatureFiles.sign(artifact, as: signedAs ?? name, with: key)])
  }

  private func load(_ text: String, _ trust: TrustPolicy?) throws -> LoadedModel {
    try registry.load(VersionReference(parsing: text), trust: trust)
  }

  @Test func `a signed version loads with and without a policy, and its digest stays`() throws {
    try publish()
    let plain = try load("checkout", nil)
    #expect(plain.signers.isEmpty && plain.signatures.count == 1)
    #expect(try plain.artifact.digest == sampleArtifact(1).digest)
    let trusted = try load("checkout", trust([key]))
    #expect(trusted.signers == [key.verificationKey.identifier])
  }

  @Test func `an unsigned version and a stranger's are refused with exit code 5`() throws {
    _ = try registry.publish(try sampleArtifact(1))
    for policy in [try trust([key]), try trust([second])] {
      #expect(throws: SigningError.self) { try load("checkout@1", policy) }
      do { _ = try load("checkout@1", policy) } catch let error as SigningError {
        #expect(error.kind == .integrity)
      }
    }
    try publish(2)
    #expect(throws: SigningError.self) { try load("checkout@2", trust([second])) }
  }

  @Test func `a manifest that was replaced together with its digests is not parsed`() throws {
    try publish()
    // A whole other artifact under the first one's signature: digests alone would find nothing.
    let other = try sampleArtifact(2)
    let place = folder("registry/checkout/1")
    for file in other.files {
      try FileSystem.writeFileAtomically(file.bytes, to: "\(place)/\(file.path)")
    }
    try FileSystem.writeFileAtomically(other.manifest.bytes, to: "\(place)/manifest.json")
    #expect(try load("checkout@1", nil).artifact == other)
    let error = registryError { _ = try load("checkout@1", trust([key])) }
    #expect(error?.kind == .integrity)
    #expect(error?.description.contains("as signed") == true)
    // Even bytes that are no manifest at all end in the signature's words, not in a parser's.
    try FileSystem.writeFileAtomically([0xFF], to: "\(place)/manifest.json")
    #expect(
      registryError { _ = try load("checkout@1", trust([key])) }?.description
        .contains("as signed") == true)
  }

  @Test func `a second signer is added to a version, and a new key replaces nothing`() async throws
  {
    try publish()
    let version = try registry.resolve("checkout@1")
    let artifact = try sampleArtifact(1)
    #expect(throws: SigningError.self) { try load("checkout", trust([key, second], required: 2)) }
    try registry.addSignatures(
      [try SignatureFiles.sign(artifact, with: second)], to: version)
    #expect(try load("checkout", trust([key, second], required: 2)).signers.count == 2)
    let files = try SignatureFiles.read(directory: version.directory)
    #expect(
      Set(files.keys) == ["model.sig", "signatures/\(second.verificationKey.identifier).sig"])
    // Signing again with a key replaces that key's signature.
    try registry.addSignatures([try SignatureFiles.sign(artifact, with: key)], to: version)
    #expect(try SignatureFiles.read(directory: version.directory).count == 2)
  }

  @Test func `names that are not allowed, and versions moved between models, are refused`() throws {
    try publish()
    #expect(throws: Never.self) { try load("checkout", trust([key], names: ["checkout"])) }
    #expect(throws: SigningError.self) { try load("checkout", trust([key], names: ["cart"])) }
    // Registered under another name by someone without the key.
    let artifact = try sampleArtifact(1)
    let stolen = try SignatureFiles.read(directory: folder("registry/checkout/1"))
    _ = try registry.publish(artifact, as: "cart", signatures: Array(stolen.values))
    #expect(throws: SigningError.self) { try load("cart@1", trust([key])) }
    // Registered under another name by whoever signs.
    try publish(2, as: "pay")
    #expect(throws: Never.self) { try load("pay@1", trust([key])) }
  }

  @Test func `a flipped bit in a signature is refused by name`() throws {
    try publish()
    let path = folder("registry/checkout/1/model.sig")
    var bytes = try FileSystem.readFile(at: path, limit: 1 << 20)
    bytes[0] ^= 1
    try FileSystem.writeFileAtomically(bytes, to: path)
    do {
      _ = try load("checkout", trust([key]))
      Issue.record("was believed")
    } catch let error as SigningError {
      #expect(error.kind == .integrity && error.description.hasPrefix(path))
    }
  }

  @Test func `files of an artifact cannot take the places of signatures`() throws {
    for name in ["model.sig", "signatures", "signatures/x"] {
      let error = registryError {
        _ = try Artifact(
          name: "a", files: [ArtifactFile(path: name, bytes: [])], properties: [:])
      }
      #expect(error?.kind == .integrity, "\(name)")
    }
  }

  @Test func `a pulled folder has the signatures, and a stray file beside them is refused`() throws
  {
    try publish()
    let loaded = try load("checkout", nil)
    try loaded.artifact.write(to: folder("copy"), signatures: loaded.signatures)
    #expect(
      try SignedArtifact(directory: folder("copy"), trust: trust([key])).artifact
        == loaded.artifact)
    try FileSystem.createDirectories(at: folder("copy/signatures"))
    try FileSystem.writeFileAtomically([1], to: folder("copy/signatures/extra"))
    #expect(registryError { _ = try Artifact.load(directory: folder("copy")) } != nil)
  }
}
