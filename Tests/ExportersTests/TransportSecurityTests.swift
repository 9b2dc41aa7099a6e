import Companions
import Diagnostics
import Exporters
import Foundation
import NIOSSL
import Telemetry
import Testing
import Transport

/// Certificates of an authority of our own, made by openssl.
private struct Certificates {
  let folder: TestFolder
  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  init() async throws {
    folder = try TestFolder()
    try await openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=test authority", "-days", "2"
    )
    _ = try folder.write("server.cnf", "subjectAltName=IP:127.0.0.1\n")
    _ = try folder.write("other.cnf", "subjectAltName=DNS:elsewhere.example\n")
    _ = try folder.write("client.cnf", "extendedKeyUsage=clientAuth\n")
    for name in ["server", "other", "client"] {
      try await openssl(
        "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
        path("\(name).key"), "-out", path("\(name).csr"), "-subj", "/CN=\(name)")
      try await openssl(
        "x509", "-req", "-in", path("\(name).csr"), "-CA", path("ca.pem"), "-CAkey",
        path("ca.key"), "-CAcreateserial", "-out", path("\(name).pem"), "-days", "2", "-extfile",
        path("\(name).cnf"))
    }
  }

  private func openssl(_ arguments: String...) async throws {
    let result = try await run(try #require(program("openssl")), arguments)
    try #require(result.code == 0, "\(result.errors)")
  }

  /// A server that shows a certificate and may want one from its clients.
  func server(_ name: String = "server", wantsClient: Bool = false) async throws -> StandInServer {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(path("\(name).pem"))
        .map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: path("\(name).key"), format: .pem)))
    if wantsClient {
      configuration.certificateVerification = .noHostnameVerification
      configuration.trustRoots = .file(path("ca.pem"))
    }
    return try await StandInServer(tls: try NIOSSLContext(configuration: configuration)) {
      PrometheusStandIn().answer($0)
    }
  }
}

/// Pulls an hour of one series and returns its samples.
private func pull(
  _ server: StandInServer, change: (inout TransportSecurity) -> Void
) async throws -> ExportSummary {
  let folder = try TestFolder()
  var connection = try connection(to: server.url)
  connection.retries.attempts = 2
  change(&connection.security)
  let request = PrometheusRequest(
    connection: connection, queries: ["up"], start: .beforeNow(.hours(2)),
    end: .beforeNow(.hours(1)), step: .minutes(1))
  return try await exportPrometheus(request, to: folder.path, progress: quiet)
}

@Suite(.enabled(if: program("openssl") != nil, "needs openssl"))
struct TransportSecurityTests {
  @Test func `a server of a named authority is trusted, and any other is not`() async throws {
    let certificates = try await Certificates()
    let server = try await certificates.server()
    let summary = try await pull(server) { $0.authorityFile = certificates.path("ca.pem") }
    #expect(summary.counts["samples"] == 61)
    #expect(summary.notes.isEmpty)
    let asked = server.seen.count
    do {
      _ = try await pull(server) { _ in }
      Issue.record("an unknown authority was trusted")
    } catch let error as ExportError {
      #expect(error.kind == .invalidInput)
      #expect(error.description.contains("certificate verify failed"), "\(error.description)")
    }
    #expect(server.seen.count == asked)
  }

  @Test func `a certificate for another name is refused`() async throws {
    let certificates = try await Certificates()
    let server = try await certificates.server("other")
    do {
      _ = try await pull(server) { $0.authorityFile = certificates.path("ca.pem") }
      Issue.record("a certificate for another name was trusted")
    } catch let error as ExportError {
      #expect(error.kind == .invalidInput)
    }
    #expect(server.seen.isEmpty)
  }

  @Test func `checks can be turned off, and the result says so`() async throws {
    let certificates = try await Certificates()
    let summary = try await pull(try await certificates.server("other")) { $0.verifies = false }
    #expect(summary.notes == ["the server's certificate was not checked"])
  }

  @Test func `a server that wants a certificate gets ours, and refuses us without`() async throws {
    let certificates = try await Certificates()
    let server = try await certificates.server(wantsClient: true)
    let summary = try await pull(server) {
      $0.authorityFile = certificates.path("ca.pem")
      $0.certificateFile = certificates.path("client.pem")
      $0.keyFile = certificates.path("client.key")
    }
    #expect(summary.counts["samples"] == 61)
    let asked = server.seen.count
    #expect(
      await exportError {
        try await pull(server) { $0.authorityFile = certificates.path("ca.pem") }
      } != nil)
    #expect(server.seen.count == asked)
  }

  @Test func `files that hold no certificate or key are named`() async throws {
    let certificates = try await Certificates()
    let server = try await certificates.server()
    let (ca, key) = (certificates.path("ca.pem"), certificates.path("client.key"))
    for (change, expected) in [
      (
        { $0.authorityFile = key },
        ExportError.credentials(path: key, reason: "expected certificates in PEM form")
      ),
      (
        { $0.authorityFile = "/none" },
        .credentials(path: "/none", reason: "expected certificates in PEM form")
      ),
      (
        { ($0.certificateFile, $0.keyFile) = (ca, ca) },
        .credentials(path: ca, reason: "expected a private key in PEM form, without a passphrase")
      ),
      (
        { $0.certificateFile = ca },
        .invalidRequest(reason: "--cert-file and --key-file go together")
      ),
    ] as [((inout TransportSecurity) -> Void, ExportError)] {
      #expect(
        await exportError { try await pull(server, change: change) } == expected)
    }
    #expect(server.seen.isEmpty)
  }
}
