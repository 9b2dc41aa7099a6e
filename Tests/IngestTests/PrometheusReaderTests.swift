import Diagnostics
import Ingest
import Storage
import Telemetry
import Testing

private let up = #"{"__name__":"up","service":"shop"}"#

@Suite struct PrometheusReaderTests {
  @Test(arguments: [
    #"{"status":"success","data":{"resultType":"matrix","result":R}}"#,
    #"{"data":{"result":R,"resultType":"matrix"},"status":"success","warnings":["w"]}"#,
    #"{"resultType":"matrix","result":R}"#,
    "  R\n",
  ])
  func `a matrix is read with and without its envelope`(_ envelope: String) throws {
    let result =
      #"[{"metric":{"__name__":"up","service":"shop"},"values":[[60,"1"],[120.0,"2.5e0"],[180,3]]}]"#
    let text = envelope.replacing("R", with: result, maxReplacements: 1)
      .replacing("\"" + result + "\"", with: result)
    let folder = try TestFolder(["a.json": text])
    let data = try ingest(.prometheus(path: folder.path + "/a.json"))
    #expect(data.grid == TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 3))
    #expect(data.column("up", of: "shop") == [1, 2.5, 3])
    #expect(data.report.samples == 3 && data.report.series == 1)
    #expect(data.sources.map(\.type) == ["prometheus"])
    #expect(data.sources[0].bytes == text.utf8.count)
  }

