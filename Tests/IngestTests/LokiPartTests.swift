import Ingest
import Storage
import Telemetry
import Testing

private func line(_ second: Int, _ text: String, service: String = "shop") -> String {
  let time = Timestamp(seconds: 1_767_225_600 + Int64(second))
  return #"{"labels":{"service":"\#(service)"},"line":"\#(text)","timestamp":"\#(time)"}"# + "\n"
}

private func answer(_ entries: [(Int, String)], service: String = "shop") -> String {
  let values = entries.map { #"["\#(1_767_225_600 + $0.0)000000000","\#($0.1)"]"# }
  return
    #"{"data":{"resultType":"streams","result":[{"stream":{"service":"\#(service)"},"values":[\#(values.joined(separator: ","))]}]}}"#
}

extension Dataset {
  fileprivate func lines(of service: String) -> Int {
    services.first { $0.service == service }?.logs?.counts.reduce(0) { $0 + $1.lines } ?? 0
  }
}

@Suite struct LokiPartTests {
  private func load(
    _ files: [String: String], adjust: (inout IngestConfiguration) -> Void = { _ in }
  ) throws -> Dataset {
    let folder = try TestFolder(files)
    return try ingest(.loki(path: folder.path), adjust: adjust)
  }

  @Test func `lines that stand in two parts count once`() throws {
    let data = try load([
      "q_1.part": line(1, "a") + line(2, "b") + line(2, "c"),
      "q_2.part": line(2, "b") + line(2, "c") + line(2, "d") + line(2, "b", service: "cart"),
      "q_3.json": answer([(2, "d"), (2, "b"), (3, "b")]),
    ])
    #expect(data.lines(of: "shop") == 5 && data.lines(of: "cart") == 1)
    #expect(data.report.logLines == 10)
    let defects = data.report.defects.filter { $0.reason == "repeated_line" }
    #expect(defects.map(\.source) == ["q_2.part", "q_3.json"])
    #expect(defects.map(\.count) == [2, 2] && defects.map(\.effect) == [.skipped, .skipped])
    #expect(defects[0].example == "line 1: shop at 2026-01-01T00:00:02Z: 'b'")
  }

  @Test func `lines that one part has twice are two lines`() throws {
    let text = line(1, "tick") + line(1, "tick")
    #expect(try load(["a.jsonl": text]).lines(of: "shop") == 2)
    #expect(try load(["a.jsonl": text, "b.jsonl": line(5, "x")]).lines(of: "shop") == 3)
    #expect(try load(["a.json": answer([(1, "tick"), (1, "tick")])]).lines(of: "shop") == 2)
  }

  @Test func `pages of answers in one file overlap at their borders`() throws {
    let pages =
      answer([(1, "a"), (2, "b")]) + "\n" + answer([(2, "b"), (2, "c"), (3, "d")]) + "\n"
    let data = try load(["pages.json": pages])
    #expect(data.lines(of: "shop") == 4 && data.report.logLines == 5)
    #expect(data.defect("repeated_line")?.count == 1)
  }

  @Test func `lines beyond what is remembered are counted as unchecked`() throws {
    let text = (0..<1000).map { line($0, "line \($0)") }.joined()
    let data = try load(["a.jsonl": text, "b.jsonl": text]) { $0.limits.memoryBytes = 256 * 400 }
    let repeated = data.defect("repeated_line")?.count ?? 0
    let unchecked = try #require(data.defect("unchecked_repeats"))
    #expect(repeated + data.lines(of: "shop") == 2000)
    #expect(unchecked.count == data.lines(of: "shop") - 1000 && unchecked.count > 0)
    #expect(unchecked.effect == .changed)
    #expect(unchecked.example.contains("more than 400 lines"))
    // Parts that follow each other need no more memory than their border.
    let later = (999..<2000).map { line($0, "line \($0)") }.joined()
    let joined = try load(["a.jsonl": text, "b.jsonl": later]) {
      $0.limits.memoryBytes = 256 * 400
    }
    #expect(joined.lines(of: "shop") == 2000)
    #expect(joined.report.defects.map(\.reason) == ["repeated_line"])
  }

  @Test func `a part whose download was not finished is refused`() throws {
    let folder = try TestFolder([
      "q_20260101T000000_20260101T010000.part": line(1, "a"),
      "q_20260101T010000_20260101T020000.part.tmp": line(3601, "b"),
    ])
    let error = #expect(throws: IngestError.self) { try ingest(.loki(path: folder.path)) }
    #expect(
      error?.description
        == "\(folder.path)/q_20260101T010000_20260101T020000.part.tmp: a part whose download was "
        + "not finished; run logcli again with the same --part-path-prefix, which keeps finished "
        + "parts, or remove the file")
  }

  @Test func `parts cover the time that their names state, also where they are silent`() throws {
    let data = try load([
      "q_20260101T000000_20260101T010000.part": line(60, "a"),
      "q_20260101T010000_20260101T020000.part": "",
      "q_20260101T020000_20260101T030000.part": line(10_000, "b"),
    ])
    let recorded = try #require(data.services[0].logs?.recorded)
    #expect(recorded.count > 120 && recorded.allSatisfy { $0 })
    #expect(data.report.defects.allSatisfy { $0.reason == "empty_time" })
  }

  @Test func `a part that is missing between others is counted`() throws {
    let data = try load([
      "q_20260101T000000_20260101T010000.part": line(60, "a"),
      "q_20260101T020000_20260101T030000.part": line(10_000, "b"),
    ])
    let defect = try #require(data.defect("missing_part"))
    #expect(defect.count == 1 && defect.effect == .skipped)
    #expect(defect.example == "no part from 2026-01-01T01:00:00Z to 2026-01-01T02:00:00Z")
    let recorded = try #require(data.services[0].logs?.recorded)
    #expect(recorded.count { !$0 } == 59 || recorded.count { !$0 } == 60)
  }

  @Test func `parts of different exports leave nothing missing between them`() throws {
    let data = try load([
      "train_20260101T000000_20260101T010000.part": line(60, "a"),
      "test_20260101T020000_20260101T030000.part": line(10_000, "b"),
    ])
    #expect(data.defect("missing_part") == nil)
  }

  @Test func `lines that stand in two parts are no loss`() throws {
    let text = (0..<20).map { line($0, "line \($0)") }.joined()
    let data = try load(["a.jsonl": text, "b.jsonl": text]) { $0.defectBudget = .standard }
    #expect(data.defect("repeated_line")?.count == 20)
    #expect(data.defect("repeated_line")?.example.hasPrefix("line 1: shop at ") == true)
  }

  @Test(arguments: [
    "q.part", "q_20260101T000000.part", "q_20260101T010000_20260101T000000.part",
    "q_20261301T000000_20261301T010000.part", "q_20260101T000000_20260101T000001.part",
  ])
  func `a name that does not fit its lines states nothing`(_ name: String) throws {
    let data = try load([name: line(60, "a") + line(120, "b") + line(240, "c")])
    #expect(data.services[0].logs?.recorded == [true, true, true, true])
    #expect(data.report.defects.isEmpty)
  }

  @Test func `a text that logcli writes without asking is refused with the fix`() throws {
    let folder = try TestFolder([
      "default.log": "2026-01-05T00:00:00Z {app=\"x\"} INFO a\n",
      "raw.log": "{\"level\":\"info\"}\n",
    ])
    for name in ["default.log", "raw.log"] {
      let error = #expect(throws: IngestError.self) {
        try ingest(.loki(path: "\(folder.path)/\(name)"))
      }
      #expect(
        error?.description.contains("'logcli query --output=jsonl --include-common-labels'")
          == true, "\(String(describing: error))")
    }
  }
}
