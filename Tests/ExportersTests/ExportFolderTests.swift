import Companions
import Diagnostics
import Exporters
import Foundation
import Ingest
import Storage
import Synchronization
import Telemetry
import Testing
import Transport

@Suite struct ExportFolderTests {
  @Test func `a finished export is verified and left alone`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    let before = try FileSystem.readFile(at: "\(folder.path)/manifest.json", limit: 1 << 20)
    let asked = server.seen.count
    let summary = try await exportPrometheus(
      metricsRequest(server), to: folder.path, progress: quiet)
    #expect(summary.fetched == 0)
    #expect(summary.chunks == 8)
    #expect(server.seen.count == asked)
    #expect(try FileSystem.readFile(at: "\(folder.path)/manifest.json", limit: 1 << 20) == before)
  }

  @Test func `an export that failed is taken up where it ended`() async throws {
    let broken = Mutex(true)
    let server = try await StandInServer { request in
      // The third window and all after it fail until the server is repaired.
      let start = Double(request.parameters["start"] ?? "") ?? 0
      if start > testNow.seconds - 19 * 3600, broken.withLock({ $0 }) {
        return .text("away", status: 503)
      }
      return PrometheusStandIn().answer(request)
    }
    let folder = try TestFolder()
    var asked = try metricsRequest(server)
    asked.connection.concurrency = 1
    asked.connection.retries.attempts = 2
    #expect(
      await exportError { try await exportPrometheus(asked, to: folder.path, progress: quiet) }
        == ExportError.unavailable(
          url: "\(server.url)/api/v1/query_range", reason: "HTTP 503: away", attempts: 2))
    #expect(try manifest(in: folder.path)["complete"].bool == false)
    let kept = try chunks(in: folder.path)
    #expect(kept.count == 2)
    broken.withLock { $0 = false }
    let before = server.seen.count
    let summary = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(server.seen.count - before == 6)
    #expect(summary.fetched == 6)
    #expect(try manifest(in: folder.path)["complete"].bool == true)
    #expect(try sampleTimes(in: folder.path).count == 1441)
  }

  @Test func `another request in the same folder is refused and changes nothing`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    let before = folder.files()
    for other in [
      try metricsRequest(server, queries: ["down"]), try metricsRequest(server, hours: 23),
      try metricsRequest(server, points: 100),
    ] {
      #expect(
        await exportError {
          try await exportPrometheus(other, to: folder.path, progress: quiet)
        } != nil)
    }
    #expect(folder.files() == before)
  }

  @Test func `a folder with other files is refused`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try folder.write("holiday.jpg", "x")
    #expect(
      await exportError {
        try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
      } == ExportError.foreignFolder(path: folder.path))
    #expect(server.seen.isEmpty)
  }

  @Test func `a changed part is an integrity error, a lost one is fetched again`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    let name = try chunks(in: folder.path)[3].name
    let path = "\(folder.path)/chunks/\(name)"
    var bytes = try FileSystem.readFile(at: path, limit: 1 << 20)
    bytes[bytes.count / 2] ^= 1
    try FileSystem.writeFileAtomically(bytes, to: path)
    do {
      _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
      Issue.record("a changed part was accepted")
    } catch let error as ExportError {
      #expect(error.kind == .integrity)
      #expect(error.description.contains(name))
    }
    try FileSystem.removeTree(at: path)
    let before = server.seen.count
    let summary = try await exportPrometheus(
      metricsRequest(server), to: folder.path, progress: quiet)
    #expect(summary.fetched == 1)
    #expect(server.seen.count == before + 1)
    #expect(try sampleTimes(in: folder.path).count == 1441)
  }

  @Test func `a part that the manifest does not know is removed, so that nothing counts twice`()
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    let names = try chunks(in: folder.path).map(\.name)
    let stray = names[0].split(separator: "-")[0] + "-1767139200000-1767139260000.json.gz"
    _ = try folder.write("chunks/\(stray)", "left by a killed run")
    _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    #expect(try chunks(in: folder.path).map(\.name) == names)
  }

  @Test(arguments: [
    ("{", "invalid JSON"), ("[]", "expected an object"),
    ("{\"format\":\"x\"}", "expected 'autopilot-export-1'"),
  ])
  func `a damaged manifest is an error that names it`(text: String, fault: String) async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let path = try folder.write("manifest.json", text)
    let error = await exportError {
      try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    }
    #expect(error?.description.hasPrefix(path) == true)
    #expect(error?.description.contains(fault) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("\"query\": 0", "\"query\": 7", "expected a part of this export"),
    (".json.gz\"", ".json\"", "expected a part of this export"),
    ("\"samples\": 200", "\"samples\": 1e300", "expected a whole number"),
    ("\"samples\": 200", "\"samples\": -1", "expected a count"),
  ])
  func `a manifest that lists something else is refused`(old: String, new: String, fault: String)
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    let text = try String(contentsOfFile: "\(folder.path)/manifest.json", encoding: .utf8)
    try #require(text.contains(old))
    _ = try folder.write("manifest.json", text.replacing(old, with: new))
    let error = await exportError {
      try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet)
    }
    #expect(error?.description.contains(fault) == true, "\(error?.description ?? "")")
  }

  @Test func `relative times keep the meaning of the first run`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    var asked = try metricsRequest(server)
    (asked.start, asked.end) = (.beforeNow(.hours(2)), .beforeNow(.zero))
    let first = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(first.start == testNow - .hours(2))
    #expect(first.notes.contains { $0.contains("may lack late data") })
    asked.connection.now = testNow + .days(1)
    let again = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(again.start == first.start)
    #expect(again.fetched == 0)
  }
}
