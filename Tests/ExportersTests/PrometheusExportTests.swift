import Diagnostics
import Exporters
import Foundation
import Ingest
import Storage
import Synchronization
import Telemetry
import Testing

private func request(
  _ server: StandInServer, queries: [String] = ["up"], hours: Int64 = 24, points: Int = 200,
  path: String = ""
) throws -> PrometheusRequest {
  var request = PrometheusRequest(
    connection: try connection(to: server.url + path), queries: queries,
    start: .instant(testNow - .hours(hours + 1)), end: .instant(testNow - .hours(1)),
    step: .minutes(1))
  request.points = points
  return request
}

/// Times of all samples in an export.
private func sampleTimes(in folder: String) throws -> [Double] {
  try chunks(in: folder).flatMap { chunk in
    let answer = try JSONSerialization.jsonObject(with: Data(chunk.text.utf8)) as? [String: Any]
    let data = answer?["data"] as? [String: Any]
    let series = data?["result"] as? [[String: Any]] ?? []
    return series.flatMap { ($0["values"] as? [[Any]] ?? []).compactMap { $0[0] as? Double } }
  }
}

@Suite struct PrometheusExportTests {
  @Test func `windows cover the range once each and stay below the server's limit`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let summary = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    #expect(summary.counts["samples"] == 1441)
    #expect(summary.chunks == 8)
    let times = try sampleTimes(in: folder.path).sorted()
    let start = (testNow - .hours(25)).seconds
    #expect(times == (0...1440).map { start + Double($0) * 60 })
    #expect(server.seen.count == 8)
  }

  @Test func `an export is ingested with every sample`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let summary = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let dataset = try ingest(
      IngestConfiguration(
        interval: .minutes(1), sources: [.prometheus(path: summary.chunkFolder)]))
    #expect(dataset.report.samples == 1441)
    #expect(dataset.report.skipped == 0)
  }

  @Test func `a finished export is verified and left alone`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let before = try FileSystem.readFile(at: "\(folder.path)/manifest.json", limit: 1 << 20)
    let asked = server.seen.count
    let summary = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
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
    var asked = try request(server)
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
    _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let before = folder.files()
    for other in [
      try request(server, queries: ["down"]), try request(server, hours: 23),
      try request(server, points: 100),
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
        try await exportPrometheus(request(server), to: folder.path, progress: quiet)
      } == ExportError.foreignFolder(path: folder.path))
    #expect(server.seen.isEmpty)
  }

  @Test func `a changed part is an integrity error, a lost one is fetched again`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let name = try chunks(in: folder.path)[3].name
    let path = "\(folder.path)/chunks/\(name)"
    var bytes = try FileSystem.readFile(at: path, limit: 1 << 20)
    bytes[bytes.count / 2] ^= 1
    try FileSystem.writeFileAtomically(bytes, to: path)
    do {
      _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
      Issue.record("a changed part was accepted")
    } catch let error as ExportError {
      #expect(error.kind == .integrity)
      #expect(error.description.contains(name))
    }
    try FileSystem.removeTree(at: path)
    let before = server.seen.count
    let summary = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    #expect(summary.fetched == 1)
    #expect(server.seen.count == before + 1)
    #expect(try sampleTimes(in: folder.path).count == 1441)
  }

  @Test func `a part that the manifest does not know is removed, so that nothing counts twice`()
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let names = try chunks(in: folder.path).map(\.name)
    let stray = names[0].split(separator: "-")[0] + "-1767139200000-1767139260000.json.gz"
    _ = try folder.write("chunks/\(stray)", "left by a killed run")
    _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
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
      try await exportPrometheus(request(server), to: folder.path, progress: quiet)
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
    _ = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let text = try String(contentsOfFile: "\(folder.path)/manifest.json", encoding: .utf8)
    try #require(text.contains(old))
    _ = try folder.write("manifest.json", text.replacing(old, with: new))
    let error = await exportError {
      try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    }
    #expect(error?.description.contains(fault) == true, "\(error?.description ?? "")")
  }

  @Test func `a range of more parts than anybody wants is refused before anything is asked`()
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    var asked = try request(server, points: 1)
    (asked.start, asked.step) = (.beforeNow(.days(30)), TimeSpan(milliseconds: 1))
    let error = await exportError {
      try await exportPrometheus(asked, to: folder.path, progress: quiet)
    }
    #expect(error?.description.contains("more than 1000000; choose a larger --points") == true)
    #expect(server.seen.isEmpty)
  }

  @Test func `windows with too many samples are divided until the server answers`() async throws {
    let server = try await StandInServer { PrometheusStandIn(mostSamples: 60).answer($0) }
    let folder = try TestFolder()
    let summary = try await exportPrometheus(request(server), to: folder.path, progress: quiet)
    let start = (testNow - .hours(25)).seconds
    #expect(
      try sampleTimes(in: folder.path).sorted() == (0...1440).map { start + Double($0) * 60 })
    // The divided windows are known to the next run, which asks nothing.
    let asked = server.seen.count
    #expect(
      try await exportPrometheus(request(server), to: folder.path, progress: quiet).chunks
        == summary.chunks)
    #expect(server.seen.count == asked)
  }

  @Test
  func `answers above the size limit are divided, and a single point that is too large is named`()
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    var asked = try request(server)
    asked.connection.answerLimit = 2048
    _ = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(try sampleTimes(in: folder.path).count == 1441)

    let heavy = try await StandInServer { _ in .text(String(repeating: " ", count: 5000)) }
    var tooMuch = try request(heavy)
    tooMuch.connection.answerLimit = 2048
    let other = try TestFolder()
    #expect(
      await exportError { try await exportPrometheus(tooMuch, to: other.path, progress: quiet) }
        == ExportError.answerTooLarge(query: "up", reason: "the answer is larger than 2048 bytes"))
  }

  @Test func `a compressed answer is bounded by what it unfolds to`() async throws {
    let bomb = Gzip.compress([UInt8](repeating: 0x20, count: 10 << 20))
    let server = try await StandInServer { _ in
      StandInAnswer(headers: [("content-encoding", "gzip")], body: bomb)
    }
    var asked = try request(server)
    asked.connection.answerLimit = 1 << 20
    let folder = try TestFolder()
    #expect(
      await exportError { try await exportPrometheus(asked, to: folder.path, progress: quiet) }
        == ExportError.answerTooLarge(
          query: "up", reason: "the answer is larger than 1048576 bytes"))
  }

  @Test func `selectors are fetched metric by metric`() async throws {
    let server = try await StandInServer {
      PrometheusStandIn(names: ["cpu", "odd\\\"name"]).answer($0)
    }
    let folder = try TestFolder()
    var asked = try request(server, queries: [])
    asked.selectors = ["{job=\"node\",}"]
    _ = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    let queries = Set(server.seen.compactMap { $0.parameters["query"] })
    #expect(
      queries == [
        #"{job="node",__name__="cpu"}"#, #"{job="node",__name__="odd\"name"}"#,
      ])
    #expect(server.seen[0].parameters["match[]"] == "{job=\"node\",}")
  }

  @Test func `relative times keep the meaning of the first run`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    var asked = try request(server)
    (asked.start, asked.end) = (.beforeNow(.hours(2)), .beforeNow(.zero))
    let first = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(first.start == testNow - .hours(2))
    #expect(first.notes.contains { $0.contains("may lack late data") })
    asked.connection.now = testNow + .days(1)
    let again = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(again.start == first.start)
    #expect(again.fetched == 0)
  }

  @Test func `a bad query carries the server's own words and leaves nothing behind`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    #expect(
      await exportError {
        try await exportPrometheus(
          request(server, queries: ["up("]), to: folder.path, progress: quiet)
      }
        == ExportError.refused(
          url: "\(server.url)/api/v1/query_range", status: 400,
          message: "1:4: parse error: unclosed left parenthesis"))
    #expect(server.seen.count <= 4)
    #expect(folder.files().isEmpty)
  }

  @Test func `path prefixes are kept and long queries go into the body`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let long = "up{job=~\"\(String(repeating: "a|", count: 3000))\"}"
    _ = try await exportPrometheus(
      request(server, queries: [long, "up"], hours: 1, path: "/mimir/prometheus/"),
      to: folder.path, progress: quiet)
    #expect(server.seen.allSatisfy { $0.path == "/mimir/prometheus/api/v1/query_range" })
    #expect(Set(server.seen.map(\.method)) == ["GET", "POST"])
    #expect(server.seen.contains { $0.parameters["query"] == long })
  }

  @Test func `what the server warns of is passed on`() async throws {
    let server = try await StandInServer { _ in
      .text(
        #"{"status":"success","warnings":["store away"],"data":{"resultType":"matrix","result":[]}}"#
      )
    }
    let folder = try TestFolder()
    let summary = try await exportPrometheus(
      request(server, hours: 1), to: folder.path, progress: quiet)
    #expect(summary.notes.contains("the server warned in 1 answer: store away"))
    #expect(summary.notes.contains("no samples for up"))
  }
}
