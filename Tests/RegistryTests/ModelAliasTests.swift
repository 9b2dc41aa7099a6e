import Diagnostics
import Registry
import Storage
import Testing

@Suite struct ModelAliasTests {
  private let folder: TemporaryFolder
  private let registry: DirectoryRegistry

  init() throws {
    folder = try TemporaryFolder()
    registry = DirectoryRegistry(root: folder.path)
    for seed in 1...3 { _ = try registry.publish(try sampleArtifact(seed)) }
  }

  private var file: String { folder("checkout/aliases/champion.json") }

  @Test func `an alias file holds the version, its digest and the history`() throws {
    try registry.setAlias("champion", of: "checkout", to: 2)
    try registry.setAlias("champion", of: "checkout", to: 3)
    let digests = try (1...3).map { try sampleArtifact($0).digest }
    let text = """
      {
        "history": [
          {
            "manifest_sha256": "\(digests[1])",
            "version": 2
          }
        ],
        "manifest_sha256": "\(digests[2])",
        "version": 3
      }

      """
    let bytes = try FileSystem.readFile(at: file, limit: 1000)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
    #expect(try FileSystem.contents(of: folder("checkout/aliases")) == ["champion.json"])
  }

  @Test func `every move is remembered, oldest first`() throws {
    for version in [1, 2, 1, 3] {
      try registry.setAlias("champion", of: "checkout", to: version)
    }
    let alias = try #require(try registry.aliases(of: "checkout").first)
    #expect(alias.target.version == 3)
    #expect(alias.history.map(\.version) == [1, 2, 1])
    #expect(try alias.history[1].digest == sampleArtifact(2).digest)
  }

  @Test func `the history keeps the last thousand moves and stays readable`() throws {
    let digest = try sampleArtifact(1).digest
    let entry: JSONValue = ["version": 1, "manifest_sha256": .string(digest)]
    let record: JSONValue = [
      "version": 2, "manifest_sha256": .string(try sampleArtifact(2).digest),
      "history": .array(Array(repeating: entry, count: ModelAlias.historyLimit)),
    ]
    try FileSystem.createDirectories(at: folder("checkout/aliases"))
    try FileSystem.writeFileAtomically(Array(record.text(indented: true).utf8), to: file)
    let moved = try registry.setAlias("champion", of: "checkout", to: 3)
    #expect(moved.history.count == ModelAlias.historyLimit)
    #expect(moved.history.last?.version == 2)
    #expect(try registry.aliases(of: "checkout") == [moved])
  }

  @Test func `a move to the same place leaves no trace`() throws {
    try registry.setAlias("champion", of: "checkout", to: 2)
    let before = try FileSystem.readFile(at: file, limit: 1000)
    try registry.setAlias("champion", of: "checkout", to: 2, expecting: .version(2))
    #expect(try FileSystem.readFile(at: file, limit: 1000) == before)
  }

  @Test func `an alias moves only from where it is expected`() throws {
    try registry.setAlias("champion", of: "checkout", to: 1, expecting: .absent)
    try registry.setAlias("champion", of: "checkout", to: 2, expecting: .version(1))
    for (expectation, text) in [
      (AliasExpectation.version(1), "version 1"), (.version(3), "version 3"),
      (.absent, "no version"),
    ] {
      let error = registryError {
        try registry.setAlias("champion", of: "checkout", to: 3, expecting: expectation)
      }
      #expect(
        error
          == .aliasConflict(
            model: folder("checkout"), alias: "champion", expected: text, found: "version 2"))
      #expect(error?.kind == .environment)
    }
    let absent = registryError {
      try registry.setAlias("challenger", of: "checkout", to: 3, expecting: .version(1))
    }
    #expect(
      absent
        == .aliasConflict(
          model: folder("checkout"), alias: "challenger", expected: "version 1",
          found: "no version"))
    #expect(try registry.aliases(of: "checkout").map(\.target.version) == [2])
    #expect(try registry.setAlias("champion", of: "checkout", to: 3).target.version == 3)
  }

  @Test func `an alias never comes to point at an absent or damaged version`() throws {
    #expect(
      registryError { try registry.setAlias("champion", of: "checkout", to: 9) }
        == .unknownVersion(model: folder("checkout"), version: 9, available: [1, 2, 3]))
    #expect(
      registryError { try registry.setAlias("champion", of: "web", to: 1) }
        == .unknownModel(registry: folder.path, name: "web", available: ["checkout"]))
    try FileSystem.removeTree(at: folder("checkout/2/card.md"))
    #expect(
      registryError { try registry.setAlias("champion", of: "checkout", to: 2) }
        == .missingFile(path: folder("checkout/2/card.md")))
    #expect(try registry.aliases(of: "checkout").isEmpty)
  }

  @Test func `a change of a registry that is not there does not create it`() throws {
    let elsewhere = DirectoryRegistry(root: folder("elsewhere"))
    #expect(
      registryError { try elsewhere.setAlias("champion", of: "checkout", to: 1) }
        == .noRegistry(path: elsewhere.root))
    #expect(FileSystem.item(at: elsewhere.root) == nil)
  }

  @Test(arguments: [
    "", "{", "[]", "{\"version\":1}", "{\"version\":0,\"manifest_sha256\":\"\",\"history\":[]}",
    "{\"version\":1,\"manifest_sha256\":\"zz\",\"history\":[]}",
  ])
  func `a damaged alias file is refused by name`(text: String) throws {
    try registry.setAlias("champion", of: "checkout", to: 1)
    try FileSystem.writeFileAtomically(Array(text.utf8), to: file)
    let error = registryError { _ = try registry.resolve("checkout@champion") }
    guard case .damagedRecord(file, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.kind == .integrity)
  }
}
