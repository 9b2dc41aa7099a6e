import Companions
import Diagnostics
import Registry
import Signing
import Storage
import Testing

/// What every store promises, checked against a real server.
struct StoreContract {
  let live: any LiveRegistry

  /// Every version and alias is as it should be, no artifact is there twice, and no alias leads
  /// nowhere.
  func expectSound(_ place: String) async throws {
    let store = try live.open()
    let audit = try await RegistryAudit(of: store) { _ in }
    for defect in audit.defects { Issue.record("\(place): \(defect)") }
    for name in try await store.names() {
      var digests: [String] = []
      for number in try await store.versions(of: name) {
        digests.append(try await store.find("\(name)@\(number)").digest)
      }
      #expect(Set(digests).count == digests.count, "\(place): an artifact is there twice")
    }
  }

  func publishPromotePullRollBack() async throws {
    let store = try live.open()
    #expect(await diagnosed { _ = try await store.find("checkout@1") }?.kind == .invalidInput)
    let (one, two) = (try sampleArtifact(1), try sampleArtifact(2))
    let first = try await store.publish(one, as: nil, aliases: ["champion"], signatures: [])
    #expect(first.version == 1 && first.isNew && first.digest == one.digest)
    let again = try await live.open().publish(one, as: nil, aliases: [], signatures: [])
    #expect(again.version == 1 && !again.isNew)
    let second = try await store.publish(two, as: nil, aliases: [], signatures: [])
    #expect(second.version == 2 && second.isNew)
    #expect(try await store.names() == ["checkout"])
    #expect(try await store.versions(of: "checkout") == [1, 2])
    let fresh = try live.open()
    #expect(try await fresh.load(VersionReference(parsing: "checkout"), trust: nil).artifact == one)
    let pulled = try await fresh.load(VersionReference(parsing: "checkout@2"), trust: nil)
    #expect(pulled.artifact.files == two.files)
    try await store.setAlias("champion", of: "checkout", to: 2, expecting: .version(1))
    #expect(try await fresh.find("checkout").version == 2)
    let stale = await diagnosed {
      try await fresh.setAlias("champion", of: "checkout", to: 1, expecting: .version(1))
    }
    #expect(stale?.kind == .environment)
    #expect(try await fresh.rollBack("champion", of: "checkout").alias.target.version == 1)
    #expect(
      try await store.alias(named: "champion", of: "checkout")?.history.map(\.version) == [1, 2])
    #expect(try await store.datasets() == ["1234"])
    for (text, word) in [
      ("checkout@7", "no version 7"), ("checkout@canary", "aliases: champion"),
      ("other@1", "'other'"),
    ] {
      let error = await diagnosed { _ = try await store.find(text) }
      #expect(error?.kind == .invalidInput)
      // A registry of images does not tell which repositories there are from the one asked for.
      #expect(error?.description.contains(word) == true, "\(text): \(error?.description ?? "")")
    }
    try await expectSound("after rolling back")
  }

  func signaturesTravel() async throws {
    let store = try live.open()
    let (key, second) = (SigningKey(generating: .p256), SigningKey(generating: .ed25519))
    let artifact = try sampleArtifact(1)
    _ = try await store.publish(
      artifact, as: nil, aliases: ["champion"],
      signatures: [try SignatureFiles.sign(artifact, with: key)])
    let reference = try VersionReference(parsing: "checkout")
    let both = try TrustPolicy(
      keys: [key.verificationKey, second.verificationKey], required: 2, source: "test")
    let one = try TrustPolicy(keys: [key.verificationKey], source: "test")
    #expect(try await live.open().load(reference, trust: one).signers.count == 1)
    #expect(
      await diagnosed { _ = try await store.load(reference, trust: both) }?.kind == .integrity)
    try await store.addSignatures(
      [try SignatureFiles.sign(artifact, with: second)], to: try await store.find("checkout"))
    try await store.addSignatures(
      [try SignatureFiles.sign(artifact, with: key)], to: try await store.find("checkout"))
    let loaded = try await live.open().load(reference, trust: both)
    #expect(loaded.signers.count == 2 && loaded.signatures.count == 2)
    _ = try await store.publish(try sampleArtifact(2), as: nil, aliases: [], signatures: [])
    let unsigned = await diagnosed {
      _ = try await store.load(VersionReference(parsing: "checkout@2"), trust: one)
    }
    #expect(unsigned?.kind == .integrity)
  }

  /// Publishers of distinct and of equal artifacts, promoters and readers, all at once.
  func manyAtOnce(publishers: Int, promoters: Int) async throws {
    let live = live
    _ = try await live.open().publish(
      try sampleArtifact(0), as: nil, aliases: ["challenger"], signatures: [])
    let versions = try await withThrowingTaskGroup(of: Int?.self) { group in
      for index in 0..<publishers {
        // Every fifth publishes the same as the one before.
        let seed = index % 5 == 4 ? index : index + 1
        group.addTask {
          try await live.open().publish(
            try sampleArtifact(seed), as: nil, aliases: ["champion"], signatures: []
          ).version
        }
      }
      for _ in 0..<promoters {
        group.addTask {
          let store = try live.open()
          for _ in 0..<3 {
            let newest = try await store.versions(of: "checkout").randomElement() ?? 1
            try await store.setAlias(
              "challenger", of: "checkout", to: newest, expecting: .anything)
            let reference = try VersionReference(parsing: "checkout@challenger")
            _ = try await store.load(reference, trust: nil)
          }
          return nil
        }
      }
      return try await group.reduce(into: [Int]()) { if let version = $1 { $0.append(version) } }
    }
    let store = try live.open()
    let distinct = publishers - publishers / 5
    #expect(Set(versions).count == distinct)
    #expect(try await store.versions(of: "checkout").count == distinct + 1)
    let champion = try #require(try await store.alias(named: "champion", of: "checkout"))
    // Every move is in the history: nobody's was lost.
    #expect(Set((champion.history + [champion.target]).map(\.version)) == Set(versions))
    try await expectSound("after \(publishers) publishers")
  }

  func flippedBits() async throws {
    let store = try live.open()
    let artifact = try sampleArtifact(1)
    _ = try await store.publish(artifact, as: nil, aliases: ["champion"], signatures: [])
    for path in artifact.files.map(\.path) + ["manifest.json"] where !path.hasPrefix("notes") {
      try await live.damage(path, ofVersion: 1) { bytes in
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        return changed
      }
      let error = await diagnosed {
        _ = try await live.open().load(VersionReference(parsing: "checkout"), trust: nil)
      }
      #expect(error?.kind == .integrity, "\(path): \(error?.description ?? "")")
      #expect(error?.description.contains(path) == true, "\(error?.description ?? "")")
      let result = try await live.autopilot("artifact", "verify", "\(live.location)/checkout@1")
      #expect(result.code == 5 && result.errors.contains(path), "\(result.errors)")
      try await live.damage(path, ofVersion: 1) { bytes in
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        return changed
      }
    }
    try await expectSound("after all bits were put right")
  }

  func retention() async throws {
    let store = try live.open()
    for seed in 1...5 {
      _ = try await store.publish(
        try sampleArtifact(seed), as: nil, aliases: seed == 2 ? ["champion"] : [], signatures: [])
    }
    let rule = Retention(keep: 2, grace: .zero)
    #expect(try await store.collect(rule, dryRun: true).versions == ["checkout@1", "checkout@3"])
    #expect(try await store.versions(of: "checkout") == [1, 2, 3, 4, 5])
    #expect(try await store.collect(rule, dryRun: false).versions == ["checkout@1", "checkout@3"])
    #expect(try await store.versions(of: "checkout") == [2, 4, 5])
    #expect(
      try await store.publish(try sampleArtifact(1), as: nil, aliases: [], signatures: []).version
        == 6)
    try await expectSound("after a collection")
  }
}
