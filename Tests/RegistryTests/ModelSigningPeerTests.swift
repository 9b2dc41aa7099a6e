import Diagnostics
import Foundation
import Registry
import Signing
import Storage
import Testing

enum ModelSigningTool {
  /// The interpreter of the peers, when it can import the tool.
  static let python: String? = {
    guard let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"],
      (try? run(python, ["-c", "import model_signing"])) == 0
    else { return nil }
    return python
  }()

  static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

/// The OpenSSF `model-signing` tool, and we, on each other's signatures.
@Suite(
  .enabled(
    if: ModelSigningTool.python != nil,
    "AUTOPILOT_PEERS_PYTHON names no Python with model-signing; make test-peers"))
struct ModelSigningPeerTests {
  private let folder: TemporaryFolder
  private let artifact: Artifact
  private let key = SigningKey(generating: .p256)

  init() throws {
    folder = try TemporaryFolder()
    artifact = try sampleArtifact(3)
    try key.write(to: folder("signer"))
  }

  private func toolVerifies(_ directory: String, _ publicKey: String) throws -> Bool {
    try ModelSigningTool.run(
      try #require(ModelSigningTool.python),
      [
        "-m", "model_signing", "verify", "key", directory, "--signature",
        "\(directory)/model.sig", "--public_key", publicKey,
      ]) == 0
  }

  @Test func `the tool verifies ours, and only whole`() throws {
    let second = SigningKey(generating: .ed25519)
    try artifact.write(
      to: folder("ours"),
      signatures: [
        try SignatureFiles.sign(artifact, with: key),
        try SignatureFiles.sign(artifact, with: second),
      ])
    #expect(try toolVerifies(folder("ours"), folder("signer.pub")))
    try SigningKey(generating: .p256).write(to: folder("stranger"))
    #expect(try !toolVerifies(folder("ours"), folder("stranger.pub")))
    try FileSystem.writeFileAtomically([1], to: folder("ours/card.md"))
    #expect(try !toolVerifies(folder("ours"), folder("signer.pub")))
  }

  @Test func `we verify the tool's, and only whole`() throws {
    try artifact.write(to: folder("theirs"))
    let signed = try ModelSigningTool.run(
      try #require(ModelSigningTool.python),
      [
        "-m", "model_signing", "sign", "key", folder("theirs"), "--private_key", folder("signer"),
        "--signature", folder("theirs/model.sig"),
      ])
    #expect(signed == 0)
    let trust = try TrustPolicy(keys: [key.verificationKey], source: "test")
    let read = try SignedArtifact(directory: folder("theirs"), trust: trust)
    #expect(read.artifact == artifact && read.signers == [key.verificationKey.identifier])
    // It is published with the tool's signature as with ours.
    let registry = DirectoryRegistry(root: folder("registry"))
    _ = try registry.publish(artifact, signatures: read.signatures)
    #expect(
      try registry.load(VersionReference(parsing: "checkout@1"), trust: trust).signers.count == 1)
    let stranger = try TrustPolicy(
      keys: [SigningKey(generating: .p256).verificationKey], source: "test")
    #expect(throws: SigningError.self) {
      try SignedArtifact(directory: folder("theirs"), trust: stranger)
    }
    try FileSystem.writeFileAtomically([1], to: folder("theirs/card.md"))
    #expect(
      registryError { _ = try SignedArtifact(directory: folder("theirs"), trust: trust) }?.kind
        == .integrity)
  }
}
