import Companions
import Diagnostics
import Exporters
import Foundation
import Storage
import Telemetry
import Testing

/// Pulls an hour of one series.
private func pull(
  _ server: StandInServer, change: (inout ServerConnection) throws -> Void
) async throws {
  let folder = try TestFolder()
  var connection = try connection(to: server.url)
  try change(&connection)
  let request = PrometheusRequest(
    connection: connection, queries: ["up"], start: .beforeNow(.hours(1)), end: .beforeNow(.zero),
    step: .minutes(1))
  _ = try await exportPrometheus(request, to: folder.path, progress: quiet)
  for file in folder.files() {
    let bytes = try FileSystem.readPossiblyCompressed(
      at: "\(folder.path)/\(file)", limit: 1 << 20
    ).bytes
    #expect(!String(decoding: bytes, as: UTF8.self).contains("s3cret"), "\(file)")
  }
}

@Suite struct CredentialsTests {
  @Test func `a bearer token and a tenant go with every request and into no file`() async throws {
    let files = try TestFolder()
    let token = try files.write("token", "s3cret-token\n")
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    try await pull(server) {
      $0.credentials.bearerTokenFile = token
      $0.credentials.tenant = "team-a"
    }
    #expect(!server.seen.isEmpty)
    for request in server.seen {
      #expect(request.headers["authorization"] == "Bearer s3cret-token")
      #expect(request.headers["x-scope-orgid"] == "team-a")
    }
  }

  @Test func `a user and a password are sent as basic authentication`() async throws {
    let files = try TestFolder()
    let file = try files.write("basic", "ann:s3cret:with:colons\n")
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    try await pull(server) { $0.credentials.basicAuthFile = file }
    let expected = Data("ann:s3cret:with:colons".utf8).base64EncodedString()
    #expect(server.seen.first?.headers["authorization"] == "Basic \(expected)")
  }

  @Test func `without credentials no header is sent`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    try await pull(server) { _ in }
    #expect(server.seen.first?.headers["authorization"] == nil)
    #expect(server.seen.first?.headers["x-scope-orgid"] == nil)
  }

  @Test func `a server that echoes the token does not get it into the message`() async throws {
    let files = try TestFolder()
    let token = try files.write("token", "s3cret-token")
    let server = try await StandInServer {
      .text("bad: \($0.headers["authorization"] ?? "")", status: 401)
    }
    do {
      try await pull(server) { $0.credentials.bearerTokenFile = token }
      Issue.record("401 was accepted")
    } catch let error as ExportError {
      #expect(error.kind == .invalidInput)
      #expect(error.description.contains("HTTP 401: bad: Bearer …; check --bearer-token-file"))
      #expect(!error.description.contains("s3cret"))
    }
    #expect(server.seen.count <= 4)
  }

  @Test func `a message that is cut does not keep a part of the token`() async throws {
    let files = try TestFolder()
    let token = try files.write("token", "s3cret-token")
    let server = try await StandInServer {
      .text(
        String(repeating: "x", count: 296) + ($0.headers["authorization"]?.dropFirst(7) ?? ""),
        status: 403)
    }
    let error = await exportError {
      try await pull(server) { $0.credentials.bearerTokenFile = token }
    }
    #expect(error?.description.contains("xxx…") == true)
    #expect(error?.description.contains("s3c") == false)
  }

  @Test(arguments: [
    ("", "one token"), ("a b", "one token"), ("a\r\nx-evil: 1", "single line"),
    ("a\u{0}b", "single line"),
  ])
  func `a token file with anything else in it is refused`(content: String, reason: String)
    async throws
  {
    let files = try TestFolder()
    let token = try files.write("token", content)
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    do {
      try await pull(server) { $0.credentials.bearerTokenFile = token }
      Issue.record("the file was accepted")
    } catch let error as ExportError {
      #expect(error.description.hasPrefix(token))
      #expect(error.description.contains(reason))
    }
    #expect(server.seen.isEmpty)
  }

  @Test func `a redirect on the same server is followed with credentials`() async throws {
    let files = try TestFolder()
    let token = try files.write("token", "s3cret")
    let server = try await StandInServer { request in
      guard request.path.hasPrefix("/new") else {
        let query = request.parameters.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
        return StandInAnswer(
          status: 307, headers: [("location", "/new\(request.path)?\(query)")])
      }
      return PrometheusStandIn().answer(request)
    }
    try await pull(server) { $0.credentials.bearerTokenFile = token }
    #expect(server.seen.last?.path == "/new/api/v1/query_range")
    #expect(server.seen.last?.headers["authorization"] == "Bearer s3cret")
  }

  @Test func `a redirect to another server is an error, and nothing is sent there`() async throws {
    let files = try TestFolder()
    let token = try files.write("token", "s3cret")
    let other = try await StandInServer { PrometheusStandIn().answer($0) }
    let server = try await StandInServer { [url = other.url] _ in
      StandInAnswer(status: 302, headers: [("location", "\(url)/api?query=private")])
    }
    #expect(
      await exportError { try await pull(server) { $0.credentials.bearerTokenFile = token } }
        == ExportError.redirected(
          url: "\(server.url)/api/v1/query_range", target: "\(other.url)/api"))
    #expect(other.seen.isEmpty)
  }

  @Test func `redirects in circles end`() async throws {
    let server = try await StandInServer { _ in
      StandInAnswer(status: 307, headers: [("location", "/again")])
    }
    #expect(
      await exportError { try await pull(server) { _ in } } != nil)
    #expect(server.seen.count <= 4 * 6)
  }

  @Test(arguments: ["", "a b", "a\r\nx: 1", "é"])
  func `a tenant that is no header is refused`(tenant: String) async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    #expect(
      await exportError { try await pull(server) { $0.credentials.tenant = tenant } } != nil)
    #expect(server.seen.isEmpty)
  }
}

@Suite struct ServerAddressTests {
  @Test(arguments: [
    ("http://host:9090/", "http://host:9090"), ("https://host/a/b//", "https://host/a/b"),
    ("HTTP://[::1]:1", "http://[::1]:1"),
  ])
  func `an address loses the slashes at its end only`(text: String, expected: String) throws {
    #expect(try ServerAddress(text).text == expected)
  }

  @Test(arguments: [
    "host:9090", "ftp://host", "http://", "", "http://host?x=1", "http://host#x",
    "http://ann:s3cret@host", "http://ann:s3cret@",
  ])
  func `what is no address is refused without repeating it`(text: String) {
    do throws(ExportError) {
      _ = try ServerAddress(text)
      Issue.record("\(text) was accepted")
    } catch {
      #expect(error.kind == .usage)
      #expect(!error.description.contains("s3cret"))
    }
  }
}
