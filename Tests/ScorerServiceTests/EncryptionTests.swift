import Companions
import Foundation
import Testing
import Transport

/// Certificates of an authority of our own, made by openssl.
private struct Authority {
  let folder: TestFolder
  let name: String

  func path(_ name: String) -> String { "\(folder.path)/\(self.name)-\(name)" }

  init(_ name: String, in folder: TestFolder) async throws {
    (self.name, self.folder) = (name, folder)
    try await openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=\(name)", "-days", "2")
    _ = try folder.write("\(name)-server.cnf", "subjectAltName=IP:127.0.0.1\n")
    _ = try folder.write("\(name)-client.cnf", "extendedKeyUsage=clientAuth\n")
    for part in ["server", "client"] {
      try await openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
        path("\(part).key"), "-out", path("\(part).csr"), "-subj", "/CN=\(part)")
      try await openssl(
        "x509", "-req", "-in", path("\(part).csr"), "-CA", path("ca.pem"), "-CAkey",
        path("ca.key"), "-CAcreateserial", "-out", path("\(part).pem"), "-days", "2", "-extfile",
        path("\(part).cnf"))
    }
  }

  private func openssl(_ arguments: String...) async throws {
    let result = try await run(try #require(program("openssl")), arguments)
    try #require(result.code == 0, "\(result.errors)")
  }
}

@Suite("Encrypted connections to a scorer", .enabled(if: program("openssl") != nil))
struct EncryptionTests {
  /// Asks for the model's metadata; nil when there is no connection.
  private func ask(
    _ port: Int, trusting authority: Authority, as client: Authority?
  ) async throws -> Int? {
    var options = HTTPTransportOptions()
    options.retries.attempts = 1
    options.security.authorityFile = authority.path("ca.pem")
    options.security.certificateFile = client?.path("client.pem")
    options.security.keyFile = client?.path("client.key")
    let transport = try HTTPTransport(
      scheme: "https", host: "127.0.0.1", port: port, options: options)
    do {
      return try await transport.send(limit: 1 << 20) {
        HTTPRequest("GET", "https://127.0.0.1:\(port)/v2/models/small")
      }.status
    } catch {
      return nil
    }
  }

  @Test("Clients need certificates of the authority, and new files count without a restart")
  func certificates() async throws {
    let scene = try await ScorerScene()
    let (ours, theirs) = (
      try await Authority("ours", in: scene.folder), try await Authority("theirs", in: scene.folder)
    )
    for file in ["server.pem", "server.key", "ca.pem"] {
      try FileManager.default.copyItem(
        atPath: ours.path(file), toPath: "\(scene.folder.path)/current-\(file)")
    }
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder,
      settings: """
        tls: {certificate: current-server.pem, key: current-server.key, client_ca: current-ca.pem}
        """)
    // Probes have no certificate: they ask at the port of the metrics.
    try await scorer.until("ready") {
      try await scorer.get("/v2/health/ready", metrics: true).status == 200
    }
    #expect(try await ask(scorer.port, trusting: ours, as: ours) == 200)
    #expect(try await ask(scorer.port, trusting: ours, as: nil) == nil)
    #expect(try await ask(scorer.port, trusting: ours, as: theirs) == nil)
    #expect(try await ask(scorer.port, trusting: theirs, as: ours) == nil)
    for file in ["server.pem", "server.key", "ca.pem"] {
      let data = try Data(contentsOf: URL(fileURLWithPath: theirs.path(file)))
      try data.write(
        to: URL(fileURLWithPath: "\(scene.folder.path)/current-\(file)"), options: .atomic)
    }
    try await scorer.until("changed") {
      try await ask(scorer.port, trusting: theirs, as: theirs) == 200
    }
    #expect(try await ask(scorer.port, trusting: ours, as: ours) == nil)
  }

  @Test("A key that is none is one line, naming the files")
  func badKey() async throws {
    let folder = try TestFolder()
    let authority = try await Authority("ours", in: folder)
    _ = try folder.write("broken.key", "no key\n")
    let config = try folder.write(
      "scorer.yaml",
      """
      model: r/m@champion
      state: s
      listen: {port: 0}
      metrics: {port: 0}
      inputs: {push: true}
      tls: {certificate: \(authority.path("server.pem")), key: broken.key}
      """)
    let checked = try await run(scorerProgram, ["--config", config, "--check"])
    #expect(checked.code == 4)
    #expect(checked.errors.contains("server.pem"), "\(checked.errors)")
  }
}
