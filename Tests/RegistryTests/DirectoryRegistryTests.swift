import Diagnostics
import Foundation
import Registry
import Storage
import Testing

@Suite struct DirectoryRegistryTests {
  private let folder: TemporaryFolder
  private let registry: DirectoryRegistry

  init() throws {
    folder = try TemporaryFolder()
    registry = DirectoryRegistry(root: folder("registry"))
  }

  @Test func `versions count from 1 and load as they were published`() throws {
    for seed in 1...3 {
      let artifact = try sampleArtifact(seed)
      let published = try registry.publish(artifact)
      #expect(published.version == seed && published.isNew && published.digest == artifact.digest)
    }
    #expect(try registry.names() == ["checkout"])
    #expect(try registry.versions(of: "checkout") == [1, 2, 3])
    for seed in 1...3 {
      let loaded = try registry.load("checkout@\(seed)")
      #expect(loaded.artifact.files == (try sampleArtifact(seed)).files)
      #expect(loaded.registered?.directory == folder("registry/checkout/\(seed)"))
    }
    #expect(FileSystem.item(at: folder("registry/.staging")) == nil)
  }

  @Test func `datasets are those that any version was trained on`() async throws {
    await #expect(throws: RegistryError.self) { try await registry.datasets() }
    for (name, dataset) in [("a", "11"), ("a", "22"), ("b", "22"), ("b", nil)] {
      let artifact = try Artifact(
        name: name, files: [],
        properties: dataset.map { ["dataset": .string($0)] } ?? [:])
      _ = try registry.publish(artifact)
    }
    #expect(try await registry.datasets() == ["11", "22"])
    try FileSystem.writeFileAtomically([0x7B], to: folder("registry/b/1/manifest.json"))
    await #expect(throws: RegistryError.self) { try await registry.datasets() }
  }

  @Test func `versions are in numeric order beyond nine`() throws {
    for seed in 1...11 { _ = try registry.publish(try sampleArtifact(seed)) }
    #expect(try registry.versions(of: "checkout") == Array(1...11))
  }

  @Test func `models do not share numbers, and a model may go by another name`() throws {
    _ = try registry.publish(try sampleArtifact(1))
    let other = try registry.publish(try sampleArtifact(1), as: "canary")
    #expect(other.version == 1 && other.isNew && other.name == "canary")
    #expect(try registry.names() == ["canary", "checkout"])
  }

  @Test func `publishing the same artifact again returns its version and moves aliases`() throws {
    let first = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    _ = try registry.publish(try sampleArtifact(2), aliases: ["champion"])
    let before = try contents(of: folder("registry/checkout/1"))
    let again = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    #expect(!again.isNew && again.version == 1 && again.digest == first.digest)
    #expect(try registry.versions(of: "checkout") == [1, 2])
    #expect(try registry.resolve("checkout@champion").version == 1)
    #expect(try contents(of: folder("registry/checkout/1")) == before)
  }

  @Test func `publishing what is there, but damaged, is refused by the file's name`() throws {
    _ = try registry.publish(try sampleArtifact(1))
    let file = folder("registry/checkout/1/card.md")
    try FileSystem.writeFileAtomically(Array("# Model 7\n".utf8), to: file)
    let error = registryError { _ = try registry.publish(try sampleArtifact(1)) }
    guard case .digestMismatch(file, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(registryError { _ = try registry.load("checkout@1") } == error)
  }

  @Test func `a name alone means its champion`() throws {
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion", "challenger"])
    _ = try registry.publish(try sampleArtifact(2), aliases: ["challenger"])
    #expect(try registry.resolve("checkout").version == 1)
    #expect(try registry.resolve("checkout@challenger").version == 2)
    #expect(try registry.load("checkout").artifact == sampleArtifact(1))
  }

  @Test func `a reference that leads nowhere says what there is`() throws {
    #expect(
      registryError { _ = try registry.resolve("checkout") } == .noRegistry(path: registry.root))
    _ = try registry.publish(try sampleArtifact(1), aliases: ["challenger"])
    _ = try registry.publish(try sampleArtifact(2))
    #expect(
      registryError { _ = try registry.resolve("web@1") }
        == .unknownModel(registry: registry.root, name: "web", available: ["checkout"]))
    let model = folder("registry/checkout")
    #expect(
      registryError { _ = try registry.resolve("checkout@7") }
        == .unknownVersion(model: model, version: 7, available: [1, 2]))
    let error = registryError { _ = try registry.resolve("checkout") }
    #expect(
      error
        == .unknownAlias(
          model: model, alias: "champion", aliases: ["challenger"], versions: [1, 2]))
    #expect(error?.description.hasSuffix("aliases: challenger; versions: 1, 2") == true)
  }

  @Test func `a number is not given out again when its folder was removed by hand`() throws {
    _ = try registry.publish(try sampleArtifact(1))
    _ = try registry.publish(try sampleArtifact(2), aliases: ["champion"])
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    try FileSystem.removeTree(at: folder("registry/checkout/2"))
    #expect(try registry.publish(try sampleArtifact(3)).version == 3)
  }

  @Test func `files that are no versions or aliases are passed over`() throws {
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    for stray in ["01", "x1", "+2", "aliases/README.md", "aliases/7.json", "9"] {
      try FileSystem.writeFileAtomically([1], to: folder("registry/checkout/\(stray)"))
    }
    try FileSystem.createDirectories(at: folder("registry/.git"))
    #expect(try registry.names() == ["checkout"])
    #expect(try registry.versions(of: "checkout") == [1])
    #expect(try registry.aliases(of: "checkout").map(\.name) == ["champion"])
    #expect(try registry.publish(try sampleArtifact(2)).version == 10)
  }

  @Test func `a version whose manifest was exchanged is refused through its alias`() throws {
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    try FileSystem.removeTree(at: folder("registry/checkout/1"))
    try sampleArtifact(2).write(to: folder("other"))
    try FileManager.default.moveItem(
      atPath: folder("other"), toPath: folder("registry/checkout/1"))
    let error = registryError { _ = try registry.load("checkout@champion") }
    guard case .digestMismatch(folder("registry/checkout/1/manifest.json"), _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.kind == .integrity)
  }

  @Test func `an artifact is written over no version`() throws {
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    for version in ["1", "2"] {
      let error = registryError {
        try sampleArtifact(2).write(to: folder("registry/checkout/\(version)"), replacing: true)
      }
      guard case .occupied = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(try registry.load("checkout@champion").artifact == sampleArtifact(1))
  }

  @Test func `bad names are refused before anything is written`() throws {
    #expect(
      registryError { _ = try registry.publish(try sampleArtifact(), as: "../x") }
        == .invalidName("../x", role: "model name"))
    for alias in ["3", "../x", "", "Champion", "a@b"] {
      #expect(
        registryError { _ = try registry.publish(try sampleArtifact(), aliases: ["ok", alias]) }
          == .invalidName(alias, role: "alias"))
    }
    #expect(FileSystem.item(at: registry.root) == nil)
  }

  @Test func `a registry that cannot be written is read`() throws {
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    let area = try StagingArea(root: registry.root)
    defer { area.close() }
    #expect(try registry.load("checkout").artifact == sampleArtifact(1))
    #expect(try registry.aliases(of: "checkout").count == 1)
  }
}
