import Diagnostics
import Registry
import Storage
import Testing

@Suite struct RetentionTests {
  private let folder: TemporaryFolder
  private let registry: DirectoryRegistry

  init() throws {
    folder = try TemporaryFolder()
    registry = DirectoryRegistry(root: folder("registry"))
    for seed in 1...6 {
      _ = try registry.publish(
        try sampleArtifact(seed), aliases: seed == 2 || seed == 4 ? ["champion"] : [])
    }
    try registry.setAlias("challenger", of: "checkout", to: 1)
  }

  @Test func `what aliases point at, ever pointed at, and the newest stay`() throws {
    let found = try registry.collect(Retention(keep: 1), dryRun: true)
    #expect(found.versions == ["checkout@3", "checkout@5"])
    #expect(try registry.versions(of: "checkout") == [1, 2, 3, 4, 5, 6])
    #expect(try registry.collect(Retention(keep: 1), dryRun: false) == found)
    #expect(try registry.versions(of: "checkout") == [1, 2, 4, 6])
    #expect(FileSystem.item(at: folder("registry/.staging")) == nil)
    #expect(try registry.collect(Retention(keep: 1), dryRun: false).versions.isEmpty)
  }

  @Test func `numbers of removed versions are not given out again`() throws {
    _ = try registry.collect(Retention(keep: 1), dryRun: false)
    #expect(try registry.publish(try sampleArtifact(9)).version == 7)
  }

  @Test func `only the named models are looked at`() throws {
    let rule = Retention(keep: 1, names: ["other"])
    #expect(try registry.collect(rule, dryRun: false).versions.isEmpty)
  }

  @Test func `rolling back goes further each time, and ends`() async throws {
    let registry = registry
    try registry.setAlias("champion", of: "checkout", to: 6)
    #expect(try await registry.rollBack("champion", of: "checkout").alias.target.version == 4)
    let second = try await registry.rollBack("champion", of: "checkout")
    #expect(second.alias.target.version == 2 && second.from == 4)
    await #expect(throws: RegistryError.self) {
      try await registry.rollBack("champion", of: "checkout")
    }
    #expect(
      try registry.aliases(of: "checkout").first { $0.name == "champion" }?.history
        .map(\.version) == [2, 4, 6, 4])
  }

  @Test func `differences are named`() throws {
    let (one, two) = (try sampleArtifact(1), try sampleArtifact(2))
    let difference = ArtifactDifference(from: one.manifest, to: two.manifest)
    #expect(difference.files.map(\.path) == ["card.md", "model/weights.safetensors"])
    #expect(difference.properties.map(\.name) == ["seed"])
    #expect(ArtifactDifference(from: one.manifest, to: one.manifest).files.isEmpty)
  }

  @Test func `an audit names all that is wrong, and a copied folder still passes`() async throws {
    let copy = folder("copy")
    for (path, bytes) in try contents(of: registry.root) {
      let target = "\(copy)/\(path)"
      try FileSystem.createDirectories(
        at: target.split(separator: "/", omittingEmptySubsequences: false).dropLast()
          .joined(separator: "/"))
      try FileSystem.writeFileAtomically(bytes, to: target)
    }
    let store = DirectoryRegistry(root: copy)
    let sound = try await RegistryAudit(of: store) { _ in }
    #expect(sound.versions == 6 && sound.aliases == 2 && sound.defects.isEmpty)
    try FileSystem.writeFileAtomically([1], to: "\(copy)/checkout/3/card.md")
    try FileSystem.writeFileAtomically([1], to: "\(copy)/checkout/4/manifest.json")
    let audit = try await RegistryAudit(of: store) { _ in }
    #expect(audit.defects.map(\.reference) == ["checkout@3", "checkout@4", "checkout@champion"])
    #expect(audit.defects.allSatisfy { $0.error.kind == .integrity })
  }
}
