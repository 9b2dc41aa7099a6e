import Ingest
import Telemetry
import Testing

/// Text that would break a terminal's line, colour it, reverse it or fill the screen.
private let hostile = "a\n\r\t\u{1B}[31m\u{202E}b\u{2028}" + String(repeating: "x", count: 500)
private let json = hostile.replacing("\n", with: #"\n"#).replacing("\r", with: #"\r"#)
  .replacing("\t", with: #"\t"#).replacing("\u{1B}", with: #"\u001b"#)
/// What of it stands in a message.
private let shown = #"a\n\r\t\u{1B}[31m\u{202E}b\u{2028}x"#

@Suite struct ForeignTextTests {
  private func check(_ error: IngestError?, sourceLocation: SourceLocation = #_sourceLocation) {
    let text = error?.description ?? ""
    #expect(text.contains(shown), "\(text)", sourceLocation: sourceLocation)
    #expect(!text.contains(String(repeating: "x", count: 60)), sourceLocation: sourceLocation)
    #expect(text.contains("x…"), sourceLocation: sourceLocation)
    #expect(
      !text.unicodeScalars.contains { $0.value < 0x20 || [0x202E, 0x2028].contains($0.value) },
      sourceLocation: sourceLocation)
  }

  private func quotedField(_ text: String) -> String { "\"\(text)\"" }

  private func csv(_ text: String) throws -> IngestError? {
    let folder = try TestFolder(["m.csv": text])
    return #expect(throws: IngestError.self) {
      try ingest(.csv(CSVSource(path: folder.path + "/m.csv")))
    }
  }

  @Test func `a header is shown on one line and cut`() throws {
    check(try csv(quotedField(hostile) + ",b\n"))
  }

  @Test func `a value that was skipped is shown on one line and cut`() throws {
    check(try csv("time,a\n\(quotedField(hostile)),1\n"))
    check(try csv("time,a\n60,\(quotedField(hostile))\n"))
  }

  @Test func `a name is shown on one line and cut`() throws {
    check(try csv("time,\(quotedField(hostile))\n9e99,1\n"))
  }

  @Test(arguments: [
    #"[{"metric":{},"values":[[60,"J"]]}]"#, #"{"resultType":"J"}"#,
    #"{"status":"error","errorType":"x","error":"J"}"#,
    #"{"status":"error","errorType":"J","error":"x"}"#,
    #"[{"metric":{"__name__":"J"},"values":[[1e15,"1"]]}]"#,
  ])
  func `an answer of Prometheus is shown on one line and cut`(_ text: String) throws {
    let folder = try TestFolder(["a.json": text.replacing("J", with: json)])
    check(#expect(throws: IngestError.self) { try ingest(.prometheus(path: folder.path)) })
  }

  @Test(arguments: [
    #"{"labels":{},"line":"x","timestamp":"J"}"#, #"{"data":{"resultType":"J"}}"#,
    #"{"data":{"resultType":"streams","result":[{"stream":{},"values":[["J","y"]]}]}}"#,
    #"{"labels":{"service":"J"},"line":"x","timestamp":"0001-01-01T00:00:00Z"}"#,
  ])
  func `an export of Loki is shown on one line and cut`(_ text: String) throws {
    let folder = try TestFolder(["a.json": text.replacing("J", with: json)])
    check(#expect(throws: IngestError.self) { try ingest(.loki(path: folder.path)) })
  }

  @Test(arguments: [
    ["id": hostile], ["id": "a", "start": hostile],
    ["id": hostile, "start": "1970-01-01T00:01:00Z"],
    ["id": hostile, "start": "1970-01-01T00:01:00Z", "end": "1970-01-01T00:01:00Z"],
  ])
  func `an incident is shown on one line and cut`(_ fields: [String: String]) throws {
    check(try incidents([fields]))
  }

  @Test func `an incident's second id is shown on one line and cut`() throws {
    let fields = ["id": hostile, "start": "1970-01-01T00:01:00Z", "end": "1970-01-01T00:02:00Z"]
    check(try incidents([fields, fields]))
  }

  private func incidents(_ records: [[String: String]]) throws -> IngestError? {
    let folder = try TestFolder(["m.csv": "time,up\n60,1\n"])
    return #expect(throws: IngestError.self) {
      try ingest(.csv(CSVSource(path: folder.path + "/m.csv"))) {
        $0.incidents = [
          IncidentsSource(
            path: folder.path + "/m.csv",
            records: records.map { IncidentRecord(fields: $0, place: "i.yaml:1") })
        ]
      }
    }
  }

  @Test func `a file's name is not cut but stays on one line`() throws {
    let folder = try TestFolder(["a\nb/m.csv": "a,b\n"])
    let error = #expect(throws: IngestError.self) {
      try ingest(.csv(CSVSource(path: folder.path + "/a\nb/m.csv")))
    }
    #expect(error?.description.hasPrefix(folder.path + #"/a\nb/m.csv:1: wrong"#) == true)
  }

  @Test(arguments: [(80, "x"), (81, "…")])
  func `exactly 80 characters fit`(_ count: Int, _ last: String) throws {
    let error = try csv(String(repeating: "x", count: count) + "\n")
    let kept = String(repeating: "x", count: 79) + last
    #expect(error?.description.contains("found '\(kept)', ") == true)
  }
}
