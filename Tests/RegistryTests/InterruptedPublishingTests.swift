import Diagnostics
import Registry
import Storage
import Testing

/// The states that a killed publishing can leave, built one by one.
@Suite struct InterruptedPublishingTests {
  private let folder: TemporaryFolder
  private let registry: DirectoryRegistry

  init() throws {
    folder = try TemporaryFolder()
    registry = DirectoryRegistry(root: folder("registry"))
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
  }

  /// Puts the second artifact's files into a folder, as many as `count`.
  private func write(_ count: Int, to path: String) throws {
    let artifact = try sampleArtifact(2)
    try FileSystem.createDirectories(at: "\(path)/model")
    let manifest = ArtifactFile(path: "manifest.json", bytes: artifact.manifest.bytes)
    for file in (artifact.files + [manifest]).prefix(count) {
      try FileSystem.writeFileAtomically(file.bytes, to: "\(path)/\(file.path)")
    }
  }

  @Test(arguments: 0...4)
  func `a half staged version is invisible, and gone after the next publishing`(
    files: Int
  ) throws {
    try write(files, to: folder("registry/.staging/version"))
    #expect(try registry.names() == ["checkout"])
    #expect(try registry.versions(of: "checkout") == [1])
    #expect(try registry.resolve("checkout").version == 1)
    let published = try registry.publish(try sampleArtifact(2), aliases: ["champion"])
    #expect(published.version == 2 && published.isNew)
    #expect(try registry.load("checkout").artifact == sampleArtifact(2))
    #expect(try FileSystem.contents(of: registry.root) == ["checkout"])
  }

  @Test func `a version without its alias is completed by publishing again`() throws {
    try write(4, to: folder("registry/checkout/2"))
    #expect(try registry.resolve("checkout").version == 1)
    #expect(try registry.load("checkout@2").artifact == sampleArtifact(2))
    let published = try registry.publish(
      try sampleArtifact(2), aliases: ["champion", "challenger"])
    #expect(published.version == 2 && !published.isNew)
    #expect(try registry.aliases(of: "checkout").map(\.target.version) == [2, 2])
  }

  @Test func `a staged alias does not count`() throws {
    _ = try registry.publish(try sampleArtifact(2))
    try FileSystem.createDirectories(at: folder("registry/.staging"))
    try FileSystem.writeFileAtomically([1], to: folder("registry/.staging/alias"))
    #expect(try registry.resolve("checkout").version == 1)
    try registry.setAlias("champion", of: "checkout", to: 2, expecting: .version(1))
    #expect(FileSystem.item(at: folder("registry/.staging")) == nil)
  }

  @Test func `a model's folder without versions is unknown until the first one`() throws {
    try FileSystem.createDirectories(at: folder("registry/web"))
    #expect(try registry.versions(of: "web").isEmpty)
    #expect(registryError { _ = try registry.resolve("web") }?.kind == .invalidInput)
    #expect(try registry.publish(try sampleArtifact(1), as: "web").version == 1)
  }
}
