import Companions
import Diagnostics
import Foundation
import Registry
import RemoteRegistry
import Storage
import Testing
import Transport

/// Debian's registry of images, with a folder of its own.
final class LiveOCI: LiveRegistry {
  let location: String
  let environment: [String: String]
  private let folder: TestFolder
  private let server: Companion

  /// - Parameter password: What the user `ann` needs; nil for a registry that lets everyone in.
  init(password: String? = nil) async throws {
    folder = try TestFolder()
    let port = try await closedPort()
    var configuration = """
      version: 0.1
      storage: {filesystem: {rootdirectory: \(folder.path)/data}, delete: {enabled: true}}
      http: {addr: "127.0.0.1:\(port)"}
      log: {level: warn, accesslog: {disabled: true}}

      """
    if let password {
      let hashed = try await run(
        try #require(program("htpasswd")), ["-Bbn", "ann", password])
      let file = try folder.write("htpasswd", hashed.output)
      configuration += "auth: {htpasswd: {realm: test, path: \(file)}}\n"
    }
    server = try Companion(
      try #require(program("docker-registry")),
      ["serve", try folder.write("config.yml", configuration)], log: "\(folder.path)/log",
      environment: ["OTEL_TRACES_EXPORTER": "none"])
    location = "oci://127.0.0.1:\(port)/team/models"
    environment = [
      "HOME": folder.path, "AUTOPILOT_OCI_SETTLE": "300ms", "AUTOPILOT_OCI_LEASE": "4s",
    ]
    let client = try client()
    for _ in 0..<600 {
      if let answer = try? await client.send("GET", "/v2/", repository: nil),
        [200, 401].contains(answer.status)
      {
        return
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("no registry within half a minute")
  }

  func client() throws -> OCIClient {
    try OCIClient(OCIConfiguration(location: location, environment: environment))
  }

  /// Changes the blob where the registry keeps it.
  func damage(
    _ path: String, ofVersion version: Int, _ change: ([UInt8]) -> [UInt8]
  ) async throws {
    let client = try client()
    let stored = try #require(
      try await client.document(String(version), of: "team/models/checkout"))
    let manifest = try OCIManifest(stored, source: "test")
    let layer = try #require(
      manifest.layers.first { $0.annotations[OCIManifest.path] == path })
    let hex = layer.digest.dropFirst("sha256:".count)
    let file = "\(folder.path)/data/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data"
    let bytes = try FileSystem.readFile(at: file, limit: 1 << 20)
    try FileSystem.writeFileAtomically(change(bytes), to: file)
  }
}

@Suite(
  .serialized, .timeLimit(.minutes(20)),
  .enabled(
    if: program("docker-registry") != nil, "needs docker-registry; scripts/setup-components.sh"))
struct OCIStoreTests {
  @Test func `versions and aliases are published, promoted, pulled and rolled back`() async throws {
    let live = try await LiveOCI()
    try await StoreContract(live: live).publishPromotePullRollBack()
    // For other tools the alias is a tag of the version itself.
    let client = try live.client()
    let repository = "team/models/checkout"
    #expect(
      try await client.digest(of: "champion", in: repository)
        == client.digest(of: "1", in: repository))
  }

  @Test func `signatures are kept, added and verified`() async throws {
    try await StoreContract(live: try await LiveOCI()).signaturesTravel()
  }

  /// Beside all other tests the registry answers so late that requests are repeated; AUTOPILOT_STRESS=1
  /// asks for the many.
  @Test func `many publishers and promoters lose nothing and make nothing twice`() async throws {
    let isStressed = ProcessInfo.processInfo.environment["AUTOPILOT_STRESS"] != nil
    try await StoreContract(live: try await LiveOCI()).manyAtOnce(
      publishers: isStressed ? 50 : 6, promoters: isStressed ? 10 : 2)
  }

