import Diagnostics
import Foundation
import Gate
import Pipeline
import Registry
import Signing
import Storage
import Telemetry
import Testing

/// Who signed a candidate, and how long it may be used, as checks of the gate.
@Suite struct GateOriginTests {
  private let release = SigningKey(generating: .p256)
  private let security = SigningKey(generating: .ed25519)

  private func trust(_ keys: [SigningKey], required: Int = 1) throws -> TrustPolicy {
    try TrustPolicy(
      keys: keys.map(\.verificationKey), required: required, source: "gate.yaml")
  }

  private func gate(
    _ candidate: GateSide, _ scene: GateScene, trust: TrustPolicy? = nil,
    _ change: (inout GatePolicy) -> Void
  ) async throws -> GateResult {
    var policy = GatePolicy()
    change(&policy)
    return try await GateRun(policy, trust: trust, threads: 2, progress: { _ in })(
      candidate: candidate, baseline: nil, dataset: scene.dataset)
  }

  private func signed(_ scene: GateScene, by keys: SigningKey..., as name: String? = nil) throws
    -> GateSide
  {
    var side = try scene.side()
    side.signatures = try keys.map { try SignatureFiles.sign(side.artifact, as: name, with: $0) }
    return side
  }

  @Test func `a candidate that those signed whom the policy names passes`() async throws {
    let scene = try await GateScene()
    let both = try trust([release, security], required: 2)
    let result = try await gate(try signed(scene, by: release, security), scene) {
      $0.signature = .signers(both)
    }
    let finding = try #require(result.findings.first { $0.check == "signature" })
    #expect(finding.outcome == .passed && finding.candidate == 2, "\(finding.text)")
    #expect(result.outcome == .passed)
  }

  @Test func `one that is not signed, or by others, or by too few, is refused with 5`() async throws
  {
    let scene = try await GateScene()
    let (both, only) = (try trust([release, security], required: 2), try trust([release]))
    for (side, policy, word) in [
      (try scene.side(), only, "is not signed"),
      (try signed(scene, by: security), only, "0 trusted keys"),
      (try signed(scene, by: release), both, "1 trusted key"),
    ] {
      let result = try await gate(side, scene) { $0.signature = .signers(policy) }
      #expect(result.outcome == .integrity && result.outcome.exitCode == 5)
      let finding = try #require(result.findings.first { $0.check == "signature" })
      #expect(finding.text.contains(word), "\(finding.text)")
      // Everything else is still said: a reviewer sees the whole picture.
      #expect(result.findings.contains { $0.check == "golden sample" && $0.outcome == .passed })
    }
  }

  @Test func `a signature of other bytes, or under another name, is none`() async throws {
    let scene = try await GateScene()
    var other = try signed(scene, by: release)
    other.artifact = try scene.artifact.adding([
      ArtifactFile(path: "more.json", bytes: [0x7B, 0x7D])
    ])
    let policy = try trust([release])
    let changed = try await gate(other, scene) { $0.signature = .signers(policy) }
    #expect(changed.findings.first { $0.check == "signature" }?.outcome == .integrity)
    var renamed = try signed(scene, by: release)
    renamed.registeredName = "search"
    let moved = try await gate(renamed, scene) { $0.signature = .signers(policy) }
    #expect(moved.findings.first { $0.check == "signature" }?.outcome == .integrity)
    var rightly = try signed(scene, by: release, as: "search")
    rightly.registeredName = "search"
    let kept = try await gate(rightly, scene) { $0.signature = .signers(policy) }
    #expect(kept.outcome == .passed, "\(kept.text())")
  }

  @Test func `required without names means those whom models are read with, and needs some`()
    async throws
  {
    let scene = try await GateScene()
    let policy = try trust([release])
    let passed = try await gate(try signed(scene, by: release), scene, trust: policy) {
      $0.signature = .trusted
    }
    #expect(passed.outcome == .passed)
    let refused = try await gate(try scene.side(), scene, trust: policy) { $0.signature = .trusted }
    #expect(refused.outcome == .integrity)
    await #expect(throws: GateError.noSigners) {
      try await gate(try scene.side(), scene) { $0.signature = .trusted }
    }
    #expect(GateError.noSigners.kind == .invalidInput)
  }

  @Test
  func `a candidate must say when it expires, and not expire too soon, where that is asked for`()
    async throws
  {
    let scene = try await GateScene()
    let silent = try await gate(try scene.side(), scene) { $0.leastLifetime = .days(1) }
    let finding = try #require(silent.findings.first { $0.check == "expiry" })
    #expect(finding.outcome == .invalid && finding.text.contains("registry.expires_after"))
    #expect(silent.outcome.exitCode == 4)
    // Calibration ends 700 cells, two days and ten hours, before the data does.
    func lasting(_ span: TimeSpan) async throws -> GateResult {
      let side = try scene.side { $0.expiresAfter = span }
      return try await gate(side, scene) {
        $0.leastLifetime = .days(1)
        $0.needsGoldenSample = false
      }
    }
    let short = try await lasting(.days(3))
    #expect(short.findings.first { $0.check == "expiry" }?.outcome == .invalid)
    let long = try await lasting(.days(4))
    let passed = try #require(long.findings.first { $0.check == "expiry" })
    #expect(
      passed.outcome == .passed && passed.candidate == 96 * 3600 - 700 * 300, "\(passed.text)")
    let unasked = try await gate(try scene.side(), scene) { _ in }
    #expect(!unasked.findings.contains { ["expiry", "signature"].contains($0.check) })
  }

  @Test func `the policy says whose signatures, with key files beside it`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gate-\(UUID())")
      .path
    try FileSystem.createDirectories(at: "\(folder)/keys")
    defer { try? FileSystem.removeTree(at: folder) }
    try FileSystem.writeFileAtomically(
      Array(release.verificationKey.pem.utf8), to: "\(folder)/keys/release.pub")
    func policy(_ text: String) throws -> GatePolicy {
      try FileSystem.writeFileAtomically(Array(text.utf8), to: "\(folder)/gate.yaml")
      return try GatePolicy(readingFile: "\(folder)/gate.yaml", environment: [:])
    }
    let named = try policy("signature: {keys: [keys/release.pub], names: [shop]}\nexpiry: 7d\n")
    guard case .signers(let trust)? = named.signature else {
      Issue.record("\(named)")
      return
    }
    #expect(trust.keys == [release.verificationKey] && trust.names == ["shop"])
    #expect(named.leastLifetime == .days(7))
    #expect(try policy("signature: required\n").signature == .trusted)
    #expect(try policy("golden_sample: false\n").signature == nil)
    for (text, word) in [
      ("minimum_incidents: 3\nsignature: optional\n", "gate.yaml:2"),
      ("minimum_incidents: 3\nsignature:\n", "signature"), ("expiry: ~\n", "expiry"),
      ("signature: {keys: [], required: 1}\n", "trusts no key"),
      ("signature: {keys: [keys/release.pub], expired: refuse}\n", "signature.expired"),
      ("signature: {keys: [keys/release.pub], required: 2}\n", "required must be"),
      ("signature: {keys: [keys/other.pub]}\n", "keys/other.pub"),
      ("signature: {key: keys/release.pub}\n", "gate.yaml:1"), ("\nexpiry: soon\n", "gate.yaml:2"),
    ] {
      do {
        _ = try policy(text)
        Issue.record("read \(text)")
      } catch {
        #expect("\(error)".contains(word), "\(error)")
        #expect((error as? any DiagnosedError)?.kind == .invalidInput)
      }
    }
  }
}
