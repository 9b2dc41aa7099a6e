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

private let start = testNow - .hours(3)
private let startNanoseconds = start.milliseconds * 1_000_000

/// An hour and a half of lines in two streams, 100 of them in each of three crowded instants.
private func manyLines() -> [LokiStandIn.Line] {
  var random = SplitMix(state: 5)
  let streams = [["app": "cart", "level": "info"], ["app": "pay"]]
  var lines = (0..<700).map { number in
    LokiStandIn.Line(
      stream: streams[number % 2],
      time: startNanoseconds + Int64.random(in: 0..<5400, using: &random) * 1_000_000_000
        + Int64.random(in: 0..<3, using: &random),
      text: "request \(number % 50) took \"long\"\t<é>")
  }
  for instant in [0, 3_600_000_000_000, 5_000_123_456_789] as [Int64] {
    lines += (0..<100).map {
      LokiStandIn.Line(
        stream: streams[$0 % 2], time: startNanoseconds + instant, text: "crowd \($0 / 4)")
    }
  }
  return lines
}

private func request(_ server: StandInServer, limit: Int = 30) throws -> LokiRequest {
  var request = LokiRequest(
    connection: try connection(to: server.url), queries: ["{app=~\".+\"} |= \"\""],
    start: .instant(start), end: .instant(start + .hours(2)))
  request.window = .minutes(30)
  (request.limit, request.mostLimit) = (limit, 1000)
  return request
}

/// The lines of an export; each must have the members that logcli writes.
private func exported(_ folder: String) throws -> [LokiStandIn.Line] {
  try chunks(in: folder).flatMap { chunk in
    try chunk.text.split(separator: "\n").map { text in
      let document = JSONDocument(
        try JSONValue(parsing: Array(text.utf8), source: chunk.name), source: chunk.name)
      #expect(try document.members.map(\.key) == ["labels", "line", "timestamp"])
      let labels = try document["labels"].members.map { ($0.key, try $0.value.string) }
      return LokiStandIn.Line(
        stream: Dictionary(uniqueKeysWithValues: labels),
        time: try nanoseconds(document["timestamp"].string), text: try document["line"].string)
    }
  }
}

