import Diagnostics
import Foundation
import Registry
import Storage
import Testing

@Suite struct ArtifactFolderTests {
  private let folder: TemporaryFolder
  private let model: String

  init() throws {
    folder = try TemporaryFolder()
    model = folder("model-out")
  }

  private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
    try FileSystem.writeFileAtomically(bytes, to: path)
  }

  @Test func `an artifact survives a round trip`() throws {
    let artifact = try sampleArtifact(5)
    try artifact.write(to: model)
    let loaded = try Artifact.load(directory: model)
    #expect(loaded.files == artifact.files)
    #expect(loaded.manifest == artifact.manifest)
    #expect(loaded.digest == artifact.digest)
    #expect(
      try contents(of: model).keys.sorted() == [
        "card.md", "manifest.json", "model/weights.safetensors", "notes.txt",
      ])
    #expect(try FileSystem.contents(of: folder.path) == ["model-out"])
  }

  @Test func `equal content has an equal digest whatever folder it was written from`() throws {
    try sampleArtifact(5).write(to: folder("a/b/c"))
    try sampleArtifact(5).write(to: folder("elsewhere/"))
    let (one, other) = try (contents(of: folder("a/b/c")), contents(of: folder("elsewhere")))
    #expect(one == other && one.count == 4)
    #expect(
      try Artifact.load(directory: folder("a/b/c")).digest
        == Artifact.load(directory: folder("elsewhere/")).digest)
  }

  @Test func `a flipped bit in any file is refused by the file's name`() throws {
    try sampleArtifact().write(to: model)
    for (name, bytes) in try contents(of: model) {
      for index in bytes.indices {
        var spoiled = bytes
        spoiled[index] ^= 1 << (index % 8)
        try Data(spoiled).write(to: URL(fileURLWithPath: "\(model)/\(name)"))
        let error = registryError { _ = try Artifact.load(directory: model) }
        #expect(
          error?.description.hasPrefix("\(model)/\(name): ") == true, "byte \(index) of \(name)")
        if name != "manifest.json" { #expect(error?.kind == .integrity) }
      }
      try overwrite("\(model)/\(name)", bytes)
    }
    #expect(try Artifact.load(directory: model) == sampleArtifact())
  }

  @Test func `a shorter, longer or missing file is refused by name`() throws {
    try sampleArtifact().write(to: model)
    let file = "\(model)/model/weights.safetensors"
    let bytes = try FileSystem.readFile(at: file, limit: 1000)
    try overwrite(file, Array(bytes.dropLast()))
    #expect(
      registryError { _ = try Artifact.load(directory: model) }
        == .sizeMismatch(path: file, expected: 200, found: "199 bytes"))
    try overwrite(file, bytes + [0])
    #expect(
      registryError { _ = try Artifact.load(directory: model) }
        == .sizeMismatch(path: file, expected: 200, found: "more than 200 bytes"))
    try FileSystem.removeTree(at: file)
    let missing = registryError { _ = try Artifact.load(directory: model) }
    #expect(missing == .missingFile(path: file))
    #expect(missing?.kind == .integrity)
  }

  @Test(arguments: ["extra.bin", "model/extra.bin", ".hidden", "model/.weights.partial"])
  func `a file that the manifest does not list is refused by name`(name: String) throws {
    try sampleArtifact().write(to: model)
    try overwrite("\(model)/\(name)", [1])
    let error = registryError { _ = try Artifact.load(directory: model) }
    #expect(error == .unlistedEntry(path: "\(model)/\(name)"))
    #expect(error?.kind == .integrity)
  }

  @Test func `an empty folder that the manifest does not need is refused`() throws {
    try sampleArtifact().write(to: model)
    try FileSystem.createDirectories(at: "\(model)/model/more")
    #expect(
      registryError { _ = try Artifact.load(directory: model) }
        == .unlistedEntry(path: "\(model)/model/more"))
  }

  @Test(arguments: ["card.md", "model", "model/weights.safetensors", "manifest.json"])
  func `a symbolic link is refused even when it leads to the right bytes`(name: String) throws {
    try sampleArtifact().write(to: model)
    let moved = folder("moved")
    try FileManager.default.moveItem(atPath: "\(model)/\(name)", toPath: moved)
    try FileManager.default.createSymbolicLink(
      atPath: "\(model)/\(name)", withDestinationPath: moved)
    #expect(
      registryError { _ = try Artifact.load(directory: model) }
        == .irregularEntry(path: "\(model)/\(name)", found: "a symbolic link"))
  }

  @Test(arguments: ["card.md", "model/weights.safetensors", "manifest.json"])
  func `a named pipe is refused without waiting for bytes`(name: String) throws {
    try sampleArtifact().write(to: model)
    try FileSystem.removeTree(at: "\(model)/\(name)")
    try #require(unsafe mkfifo("\(model)/\(name)", 0o600) == 0)
    #expect(
      registryError { _ = try Artifact.load(directory: model) }
        == .irregularEntry(path: "\(model)/\(name)", found: "a device, pipe or socket"))
  }

  @Test func `a folder in a file's place is refused`() throws {
    try sampleArtifact().write(to: model)
    try FileSystem.removeTree(at: "\(model)/card.md")
    try FileSystem.createDirectories(at: "\(model)/card.md")
    #expect(
      registryError { _ = try Artifact.load(directory: model) }
        == .irregularEntry(path: "\(model)/card.md", found: "a folder in a file's place"))
  }

  @Test func `a folder without manifest is no artifact`() throws {
    #expect(
      registryError { _ = try Artifact.load(directory: model) } == .notAnArtifact(path: model))
    try FileSystem.createDirectories(at: model)
    let error = registryError { _ = try Artifact.load(directory: model) }
    #expect(error == .notAnArtifact(path: model))
    #expect(error?.kind == .invalidInput)
  }

  @Test func `writing the same artifact again changes nothing`() throws {
    try sampleArtifact().write(to: model)
    let before = try FileManager.default.attributesOfItem(atPath: "\(model)/card.md")
    try sampleArtifact().write(to: model)
    let after = try FileManager.default.attributesOfItem(atPath: "\(model)/card.md")
    #expect(before[.systemFileNumber] as? UInt64 == after[.systemFileNumber] as? UInt64)
    #expect(before[.systemFileNumber] as? UInt64 != nil)
  }

  @Test func `another artifact is replaced only when told`() throws {
    try sampleArtifact(1).write(to: model)
    let error = registryError { try sampleArtifact(2).write(to: model) }
    guard case .occupied(model, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.kind == .invalidInput)
    #expect(try Artifact.load(directory: model) == sampleArtifact(1))
    try sampleArtifact(2).write(to: model, replacing: true)
    #expect(try Artifact.load(directory: model) == sampleArtifact(2))
    #expect(try FileSystem.contents(of: folder.path) == ["model-out"])
  }

  @Test func `a damaged or half removed artifact counts as another one`() throws {
    try sampleArtifact().write(to: model)
    try FileSystem.removeTree(at: "\(model)/card.md")
    #expect(registryError { try sampleArtifact().write(to: model) } != nil)
    try sampleArtifact().write(to: model, replacing: true)
    #expect(try Artifact.load(directory: model) == sampleArtifact())
  }

  @Test func `what is no artifact is never replaced`() throws {
    try FileSystem.createDirectories(at: model)
    try overwrite("\(model)/thesis.txt", [1])
    #expect(registryError { try sampleArtifact().write(to: model, replacing: true) } != nil)
    try overwrite(folder("file"), [1])
    #expect(
      registryError { try sampleArtifact().write(to: folder("file"), replacing: true) } != nil)
    #expect(try contents(of: folder.path) == ["model-out/thesis.txt": [1], "file": [1]])
  }

  @Test func `a link to an artifact is not replaced`() throws {
    try sampleArtifact(1).write(to: model)
    try FileManager.default.createSymbolicLink(
      atPath: folder("current"), withDestinationPath: model)
    #expect(
      registryError { try sampleArtifact(2).write(to: folder("current/"), replacing: true) } != nil)
    #expect(try Artifact.load(directory: model) == sampleArtifact(1))
    #expect(try Artifact.load(directory: folder("current")) == sampleArtifact(1))
  }

  @Test func `an empty folder is used`() throws {
    try FileSystem.createDirectories(at: model)
    try sampleArtifact().write(to: model)
    #expect(try Artifact.load(directory: model) == sampleArtifact())
  }

  @Test(arguments: ["", "/", ".", "..", "a/.."])
  func `a path that names no new folder is refused`(path: String) throws {
    #expect(registryError { try sampleArtifact().write(to: path) }?.kind == .invalidInput)
  }
}
