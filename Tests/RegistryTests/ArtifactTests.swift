import Diagnostics
import Registry
import Storage
import Testing

@Suite struct ArtifactTests {
  @Test func `the manifest is canonical JSON with files in order`() throws {
    let artifact = try Artifact(
      name: "web",
      files: [
        ArtifactFile(path: "b.json", bytes: Array("{}".utf8)),
        ArtifactFile(path: "a/x", bytes: []),
      ], properties: ["seed": 7, "data": "d1"])
    let text = """
      {
        "content_sha256": "89a8b93edd4450f784c4698b1d55de521d92bb82f8e45f41d229b1a27aaf6690",
        "expires": null,
        "files": [
          {
            "path": "a/x",
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "size": 0
          },
          {
            "path": "b.json",
            "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "size": 2
          }
        ],
        "inputs": null,
        "name": "web",
        "properties": {
          "data": "d1",
          "seed": 7
        },
        "schema_version": 2
      }

      """
    #expect(String(decoding: artifact.manifest.bytes, as: UTF8.self) == text)
    #expect(artifact.digest == SHA256Digest.hexadecimal(of: Array(text.utf8)))
    #expect(artifact.files.map(\.path) == ["a/x", "b.json"])
  }

  @Test func `the order in which files are given does not matter`() throws {
    let files = ["c", "a", "b/d", "b/c", "b.x"].map { ArtifactFile(path: $0, bytes: [1]) }
    let one = try Artifact(name: "web", files: files, properties: [:])
    let other = try Artifact(name: "web", files: files.reversed(), properties: [:])
    #expect(one == other && one.manifest.bytes == other.manifest.bytes)
    #expect(one.files.map(\.path) == ["a", "b.x", "b/c", "b/d", "c"])
  }

  @Test func `name, content, path and properties all change the digest`() throws {
    func digest(_ name: String, _ path: String, _ byte: UInt8, _ seed: Int) throws -> String {
      try Artifact(
        name: name, files: [ArtifactFile(path: path, bytes: [byte])],
        properties: ["seed": .integer(seed)]
      ).digest
    }
    let digests = try [
      digest("a", "x", 0, 0), digest("b", "x", 0, 0), digest("a", "y", 0, 0),
      digest("a", "x", 1, 0), digest("a", "x", 0, 1),
    ]
    #expect(Set(digests).count == 5)
    #expect(try digest("a", "x", 0, 0) == digests[0])
  }

  @Test func `a parsed manifest equals the one it was written from`() throws {
    let manifest = try sampleArtifact().manifest
    #expect(try ArtifactManifest(parsing: manifest.bytes, source: "m") == manifest)
  }

  @Test func `content is found by path`() throws {
    let artifact = try sampleArtifact(3)
    #expect(try artifact.bytes(of: "card.md") == Array("# Model 3\n".utf8))
    #expect(
      registryError { _ = try artifact.bytes(of: "card") }?.description.contains("card") == true)
  }

  @Test(arguments: [
    ("", "is empty"), ("/etc/passwd", "is absolute"), ("../x", "'..'"), ("a/../../x", "'..'"),
    ("a/..", "'..'"), ("..", "'..'"), (".", "'.'"), ("./a", "'.'"), ("a//b", "empty part"),
    ("a/", "empty part"), ("a\\b", "backslash"), ("..\\x", "backslash"), ("a\nb", "control"),
    ("a\0b", "control"), ("manifest.json", "manifest's own"),
    ("manifest.json/a", "lies below 'manifest.json'"),
    (String(repeating: "x", count: 256), "255"),
    (String(repeating: "x/", count: 600) + "x", "1024"),
  ])
  func `a path that could leave the folder or cannot be a file is refused`(
    path: String, reason: String
  ) throws {
    let error = registryError {
      _ = try Artifact(
        name: "web", files: [ArtifactFile(path: path, bytes: [])], properties: [:])
    }
    guard case .unsafePath(path, _, let found) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found.contains(reason) && error?.kind == .integrity)
  }

  @Test(arguments: [["a", "a"], ["a", "a/b"], ["a/b", "a/b/c"], ["a/b", "a.b", "a/b/c/d"]])
  func `a path that occurs twice, or as file and folder, is refused`(paths: [String]) {
    let error = registryError {
      _ = try Artifact(
        name: "web", files: paths.map { ArtifactFile(path: $0, bytes: []) }, properties: [:])
    }
    guard case .unsafePath = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "", "Web", "-web", ".web", "_web", "a/b", "a b", "é", "web\n",
    String(repeating: "a", count: 64),
  ])
  func `a name that is unsafe as a file name is refused`(name: String) {
    let error = registryError { _ = try Artifact(name: name, files: [], properties: [:]) }
    #expect(error == .invalidName(name, role: "model name"))
    #expect(error?.kind == .invalidInput)
  }

  @Test(arguments: ["a", "0", "a.b_c-d", "2024.01", String(repeating: "a", count: 63)])
  func `a plain name is taken`(name: String) throws {
    #expect(try Artifact(name: name, files: [], properties: [:]).manifest.name == name)
  }

  @Test func `properties that are no object trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = try Artifact(name: "web", files: [], properties: [1])
    }
  }
}