  @Test func `a vector's single values are samples too`() throws {
    let folder = try TestFolder([
      "a.json": #"""
      {"status":"success","data":{"resultType":"vector","result":[
        {"value":[60.5,"7"],"metric":{"__name__":"up","service":"shop"}}]}}
      """#
    ])
    let data = try ingest(.prometheus(path: folder.path + "/a.json"))
    #expect(data.column("up", of: "shop") == [7])
    #expect(data.grid.first == Timestamp(milliseconds: 60_500))
  }

  @Test func `missing and infinite samples are told apart`() throws {
    let folder = try TestFolder([
      "a.json": matrix([(up, [(60, "1"), (120, "NaN"), (180, "+Inf"), (240, "-Inf"), (300, "5")])])
    ])
    let data = try ingest(.prometheus(path: folder.path + "/a.json"))
    #expect(same(data.column("up", of: "shop"), [1, .nan, .nan, .nan, 5]))
    #expect(data.report.samples == 5)
    #expect(data.report.missingCells == 3 && data.report.cells == 5)
    let defect = try #require(data.defect("not_finite"))
    #expect(defect.count == 2 && defect.effect == .skipped && defect.source == "a.json")
    #expect(defect.example == #"up{service="shop"}"#)
  }

  @Test func `native histograms are counted, not read`() throws {
    let folder = try TestFolder([
      "a.json": #"""
      [{"metric":{"__name__":"h","service":"shop"},"histograms":[[60,{"count":"1"}]]},
       {"metric":{"__name__":"up","service":"shop"},"values":[[60,"1"]]}]
      """#
    ])
    let data = try ingest(.prometheus(path: folder.path + "/a.json"))
    #expect(data.columnNames(of: "shop") == ["up"])
    #expect(data.defect("native_histogram")?.count == 1)
  }

  @Test func `a folder's files are parts of one export`() throws {
    let folder = try TestFolder([
      "x/2.json": matrix([(up, [(120, "2")])]), "x/1.json": matrix([(up, [(60, "1")])]),
      "x/.hidden": "no JSON",
    ])
    let data = try ingest(.prometheus(path: folder.path + "/x"))
    #expect(data.column("up", of: "shop") == [1, 2])
    #expect(data.sources.map(\.name) == ["1.json", "2.json"])
  }

  @Test func `a compressed export reads the same`() throws {
    let text = matrix([(up, [(60, "1")])])
    let folder = try TestFolder(["a.json": text])
    try folder.write("b.json.gz", Gzip.compress(Array(text.utf8)))
    let plain = try ingest(.prometheus(path: folder.path + "/a.json"))
    let compressed = try ingest(.prometheus(path: folder.path + "/b.json.gz"))
    #expect(plain.services == compressed.services)
  }

  @Test func `an error answer is named, whatever its order of members`() throws {
    let folder = try TestFolder([
      "a.json": #"{"status":"error","errorType":"bad_data","error":"parse error at char 3"}"#,
      "b.json":
        #"{"error":"too many samples","status":"error","data":null,"errorType":"execution"}"#,
    ])
    #expect(
      throws: IngestError.failedQuery(
        path: folder.path + "/a.json", type: "bad_data", message: "parse error at char 3")
    ) { try ingest(.prometheus(path: folder.path + "/a.json")) }
    #expect(
      throws: IngestError.failedQuery(
        path: folder.path + "/b.json", type: "execution", message: "too many samples")
    ) { try ingest(.prometheus(path: folder.path + "/b.json")) }
  }

  @Test(arguments: [
    (#"[{"metric":{"__name__":"up"},"values":[[60,"1"],[120,"2"#, "byte 55"),
    (#"[{"metric":{"__name__":"up"},"values":[[60,"one"]]}]"#, "'one'"),
    (#"[{"metric":{"__name__":"up"},"values":[["60","1"]]}]"#, "number"),
    (#"[{"values":[[60,"1"]]}]"#, "metric"),
    (#"{"foo":1}"#, "no answer of Prometheus"),
    ("<html>", "byte 0"),
    ("", "byte 0"),
    (#"[] trailing"#, "byte 3"),
  ])
  func `a damaged file is refused with its path and byte`(_ text: String, _ part: String) throws {
    let folder = try TestFolder(["a.json": text])
    let error = #expect(throws: IngestError.self) {
      try ingest(.prometheus(path: folder.path + "/a.json"))
    }
    let description = error?.description ?? ""
    #expect(description.contains(folder.path + "/a.json"))
    #expect(description.contains("byte"), "\(description)")
    #expect(description.contains(part), "\(description)")
    #expect(error?.kind == .invalidInput)
  }

  @Test func `other result types are refused by name`() throws {
    let folder = try TestFolder([
      "a.json": #"{"status":"success","data":{"resultType":"scalar","result":[60,"1"]}}"#
    ])
    let error = #expect(throws: IngestError.self) {
      try ingest(.prometheus(path: folder.path + "/a.json"))
    }
    #expect(error?.description.contains("'scalar'") == true)
  }

  @Test func `a file that is not there is named`() {
    #expect(throws: IngestError.storage(.notFound(path: "/nowhere/a.json"))) {
      try ingest(.prometheus(path: "/nowhere/a.json"))
    }
  }
}

@Suite(.enabled(if: PublicData.has("prometheus-export"), Comment(rawValue: PublicData.hint)))
struct PublishedPrometheusExportTests {
  private func load(_ interval: TimeSpan = .minutes(1)) throws -> Dataset {
    try ingest(
      .prometheus(
        path: PublicData.root
          + "/prometheus-export/badger_disk_reads_rate1m-20190819.json.gz"), every: interval)
  }

  @Test func `a production export has the published figures`() throws {
    let data = try load()
    #expect(data.report.samples == 79_182 && data.report.series == 11)
    #expect(data.grid.first == Timestamp(rfc3339: "2019-08-14T16:10:00.825Z"))
    #expect(
      data.grid.timestamp(at: data.grid.count - 1) == Timestamp(rfc3339: "2019-08-19T16:09:00.825Z")
    )
    #expect(data.grid.count == 7200)
    #expect(data.report.cells == 11 * 7200)
    // Every sample has a cell of its own, so the gaps of 120 s are the missing cells.
    #expect(data.report.missingCells == 11 * 7200 - 79_182)
    #expect(data.report.defects.isEmpty)
    #expect(
      data.services.map { "\($0.service) \($0.columns.count)" } == [
        "Thoth Dgraph aggregate-exporter (stage) 7", "Thoth Dgraph aggregate-exporter (test) 4",
      ])
    let name =
      #"badger_disk_reads:rate1m{ae_source="https://prometheus-exporter-alpha-3.thoth-dgraph-stage.svc:8080/debug/prometheus_metrics",monitor="datahub"}"#
    let column = data.column(name, of: "Thoth Dgraph aggregate-exporter (stage)")
    #expect(column?.first == 653.95 && column?.last == 229.875)
  }

  @Test func `a coarser grid keeps each cell's last sample`() throws {
    let (fine, coarse) = (try load(), try load(.minutes(5)))
    // Offsets within five minutes are a minute apart, so cells end at the smallest of them.
    #expect(coarse.grid.first.milliseconds % 300_000 == 825)
    for (a, b) in zip(fine.services, coarse.services) {
      for row in 0..<coarse.grid.count {
        let end = fine.grid.index(covering: coarse.grid.timestamp(at: row))
        for column in a.columns.indices {
          let last = stride(from: min(end, fine.grid.count - 1), to: end - 5, by: -1)
            .lazy.filter { $0 >= 0 }.map {
              fine.services.isEmpty ? .nan : a.row($0)[a.row($0).startIndex + column]
            }
            .first { !$0.isNaN }
          let value = b.row(row)[b.row(row).startIndex + column]
          #expect(value == last || value.isNaN && last == nil)
        }
      }
    }
  }
}
