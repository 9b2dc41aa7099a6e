import Ingest
import Telemetry
import Testing

/// A text with the bytes of `é` in Latin-1, which is not UTF-8, for each `?`.
private func latin1(_ text: String) -> [UInt8] { text.utf8.map { $0 == 0x3F ? 0xE9 : $0 } }

@Suite struct EncodingTests {
  private func load(_ name: String, _ bytes: [UInt8]) throws -> Dataset {
    let folder = try TestFolder()
    let path = try folder.write(name, bytes)
    return try ingest(
      name.hasSuffix(".csv") ? .csv(CSVSource(path: path)) : .loki(path: path))
  }

  @Test func `rows that are not UTF-8 are skipped and counted`() throws {
    let data = try load(
      "m.csv",
      latin1("time,service,metric,value\n60,caf?,up,1\n60,café,up,2\n120,shop,?,3\n120,shop,up,4\n")
    )
    #expect(data.services.map(\.service) == ["café", "shop"])
    let defect = try #require(data.defect("invalid_utf8"))
    #expect(defect.count == 2 && defect.effect == .skipped && defect.source == "m.csv")
    #expect(defect.example == "line 2: 'caf\u{FFFD}' in column 'service'")
    #expect(data.report.samples == 2)
  }

  @Test func `a character cut in two by a comma is not UTF-8 either`() throws {
    let row = Array("60,".utf8) + [0xC3, 0x2C, 0xA9, 0x0A]
    let data = try load("m.csv", Array("time,a,b\n120,1,2\n".utf8) + row)
    #expect(data.defect("invalid_utf8")?.count == 1)
  }

  @Test(arguments: [latin1("time,caf?\n60,1\n"), [0xFF, 0xFE] + Array("t\0i\0m\0e\0".utf8)])
  func `a header that is not UTF-8 is refused`(_ bytes: [UInt8]) throws {
    let error = #expect(throws: IngestError.self) { try load("m.csv", bytes) }
    #expect(
      error?.description.hasSuffix("m.csv:1: the header is not UTF-8; save the file as UTF-8")
        == true)
  }

  @Test func `incidents that are not UTF-8 are refused with their line`() throws {
    let folder = try TestFolder(["m.csv": "time,up\n60,1\n"])
    let incidents = try folder.write(
      "i.csv", latin1("id,start,end\n?,1970-01-01T00:00:30Z,1970-01-01T00:01:00Z\n"))
    let error = #expect(throws: IngestError.self) {
      try ingest(.csv(CSVSource(path: folder.path + "/m.csv"))) {
        $0.incidents = [IncidentsSource(path: incidents)]
      }
    }
    #expect(error?.description == "\(incidents):2: not UTF-8; save the file as UTF-8")
  }

  private func line(_ text: String) -> String {
    #"{"labels":{"service":"shop"},"line":"\#(text)","timestamp":"1970-01-01T00:01:00Z"}"# + "\n"
  }

  @Test func `log lines that are not UTF-8 are kept with replacements and counted`() throws {
    let data = try load("a.jsonl", latin1(line("INFO ok") + line("INFO caf? open") + line("caf?")))
    let logs = try #require(data.services.first?.logs)
    #expect(logs.patterns.contains { $0.text == "INFO caf\u{FFFD} open" })
    #expect(logs.counts.reduce(0) { $0 + $1.lines } == 3)
    let defect = try #require(data.defect("invalid_utf8"))
    #expect(defect.count == 2 && defect.effect == .changed && defect.source == "a.jsonl")
    #expect(defect.example == "line 2: 'INFO caf\u{FFFD} open'")
    #expect(data.report.skipped == 0)
  }

  @Test func `an answer of the API that is not UTF-8 is kept with replacements too`() throws {
    let data = try load(
      "a.json",
      latin1(
        #"{"data":{"resultType":"streams","result":[{"stream":{"service":"shop"},"values":["#
          + #"["60000000000","caf?"],["60000000000","ok"]]}]}}"#))
    #expect(data.services.first?.logs?.counts.reduce(0) { $0 + $1.lines } == 2)
    #expect(data.defect("invalid_utf8")?.count == 1)
    #expect(data.defect("invalid_utf8")?.effect == .changed)
    #expect(data.defect("invalid_utf8")?.example == "shop: 'caf\u{FFFD}'")
  }

  @Test func `lines in other scripts are left as they are`() throws {
    let data = try load("a.jsonl", Array(line("INFO 注文 café 🛒").utf8))
    #expect(data.services.first?.logs?.patterns.map(\.text) == ["INFO 注文 café 🛒"])
    #expect(data.report.defects.isEmpty)
  }
}
