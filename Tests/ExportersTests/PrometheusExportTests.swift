import Companions
import Diagnostics
import Exporters
import Foundation
import Ingest
import Storage
import Synchronization
import Telemetry
import Testing

@Suite struct PrometheusExportTests {
  @Test func `windows cover the range once each and stay below the server's limit`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    let summary = try await exportPrometheus(
      metricsRequest(server), to: folder.path, progress: quiet)
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
    let summary = try await exportPrometheus(
      metricsRequest(server), to: folder.path, progress: quiet)
    let dataset = try ingest(
      IngestConfiguration(
        interval: .minutes(1), sources: [.prometheus(path: summary.chunkFolder)]))
    #expect(dataset.report.samples == 1441)
    #expect(dataset.report.skipped == 0)
  }

  @Test func `a range of more parts than anybody wants is refused before anything is asked`()
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    var asked = try metricsRequest(server, points: 1)
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
    let summary = try await exportPrometheus(
      metricsRequest(server), to: folder.path, progress: quiet)
    let start = (testNow - .hours(25)).seconds
    #expect(
      try sampleTimes(in: folder.path).sorted() == (0...1440).map { start + Double($0) * 60 })
    // The divided windows are known to the next run, which asks nothing.
    let asked = server.seen.count
    #expect(
      try await exportPrometheus(metricsRequest(server), to: folder.path, progress: quiet).chunks
        == summary.chunks)
    #expect(server.seen.count == asked)
  }

  @Test
  func `answers above the size limit are divided, and a single point that is too large is named`()
    async throws
  {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    var asked = try metricsRequest(server)
    asked.connection.answerLimit = 2048
    _ = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    #expect(try sampleTimes(in: folder.path).count == 1441)

    let heavy = try await StandInServer { _ in .text(String(repeating: " ", count: 5000)) }
    var tooMuch = try metricsRequest(heavy)
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
    var asked = try metricsRequest(server)
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
    var asked = try metricsRequest(server, queries: [])
    asked.selectors = ["{job=\"node\",}"]
    _ = try await exportPrometheus(asked, to: folder.path, progress: quiet)
    let queries = Set(server.seen.compactMap { $0.parameters["query"] })
    #expect(
      queries == [
        #"{job="node",__name__="cpu"}"#, #"{job="node",__name__="odd\"name"}"#,
      ])
    #expect(server.seen[0].parameters["match[]"] == "{job=\"node\",}")
  }

  @Test func `a bad query carries the server's own words and leaves nothing behind`() async throws {
    let server = try await StandInServer { PrometheusStandIn().answer($0) }
    let folder = try TestFolder()
    #expect(
      await exportError {
        try await exportPrometheus(
          metricsRequest(server, queries: ["up("]), to: folder.path, progress: quiet)
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
      metricsRequest(server, queries: [long, "up"], hours: 1, path: "/mimir/prometheus/"),
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
      metricsRequest(server, hours: 1), to: folder.path, progress: quiet)
    #expect(summary.notes.contains("the server warned in 1 answer: store away"))
    #expect(summary.notes.contains("no samples for up"))
  }
}
