import Ingest
import Storage
import Telemetry
import Testing

@Suite struct NoDataTests {
  private func failure(_ sources: SourceConfiguration...) -> IngestError? {
    #expect(throws: IngestError.self) {
      try ingest(IngestConfiguration(interval: .minutes(1), sources: sources))
    }
  }

  @Test func `rows that were all skipped are explained by the main reason and its first place`()
    throws
  {
    let folder = try TestFolder(["m.csv": "time,a\nnever,1\nsoon,1\n1,2,3\nlater,1\n"])
    let path = folder.path + "/m.csv"
    let error = failure(.csv(CSVSource(path: path, layout: .wide)))
    #expect(
      error
        == .noData(
          paths: [path],
          skipped: IngestError.Skipped(
            reason: "bad_time", count: 3, total: 4, example: "\(path):2: 'never'")))
    #expect(
      error?.description
        == "\(path): no metric sample and no log line; 3 skipped for bad_time, the first at "
        + "\(path):2: 'never', and 1 for other reasons; correct the export or the source's "
        + "configuration")
  }

  @Test func `one reason in several files is counted together`() throws {
    let folder = try TestFolder([
      "x/a.csv": "time,a\n1\n2\nnever,1\nnever,1\n", "x/b.csv": "time,a\nnever,1\n",
    ])
    let error = failure(.csv(CSVSource(path: folder.path + "/x", layout: .wide)))
    guard case .noData(_, let skipped) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(skipped?.reason == "bad_time" && skipped?.count == 3)
    #expect(skipped?.example == "\(folder.path)/x/a.csv:4: 'never'")
  }

  @Test func `what a reader skips without a line is explained by its source`() throws {
    let folder = try TestFolder([
      "a.json": #"[{"metric":{"__name__":"h"},"histograms":[[60,{"count":"1"}]]}]"#
    ])
    let error = failure(.prometheus(path: folder.path + "/a.json"))
    #expect(error?.description.contains("native_histogram, the first at a.json: h;") == true)
  }

  @Test func `sources with nothing in them are named by their paths`() throws {
    let folder = try TestFolder(["a.json": "[]", "b.jsonl": "", "c.json": "[]", "d.json": "[]"])
    let path = folder.path
    let error = failure(
      .prometheus(path: path + "/a.json"), .loki(path: path + "/b.jsonl"),
      .prometheus(path: path + "/c.json"), .prometheus(path: path + "/d.json"))
    #expect(
      error?.description
        == "\(path)/a.json, \(path)/b.jsonl, \(path)/c.json and 1 more: no metric sample and no log "
        + "line; check the query and its time range")
  }

  @Test func `a folder without files is named as such`() throws {
    let folder = try TestFolder(["x/.hidden": "[]", "x/deeper/a.json": "[]"])
    let path = folder.path + "/x"
    for source in [
      SourceConfiguration.prometheus(path: path), .loki(path: path), .csv(CSVSource(path: path)),
    ] {
      let error = failure(source)
      #expect(error == .emptyFolder(path: path, endings: []))
      #expect(
        error?.description == "\(path): the folder holds no file; check the path and the export")
    }
  }

  @Test func `a folder of tables without a table is named as such`() throws {
    let folder = try TestFolder(["metric/readme.txt": "", "log/a.csv": ""])
    #expect(
      failure(.trainTicket(path: folder.path))?.description
        == "\(folder.path)/metric: the folder holds no file ending in .csv or .csv.gz; check the "
        + "path and the export")
  }
}
