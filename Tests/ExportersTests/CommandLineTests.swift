import Companions
import Diagnostics
import Exporters
import Foundation
import Storage
import Telemetry
import Testing

/// One way to call the tool wrongly, or to be refused: the code and a part of the message.
struct BadExport: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var arguments: [String]
  var code: Int32
  var message: String
}

private let badExports = [
  BadExport(
    testDescription: "no query", arguments: ["prometheus", "--start", "-1h"], code: 64,
    message: "nothing to export; give --query or --match"),
  BadExport(
    testDescription: "no time", arguments: ["loki", "--query", "{a=\"b\"}", "--start", "soon"],
    code: 64, message: "--start 'soon' is no instant"),
  BadExport(
    testDescription: "an end before the start",
    arguments: ["prometheus", "--query", "up", "--start", "-1h", "--end", "-2h"], code: 64,
    message: "is before --start"),
  BadExport(
    testDescription: "too many points",
    arguments: ["prometheus", "--query", "up", "--start", "-1h", "--points", "20000"], code: 64,
    message: "--points must be from 1 to 11000, not 20000"),
  BadExport(
    testDescription: "an expression as a selector",
    arguments: ["prometheus", "--match", "sum(up)", "--start", "-1h"], code: 64,
    message: "--match 'sum(up)' is no series selector"),
  BadExport(
    testDescription: "no step",
    arguments: ["prometheus", "--query", "up", "--start", "-1h", "--step", "0"],
    code: 64, message: "--step must be positive"),
  BadExport(
    testDescription: "two kinds of credentials",
    arguments: [
      "prometheus", "--query", "up", "--start", "-1h", "--bearer-token-file", "a",
      "--basic-auth-file", "b",
    ], code: 64, message: "exclude each other"),
  BadExport(
    testDescription: "a token file that is not there",
    arguments: ["prometheus", "--query", "up", "--start", "-1h", "--bearer-token-file", "/none"],
    code: 4, message: "/none: no such file"),
  BadExport(
    testDescription: "a bad query", arguments: ["prometheus", "--query", "up(", "--start", "-1h"],
    code: 4, message: "refused with HTTP 400: 1:4: parse error: unclosed left parenthesis"),
  BadExport(
    testDescription: "the wrong server",
    arguments: ["loki", "--query", "{a=\"b\"}", "--start", "-1h"], code: 4,
    message: "refused with HTTP 404: 404 page not found; check the address"),
]

@Suite struct ExportCommandTests {
  @Test(arguments: badExports)
  func `bad input gives one line, the documented code and no file`(_ bad: BadExport) async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let result = try await run(
      tool, ["export"] + bad.arguments + ["--url", server.url, "--out", folder.path])
    #expect(result.code == bad.code, "\(result.errors)")
    #expect(result.errors.contains(bad.message), "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(folder.files().isEmpty)
  }

  @Test func `an unreachable server is code 1 after the repetitions asked for`() async throws {
    let folder = try TestFolder()
    let result = try await run(
      tool,
      [
        "export", "prometheus", "--url", "http://127.0.0.1:\(try await closedPort())", "--query",
        "up", "--start", "-1h", "--out", folder.path, "--retries", "2", "--retry-pause", "1ms",
      ])
    #expect(result.code == 1)
    #expect(result.errors.contains("Connection refused (3 attempts)"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test func `the result is a few lines for people and JSON for programs`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let arguments = [
      "export", "prometheus", "--url", server.url, "--query", "up", "--start",
      "2026-01-01T00:00:00Z", "--end", "2026-01-02T00:00:00Z", "--out", folder.path, "--quiet",
    ]
    let text = try await run(tool, arguments)
    #expect(text.code == 0)
    #expect(
      text.output.hasPrefix(
        "exported  1441 samples from 2026-01-01T00:00:00Z to 2026-01-02T00:00:00Z\n"))
    #expect(text.output.contains("autopilot ingest --prometheus \(folder.path)/chunks\n"))
    #expect(text.errors.isEmpty)
    let json = try await run(tool, arguments + ["--output", "json"])
    let document = JSONDocument(
      try JSONValue(parsing: Array(json.output.utf8), source: "o"), source: "o")
    #expect(try document["counts"]["samples"].integer == 1441)
    #expect(try document["fetched"].integer == 0)
    #expect(try document["notes"].elements.isEmpty)
  }
}
