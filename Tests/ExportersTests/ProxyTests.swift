import Companions
import Diagnostics
import Exporters
import Telemetry
import Testing
import Transport

import Exporters

private func proxy(_ environment: [String: String], for url: String) throws -> String? {
  try ProxySettings(environment: environment).proxy(for: ServerAddress(url)).map {
    "\($0.host):\($0.port)"
  }
}

@Suite struct ProxyTests {
  @Test func `the variable of the server's scheme counts, small letters before capital ones`()
    throws
  {
    let environment = [
      "http_proxy": "http://small:1", "HTTP_PROXY": "http://capital:2",
      "HTTPS_PROXY": "secure:3", "ALL_PROXY": "http://all:4",
    ]
    #expect(try proxy(environment, for: "http://example.org") == "small:1")
    #expect(try proxy(environment, for: "https://example.org") == "secure:3")
    #expect(try proxy(["ALL_PROXY": "socks5://all"], for: "https://example.org") == "all:1080")
    #expect(try proxy(["http_proxy": ""], for: "http://example.org") == nil)
    #expect(try proxy([:], for: "http://example.org") == nil)
  }

  @Test(arguments: ["http://localhost:9090", "http://127.0.0.1:9090", "http://[::1]:9090"])
  func `this machine is reached directly`(url: String) throws {
    #expect(try proxy(["ALL_PROXY": "http://all:4"], for: url) == nil)
  }

  @Test(arguments: [
    ("example.org", true), (".example.org", true), ("a.example.org", true), ("*", true),
    ("other.org, EXAMPLE.org", true), ("example.org:9090", true), ("example.org:80", false),
    ("xample.org", false), ("b.a.example.org", false), ("", false),
  ])
  func `hosts and domains in no_proxy are reached directly`(list: String, isDirect: Bool) throws {
    let environment = ["http_proxy": "http://p:1", "NO_PROXY": list]
    #expect(try (proxy(environment, for: "http://a.example.org:9090") == nil) == isDirect)
  }

  @Test func `a proxy of another kind is refused by its variable's name, without its value`() throws
  {
    do throws(ExportError) {
      _ = try ProxySettings(environment: ["HTTPS_PROXY": "https://ann:s3cret@p:1"])
        .proxy(for: ServerAddress("https://example.org"))
      Issue.record("the proxy was accepted")
    } catch {
      #expect(error.kind == .usage)
      #expect(error.description.contains("HTTPS_PROXY"))
      #expect(!error.description.contains("s3cret"))
    }
  }

  @Test func `requests go through the proxy with its credentials`() async throws {
    // Refusing is enough to see that the proxy was asked, and with what.
    let proxy = try await StandInServer { _ in .text("", status: 403) }
    var connection = try connection(to: "http://prometheus.example:9090")
    connection.environment = ["http_proxy": "http://ann:pass@127.0.0.1:\(proxy.port)"]
    connection.retries.attempts = 1
    #expect(
      await exportError {
        try await withClient(connection) { client in
          try await client.ask("/", [], stream: 0) { $0.text.count }
        }
      } != nil)
    #expect(proxy.seen.map(\.method) == ["CONNECT"])
    #expect(proxy.seen.first?.path == "prometheus.example:9090")
    #expect(proxy.seen.first?.headers["proxy-authorization"] == "Basic YW5uOnBhc3M=")
  }
}