/// An independent reading of RFC 3339 with nanoseconds.
private func nanoseconds(_ text: String) throws -> Int64 {
  let parts = text.dropLast().split(separator: ".")
  let seconds = try #require(Timestamp(rfc3339: "\(parts[0])Z")).milliseconds / 1000
  let fraction =
    parts.count > 1 ? parts[1] + String(repeating: "0", count: 9 - parts[1].count) : "0"
  return seconds * 1_000_000_000 + (try #require(Int64(fraction)))
}

private func counted(_ lines: [LokiStandIn.Line]) -> [LokiStandIn.Line: Int] {
  Dictionary(lines.map { ($0, 1) }, uniquingKeysWith: +)
}

@Suite struct LokiExportTests {
  @Test(arguments: [1, 7, 30, 100, 1000])
  func `every line comes out once at every page size, in the order of time`(limit: Int) async throws
  {
    let loki = LokiStandIn(lines: manyLines())
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    let summary = try await exportLoki(
      request(server, limit: limit), to: folder.path, progress: quiet)
    let found = try exported(folder.path)
    #expect(counted(found) == counted(loki.lines))
    #expect(found.map(\.time) == found.map(\.time).sorted())
    #expect(summary.counts == ["lines": 1000])
    #expect(summary.chunks == 4)
    #expect(try manifest(in: folder.path)["complete"].bool == true)
  }

  @Test func `an export is ingested with every line`() async throws {
    let loki = LokiStandIn(lines: manyLines())
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    let summary = try await exportLoki(request(server), to: folder.path, progress: quiet)
    let dataset = try ingest(
      IngestConfiguration(interval: .minutes(5), sources: [.loki(path: summary.chunkFolder)]))
    #expect(dataset.report.logLines == 1000)
    #expect(dataset.report.skipped == 0)
    #expect(dataset.services.map(\.service) == ["cart", "pay"])
  }

  @Test func `lines beyond the highest limit are counted exactly and reported, the rest is there`()
    async throws
  {
    // The server's own maximum is met first: 64 of 100 lines of three instants.
    let loki = LokiStandIn(lines: manyLines(), mostEntries: 64)
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    #expect(
      await exportError {
        try await exportLoki(request(server, limit: 30), to: folder.path, progress: quiet)
      }
        == ExportError.missingLines(
          path: "\(folder.path)/chunks", instants: 3, first: start.description, missing: 3 * 40,
          uncounted: 0))
    #expect(try exported(folder.path).count == 1000 - 120)
    #expect(try manifest(in: folder.path)["complete"].bool == false)

    // A larger limit, and the parts with gaps are fetched again.
    let generous = LokiStandIn(lines: loki.lines)
    let other = try TestFolder()
    let switched = Mutex(loki)
    let patient = try await StandInServer { request in switched.withLock { $0 }.answer(request) }
    #expect(
      await exportError {
        try await exportLoki(request(patient), to: other.path, progress: quiet)
      } != nil)
    switched.withLock { $0 = generous }
    let summary = try await exportLoki(request(patient), to: other.path, progress: quiet)
    #expect(summary.fetched == 2)
    #expect(try counted(exported(other.path)) == counted(loki.lines))
  }

  @Test func `a server that cannot count is reported with what is certain`() async throws {
    let loki = LokiStandIn(lines: manyLines(), mostEntries: 64, counts: false)
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    do {
      _ = try await exportLoki(request(server), to: folder.path, progress: quiet)
      Issue.record("missing lines went unnoticed")
    } catch let error as ExportError {
      #expect(error.kind == .invalidInput)
      #expect(error.description.contains("0 lines and perhaps more are missing at 3 instants"))
    }
  }

  @Test func `an instant with exactly as many lines as the limit lacks none`() async throws {
    let crowd = (0..<64).map {
      LokiStandIn.Line(stream: ["app": "a"], time: startNanoseconds + 5, text: "\($0)")
    }
    let loki = LokiStandIn(lines: crowd, mostEntries: 64)
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    var asked = try request(server, limit: 64)
    asked.mostLimit = 64
    #expect(
      try await exportLoki(asked, to: folder.path, progress: quiet).counts == ["lines": 64])
  }

  @Test func `pages that are too large are asked for in smaller ones`() async throws {
    let loki = LokiStandIn(
      lines: (0..<200).map {
        LokiStandIn.Line(
          stream: ["app": "a"], time: startNanoseconds + Int64($0),
          text: "\($0) " + String(repeating: "x", count: 500))
      })
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    var asked = try request(server, limit: 100)
    asked.connection.answerLimit = 8192
    _ = try await exportLoki(asked, to: folder.path, progress: quiet)
    #expect(try counted(exported(folder.path)) == counted(loki.lines))
  }

  @Test func `an unsteady server gives the same files as a steady one`() async throws {
    let loki = LokiStandIn(lines: manyLines())
    let steady = try TestFolder()
    let unsteady = try TestFolder()
    let number = Mutex(0)
    let wild = Mutex(false)
    let server = try await StandInServer { request in
      let turn = number.withLock { number in
        number += 1
        return number
      }
      guard wild.withLock({ $0 }) else { return loki.answer(request) }
      switch turn % 7 {
      case 1: return .text("too many outstanding requests", status: 429)
      case 3: return .text("context deadline exceeded", status: 500)
      case 5:
        var answer = loki.answer(request)
        answer.breaksAfter = answer.body.count / 2
        return answer
      default: return loki.answer(request)
      }
    }
    _ = try await exportLoki(request(server), to: steady.path, progress: quiet)
    wild.withLock { $0 = true }
    var patient = try request(server)
    patient.connection.retries.attempts = 100
    let summary = try await exportLoki(patient, to: unsteady.path, progress: quiet)
    #expect(summary.retries > 0)
    #expect(
      try chunks(in: steady.path).map(\.text) == chunks(in: unsteady.path).map(\.text))
  }

  @Test(arguments: [
    (
      #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}]}}"#,
      "result type 'matrix'"
    ),
    (#"{"status":"success","data":{"resultType":"streams","result":[{"values":[]}]}}"#, "labels"),
    (
      #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["1","a"]]}]}}"#,
      "outside of the time asked for"
    ),
    (
      #"{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[["soon","a"]]}]}}"#,
      "'soon' is not a number"
    ),
    ("[]", "no JSON at byte 0"), ("{\"status\":\"success\"}", "result type 'none'"),
  ])
  func `answers of another form are refused with their fault`(body: String, fault: String)
    async throws
  {
    let server = try await StandInServer { _ in .text(body) }
    let folder = try TestFolder()
    do {
      _ = try await exportLoki(request(server), to: folder.path, progress: quiet)
      Issue.record("\(body) was accepted")
    } catch let error as ExportError {
      #expect(error.kind == .invalidInput)
      #expect(error.description.contains(fault), "\(error.description)")
    }
    #expect(folder.files().isEmpty)
  }

  @Test func `a bad query carries the server's own words`() async throws {
    let loki = LokiStandIn(lines: [])
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    var asked = try request(server)
    asked.queries = ["sum("]
    #expect(
      await exportError { try await exportLoki(asked, to: folder.path, progress: quiet) }
        == ExportError.refused(
          url: "\(server.url)/loki/api/v1/query_range", status: 400,
          message: "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER"))
  }

  @Test func `hours without lines give empty files that ingest reads`() async throws {
    let loki = LokiStandIn(
      lines: [LokiStandIn.Line(stream: ["app": "a"], time: startNanoseconds, text: "only")])
    let server = try await StandInServer { loki.answer($0) }
    let folder = try TestFolder()
    let summary = try await exportLoki(request(server), to: folder.path, progress: quiet)
    #expect(summary.chunks == 4)
    let dataset = try ingest(
      IngestConfiguration(interval: .minutes(5), sources: [.loki(path: summary.chunkFolder)]))
    #expect(dataset.report.logLines == 1)
  }
}