  /// What a slow registry does to a publisher: its time under the lock is up once the version is there.
  @Test func `a version is new to the publisher that made it, though the lock was lost on the way`()
    async throws
  {
    let live = try await LiveOCI()
    let client = try live.client()
    let repository = "team/models/checkout"
    _ = try await live.open().publish(
      try sampleArtifact(1), as: nil, aliases: [], signatures: [])
    let free = try #require(try await client.document("_lock", of: repository))
    let store = try live.open()
    let artifact = try sampleArtifact(2)
    let aliases = (1...60).map { "stage-\($0)" }
    let publishing = Task {
      try await store.publish(artifact, as: nil, aliases: aliases, signatures: [])
    }
    // Until the version is there; a publisher that failed says so below.
    for _ in 0..<60_000 where try await client.digest(of: "2", in: repository) == nil {
      try await Task.sleep(for: .milliseconds(1))
    }
    try await client.put(free, as: "_lock", to: repository)
    let made = try await publishing.value
    #expect(made.version == 2 && made.isNew)
    #expect(try await store.aliases(of: "checkout").count == aliases.count)
    #expect(try await store.versions(of: "checkout") == [1, 2])
  }

  @Test func `a flipped bit in any file is refused by name`() async throws {
    try await StoreContract(live: try await LiveOCI()).flippedBits()
  }

  @Test func `a collection keeps what is needed`() async throws {
    try await StoreContract(live: try await LiveOCI()).retention()
  }

  @Test func `a publisher killed at any moment leaves a sound registry`() async throws {
    try await StoreContract(live: try await LiveOCI()).killedPublishers(
      ProcessInfo.processInfo.environment["AUTOPILOT_STRESS"] != nil ? 50 : 12)
  }

  @Test func `the manifest is that of a ModelPack`() async throws {
    let live = try await LiveOCI()
    let artifact = try sampleArtifact(1)
    _ = try await live.open().publish(artifact, as: nil, aliases: [], signatures: [])
    let client = try live.client()
    let stored = try #require(try await client.document("1", of: "team/models/checkout"))
    let manifest = try OCIManifest(stored, source: "test")
    #expect(stored.mediaType == "application/vnd.oci.image.manifest.v1+json")
    #expect(manifest.artifactType == "application/vnd.cncf.model.manifest.v1+json")
    #expect(manifest.config.mediaType == "application/vnd.cncf.model.config.v1+json")
    #expect(
      manifest.layers.map(\.mediaType) == [
        "application/vnd.cncf.model.weight.config.v1.raw", "application/vnd.cncf.model.doc.v1.raw",
        "application/vnd.cncf.model.weight.config.v1.raw",
        "application/vnd.cncf.model.weight.v1.raw",
        "application/vnd.cncf.model.weight.config.v1.raw",
      ])
    // Equal artifacts are one manifest, whoever pushes them.
    #expect(OCIManifest.model(artifact).manifest.document.digest == stored.digest)
  }

  @Test(.enabled(if: program("htpasswd") != nil, "needs htpasswd of apache2-utils"))
  func `a password from the environment or Docker's configuration lets us in`() async throws {
    let live = try await LiveOCI(password: "s3cret")
    let artifact = try sampleArtifact(1)
    let refused = await diagnosed {
      _ = try await live.open().publish(artifact, as: nil, aliases: [], signatures: [])
    }
    #expect(refused?.kind == .invalidInput)
    #expect(refused?.description.contains("AUTOPILOT_OCI_USERNAME") == true)
    var environment = live.environment
    environment["AUTOPILOT_OCI_USERNAME"] = "ann"
    environment["AUTOPILOT_OCI_PASSWORD"] = "s3cret"
    let store = try OCIStore(location: live.location, environment: environment)
    _ = try await store.publish(artifact, as: nil, aliases: [], signatures: [])
    let folder = try TestFolder()
    let host = live.location.dropFirst("oci://".count).prefix { $0 != "/" }
    let pair = Data("ann:s3cret".utf8).base64EncodedString()
    _ = try folder.write("config.json", "{\"auths\": {\"\(host)\": {\"auth\": \"\(pair)\"}}}")
    environment = live.environment
    environment["DOCKER_CONFIG"] = folder.path
    let other = try OCIStore(location: live.location, environment: environment)
    #expect(try await other.find("checkout@1").digest == artifact.digest)
  }
}
