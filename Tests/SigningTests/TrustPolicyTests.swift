import Diagnostics
import Signing
import Testing

@Suite struct TrustPolicyTests {
  private let keys = [
    SigningKey(generating: .p256), SigningKey(generating: .ed25519), SigningKey(generating: .p256),
  ]

  private func bundle(_ index: Int, _ digit: Character = "a") throws -> SignatureBundle {
    try SignatureBundle(signing: sampleStatement(digit), with: keys[index], ignoring: [])
  }

  private func policy(_ trusted: [Int], required: Int) throws -> TrustPolicy {
    try TrustPolicy(
      keys: trusted.map { keys[$0].verificationKey }, required: required, source: "policy")
  }

  @Test func `one trusted signer is enough, or as many as asked for`() throws {
    let all = [try bundle(0), try bundle(1)]
    let one = try policy([0], required: 1).statements(in: all, source: "m")
    #expect(one.map(\.statement) == [sampleStatement()])
    #expect(one[0].signers == [keys[0].verificationKey.identifier])
    #expect(try policy([0, 1], required: 2).statements(in: all, source: "m").count == 1)
    #expect(throws: SigningError.self) {
      try policy([0, 1, 2], required: 3).statements(in: all, source: "m")
    }
  }

  @Test func `a key that signed twice counts once`() throws {
    #expect(throws: SigningError.self) {
      try policy([0, 1], required: 2).statements(in: [bundle(0), bundle(0)], source: "m")
    }
  }

  @Test func `signers must have signed the same`() throws {
    let error = signingError {
      _ = try policy([0, 1], required: 2)
        .statements(in: [bundle(0, "a"), bundle(1, "b")], source: "m")
    }
    #expect(error?.kind == .integrity)
  }

  @Test func `no signature, and one of a stranger, are not enough`() throws {
    let trust = try policy([0], required: 1)
    let none = signingError { _ = try trust.statements(in: [], source: "shop@1") }
    #expect(none?.description.hasPrefix("shop@1: is not signed") == true)
    #expect(none?.kind == .integrity)
    let other = signingError { _ = try trust.statements(in: [bundle(2)], source: "shop@1") }
    #expect(other?.description.contains("0 trusted keys, 1 required") == true)
  }

  @Test func `a policy that nothing can satisfy is refused`() throws {
    #expect(signingError { _ = try policy([], required: 1) }?.kind == .invalidInput)
    #expect(signingError { _ = try policy([0, 0], required: 2) }?.kind == .invalidInput)
    #expect(signingError { _ = try policy([0], required: 0) }?.kind == .invalidInput)
  }
}
