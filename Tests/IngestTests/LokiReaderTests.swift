import Foundation
import Ingest
import LogTemplates
import Storage
import Telemetry
import Testing

private func line(_ second: Int, _ text: String, service: String = "shop", level: String? = nil)
  -> String
{
  let level = level.map { #","level":"\#($0)""# } ?? ""
  let time = "2026-01-01T00:0\(second / 60):\(second % 60 < 10 ? "0" : "")\(second % 60).5Z"
  return
    #"{"labels":{"service":"\#(service)"\#(level)},"line":"\#(text)","timestamp":"\#(time)"}"#
    + "\n"
}

@Suite struct LokiReaderTests {
  private func load(_ files: [String: String]) throws -> Dataset {
    let folder = try TestFolder(files)
    return try ingest(.loki(path: folder.path))
  }

  private let export =
    line(5, "INFO user 1 in") + line(6, "INFO user 2 in") + line(70, "ERROR disk sda1 full")
    + line(200, "quiet", service: "cart", level: "warn") + line(201, "INFO user 3 in")

  @Test func `what a mask of one's own matches takes its name`() throws {
    let folder = try TestFolder([
      "a.jsonl": line(5, "INFO order ORD-AB placed") + line(6, "INFO order ORD-XYZ placed")
    ])
    let configuration = IngestConfiguration(
      interval: .minutes(1), sources: [.loki(path: folder.path)],
      logMasks: try LogMaskRules(named: [.init(name: "order", expression: "ORD-[A-Z]+")]))
    let logs = try #require(try ingest(configuration).services.first?.logs)
    #expect(logs.patterns == [LogPattern(text: "INFO order <order> placed", level: .info)])
    #expect(logs.counts.map(\.lines) == [2])
  }

  @Test func `lines are counted per cell and pattern`() throws {
    let data = try load(["a.jsonl": export])
    #expect(data.services.map(\.service) == ["cart", "shop"])
    #expect(data.grid.first == Timestamp(rfc3339: "2026-01-01T00:01:00Z") && data.grid.count == 4)
    let shop = try #require(data.services[1].logs)
    #expect(
      shop.patterns == [
        LogPattern(text: "INFO user <*> in", level: .info),
        LogPattern(text: "ERROR disk <*> full", level: .error),
      ])
    #expect(
      shop.counts == [
        LogActivity.Count(row: 0, pattern: 0, lines: 2),
        LogActivity.Count(row: 1, pattern: 1, lines: 1),
        LogActivity.Count(row: 3, pattern: 0, lines: 1),
      ])
    #expect(shop.recorded == [true, true, true, true])
    let cart = try #require(data.services[0].logs)
    #expect(cart.patterns == [LogPattern(text: "quiet", level: .warning)])
    #expect(cart.recorded == shop.recorded)
    #expect(data.services.allSatisfy { $0.columns.isEmpty && $0.values.isEmpty })
    #expect(data.report.logLines == 5 && data.report.samples == 0)
  }

  @Test func `an answer of the API reads like the lines`() throws {
    let start = 1_767_225_600
    let values = { (entries: [(Int, String)]) in
      entries.map { #"["\#(start + $0.0)500000000","\#($0.1)",{"x":"y"}]"# }.joined(separator: ",")
    }
    let shop = values([
      (5, "INFO user 1 in"), (6, "INFO user 2 in"), (70, "ERROR disk sda1 full"),
      (201, "INFO user 3 in"),
    ])
    let result = #"""
      [{"stream":{"service":"shop"},"values":[\#(shop)]},
       {"values":[\#(values([(200, "quiet")]))],"stream":{"service":"cart","level":"warn"}}]
      """#
    let answer =
      #"{"status":"success","data":{"resultType":"streams","result":\#(result),"stats":{}}}"#
    let lines = try load(["a.jsonl": export])
    #expect(try load(["a.json": answer]).services == lines.services)
    #expect(try load(["a.json": result]).services == lines.services)
  }

  @Test func `files with a long time between them leave it unrecorded`() throws {
    let late = line(5, "INFO a").replacing("T00:", with: "T01:")
    let data = try load(["1.jsonl": line(5, "INFO a"), "2.jsonl": late])
    let recorded = try #require(data.services[0].logs?.recorded)
    #expect(recorded.first == true && recorded.last == true)
    #expect(recorded.count == 61 && recorded.count { $0 } == 2)
  }

  @Test func `damaged lines are skipped and counted`() throws {
    let text =
      line(1, "INFO a") + "{\"labels\":{}}\n" + "garbage\n\n" + line(2, "INFO b")
      + String(line(3, "INFO c").dropLast(20))
    let data = try load(["a.jsonl": text])
    #expect(data.defect("malformed_line")?.count == 2)
    #expect(data.defect("malformed_line")?.example.hasPrefix("line 2: ") == true)
    #expect(data.defect("truncated_line")?.count == 1)
    #expect(data.defect("truncated_line")?.example.hasPrefix("line 6: ") == true)
    #expect(data.services[0].logs?.counts.reduce(0) { $0 + $1.lines } == 2)
  }

  @Test(arguments: [
    ("INFO plain text\n", "not JSON"),
    ("\n" + #"{"line":"x"}"# + "\n" + line(1, "INFO a"), "timestamp"),
    (#"{"labels":{},"line":"x"}"# + "\n" + line(1, "INFO a"), "timestamp"),
    (#"{"labels":{},"line":"x","timestamp":"yesterday"}"#, "'yesterday'"),
    (#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#, "prometheus"),
    (#"{"status":"success","data":{"resultType":"streams","result":[{"values":[]}]}}"#, "stream"),
    (
      #"{"data":{"resultType":"streams","result":[{"stream":{},"values":[["x","y"]]}]}}"#,
      "nanoseconds"
    ),
    (#"{"status":"error","errorType":"timeout","error":"too slow"}"#, "too slow"),
    (#"{"status":"success","data":{"resultType":"str"#, "truncated"),
  ])
  func `a file that is no export is refused`(_ text: String, _ part: String) throws {
    let folder = try TestFolder(["a.json": text])
    let error = #expect(throws: IngestError.self) {
      try ingest(.loki(path: folder.path + "/a.json"))
    }
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    #expect(error?.description.contains("a.json") == true)
  }

  @Test func `labels that are too long to be remembered are read all the same`() throws {
    // Escaped, so that their text is longer than all that is remembered, and they are not too long.
    let name = String(repeating: #"\u0061"#, count: 800_000)
    let lines = (1...3).map {
      #"{"labels":{"app":"\#(name)"},"line":"\#($0)","timestamp":"2026-01-01T00:00:0\#($0)Z"}"#
        + "\n"
    }
    let folder = try TestFolder(["l.jsonl": lines.joined()])
    let scanned = try readLogColumns(folder.path, window: 8 << 20, isScanning: true)
    #expect(scanned == (try readLogColumns(folder.path, window: 8 << 20, isScanning: false)))
    #expect(scanned.streams.map { $0.labels["app"]?.count } == [800_000])
  }

  @Test func `a line with labels beyond the limit is skipped and counted`() throws {
    let line = #"{"labels":{"app":"shop"},"line":"in","timestamp":"2026-01-01T00:00:01Z"}"# + "\n"
    let long = line.replacingOccurrences(of: "shop", with: String(repeating: "a", count: 1 << 20))
    let data = try load(["l.jsonl": line + long + line])
    let defect = data.report.defects.first { $0.reason == "malformed_line" }
    #expect(defect?.count == 1)
    #expect(defect?.example.contains("more than 1000 labels or 1048576 bytes of them") == true)
  }

  @Test func `more labels than are kept at once change nothing`() throws {
    let lines = (0..<60).map { number in
      let pod = String(repeating: "abcdefgh", count: 75_000) + "\(number % 30)"
      let second = number < 50 ? number + 10 : 59
      return #"{"labels":{"app":"shop","pod":"\#(pod)"},"line":"\#(number)","#
        + #""timestamp":"2026-01-01T00:00:\#(second)Z"}"# + "\n"
    }
    let folder = try TestFolder(["l.jsonl": lines.joined()])
    let scanned = try readLogColumns(folder.path, window: 2 << 20, isScanning: true)
    #expect(scanned == (try readLogColumns(folder.path, window: 2 << 20, isScanning: false)))
    #expect(scanned.streams.count == 30)
  }

  @Test func `a link to a folder is a folder`() throws {
    let line = #"{"labels":{"app":"shop"},"line":"in","timestamp":"2026-01-01T00:00:01Z"}"# + "\n"
    let folder = try TestFolder(["logs/l.jsonl": line])
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: folder.path + "/logs")
    #expect(try ingest(.loki(path: folder.path + "/link")).report.logLines == 1)
  }

  @Test func `patterns beyond the limit are counted together`() throws {
    let words = ["ant", "bee", "cat", "dog", "eel"]
    let text = words.map { line(1, "INFO \($0)") }.joined() + line(2, "ERROR fox")
    let folder = try TestFolder(["a.jsonl": text])
    let data = try ingest(.loki(path: folder.path)) { $0.limits.patternsPerService = 2 }
    let logs = try #require(data.services[0].logs)
    #expect(logs.patterns.map(\.text).filter { $0 == "<overflow>" }.count == 2)
    #expect(logs.patterns.count == 4)
    #expect(logs.counts.reduce(0) { $0 + $1.lines } == 6)
    #expect(data.defect("pattern_limit")?.count == 4)
  }

  @Test func `log lines beyond the metrics are counted and left out`() throws {
    let metric = matrix([
      (#"{"__name__":"up","service":"shop"}"#, [(1_767_225_660, "1"), (1_767_225_720, "2")])
    ])
    let folder = try TestFolder(["a.jsonl": export, "m/a.json": metric])
    let data = try ingest(
      .prometheus(path: folder.path + "/m"), .loki(path: folder.path + "/a.jsonl"))
    #expect(data.grid.count == 2)
    #expect(data.services.map(\.service) == ["cart", "shop"])
    #expect(data.services[1].columns.count == 1)
    #expect(data.services[1].logs?.counts.reduce(0) { $0 + $1.lines } == 3)
    #expect(data.report.defects.filter { $0.reason == "log_outside_range" }.map(\.count) == [1, 1])
  }
}
