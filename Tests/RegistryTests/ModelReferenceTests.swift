import Diagnostics
import Registry
import Storage
import Testing

@Suite struct ModelReferenceTests {
  @Test(arguments: [
    ("models/registry/checkout@champion", "models/registry", "checkout@champion"),
    ("models/registry/checkout@12", "models/registry", "checkout@12"),
    ("/checkout@1", "/", "checkout@1"), ("checkout@challenger", ".", "checkout@challenger"),
    ("../r@2/checkout@1", "../r@2", "checkout@1"),
  ])
  func `a text with an @ in its last part names a registry's model`(
    text: String, root: String, reference: String
  ) throws {
    let parsed = try ModelReference(parsing: text)
    #expect(parsed == .registry(root: root, try VersionReference(parsing: reference)))
  }

  @Test(arguments: ["runs/one", "model", "/a/b", ".", "runs/a@b/", "a@1/b"])
  func `any other text is the folder of an artifact`(text: String) throws {
    #expect(try ModelReference(parsing: text) == .directory(text))
  }

  @Test func `a version reference reads aliases, versions and the default`() throws {
    let champion = try VersionReference(name: "web", selector: .alias("champion"))
    #expect(try VersionReference(parsing: "web") == champion)
    #expect(try VersionReference(parsing: "web@champion") == champion)
    #expect(try VersionReference(parsing: "web@3").selector == .version(3))
    #expect(try VersionReference(parsing: "web@v3").selector == .alias("v3"))
    for text in ["web@champion", "web@3", "a.b-c_d@x1"] {
      #expect(try VersionReference(parsing: text).description == text)
    }
  }

  @Test(arguments: [
    "", "r/@", "r/web@", "r/@champion", "r/web@0", "r/web@03", "r/web@a@b",
    "r/web@-1", "r/web@+1", "r/Web@1", "r/web@Champion", "r/web@99999999999999999999", "r/we b@1",
  ])
  func `a malformed reference is refused`(text: String) {
    let error = registryError { _ = try ModelReference(parsing: text) }
    switch error {
    case .invalidReference: #expect(error?.kind == .usage)
    case .invalidName: #expect(error?.kind == .invalidInput)
    default: Issue.record("\(String(describing: error))")
    }
  }

  @Test func `a model loads from a folder and from a registry`() async throws {
    let folder = try TemporaryFolder()
    let artifact = try sampleArtifact()
    try artifact.write(to: folder("run"))
    let plain = try await ModelReference(parsing: folder("run")).load()
    #expect(plain.artifact == artifact && plain.registered == nil)
    let registry = DirectoryRegistry(root: folder("registry"))
    _ = try registry.publish(artifact, aliases: ["champion"])
    let found = try await ModelReference(parsing: folder("registry/checkout@champion")).load()
    #expect(found.artifact == artifact && found.registered?.version == 1)
  }

  @Test func `a registry's model without version is told from a folder without artifact`()
    async throws
  {
    let folder = try TemporaryFolder()
    let registry = DirectoryRegistry(root: folder.path)
    _ = try registry.publish(try sampleArtifact(1), aliases: ["champion"])
    _ = try registry.publish(try sampleArtifact(2))
    #expect(
      await asyncRegistryError { _ = try await ModelReference(parsing: folder("checkout")).load() }
        == .versionNotChosen(
          path: folder("checkout"), versions: [1, 2], aliases: ["champion"]))
    #expect(
      await asyncRegistryError { _ = try await ModelReference(parsing: folder("nothing")).load() }
        == .notAnArtifact(path: folder("nothing")))
    #expect(
      await asyncRegistryError { _ = try await ModelReference(parsing: folder("no/where")).load() }
        == .notAnArtifact(path: folder("no/where")))
  }
}
