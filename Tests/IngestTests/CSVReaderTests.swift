import Ingest
import Telemetry
import Testing

@Suite struct CSVReaderTests {
  private func load(
    _ text: String, _ layout: CSVSource.Layout, adjust: (inout CSVSource) -> Void = { _ in }
  ) throws -> Dataset {
    let folder = try TestFolder(["m.csv": text])
    var source = CSVSource(path: folder.path + "/m.csv", layout: layout)
    adjust(&source)
    return try ingest(.csv(source))
  }

  @Test func `a wide table has a column per metric`() throws {
    let data = try load(
      "\u{FEFF}time,cpu,\"mem,ory\",\"req_total{code=\"\"5\"\"}\"\r\n"
        + "1970-01-01T00:01:00Z,1,2,0\r\n1970-01-01T00:02:00Z,,NaN,60\r\n", .wide
    ) { $0.service = "shop" }
    #expect(data.columnNames(of: "shop") == ["cpu", "mem,ory", #"req_total{code="5"}"#])
    #expect(same(data.column("cpu", of: "shop"), [1, .nan]))
    #expect(same(data.column("mem,ory", of: "shop"), [2, .nan]))
    #expect(same(data.column(#"req_total{code="5"}"#, of: "shop"), [.nan, 1]))
    #expect(data.report.samples == 6)
  }

  @Test func `a service column assigns rows`() throws {
    let data = try load("time,service,cpu\n60,a,1\n60,b,2\n120,a,3\n120,,4\n", .wide)
    #expect(data.services.map(\.service) == ["a", "b", "system"])
    #expect(data.column("cpu", of: "a") == [1, 3])
  }

  @Test func `a long table has a row per sample`() throws {
    let data = try load(
      "value,time,metric,service,code\n1,60,up,shop,\n2,120,up,shop,\n5,60,req,shop,200\n6,60,req,shop,500\n",
      .long)
    #expect(
      data.columnNames(of: "shop") == [#"req{code="200"}"#, #"req{code="500"}"#, "up"])
    #expect(data.column("up", of: "shop") == [1, 2])
  }

  @Test func `a column without a name, such as a row number, is left out and counted`() throws {
    let data = try load(",time,cpu,\n0,60,1,7\n1,120,2,8\n", .auto) { $0.service = "s" }
    #expect(data.columnNames(of: "s") == ["cpu"])
    let defect = try #require(data.report.defects.first)
    #expect(defect.reason == "unnamed_column")
    #expect(defect.count == 2)
  }

  @Test func `all lines that a stray quote joins to one record are counted`() throws {
    let data = try load(
      "time,cpu\n60,1\n\"120,2\n180,3\n240\",4,5\n300,6\n", .wide
    ) { $0.service = "s" }
    #expect(data.report.samples == 2)
    #expect(data.report.skipped == 3)
  }

  @Test func `columns can have other names`() throws {
    let data = try load("ts,v,m\n60,1,up\n", .long) {
      $0.columns.time = "ts"
      $0.columns.metric = "m"
      $0.columns.value = "v"
      $0.service = "s"
    }
    #expect(data.column("up", of: "s") == [1])
  }

  @Test(arguments: [
    ("1767225600", CSVSource.TimeFormat.auto), ("1767225600.0", .auto), ("1767225600000", .auto),
    ("2026-01-01T00:00:00Z", .auto), ("2026-01-01 00:00:00", .auto),
    ("2026-01-01T01:00:00+01:00", .rfc3339), ("1767225600", .unixSeconds),
    ("1767225600000", .unixMilliseconds),
  ])
  func `instants are read in several forms`(_ text: String, _ format: CSVSource.TimeFormat) throws {
    let data = try load("time,a\n\(text),1\n", .wide) { $0.timeFormat = format }
    #expect(data.grid.first == Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
  }

  @Test func `cells and rows that cannot be read are counted with their line`() throws {
    let data = try load(
      "time,a,b\n60,1,x\n120,2\nnever,1,1\n180,\"3\"3,1\n240,4,+Inf\n300,5,6\n", .wide)
    #expect(data.defect("bad_number")?.example == "line 2: 'x' in column 'b'")
    #expect(data.defect("wrong_field_count")?.count == 2)
    #expect(data.defect("wrong_field_count")?.example == "line 3: 2 fields")
    #expect(data.defect("bad_time")?.example == "line 4: 'never'")
    #expect(data.defect("not_finite")?.count == 1)
    #expect(same(data.column("a", of: "system"), [1, .nan, .nan, 4, 5]))
  }

  @Test func `a header that only resembles a series is a plain name`() throws {
    let names = ["a{b=c}", #"a{b="c"#, #"a{b="c}"#, "{}", #"up{x="\\\"1",}"#]
    let header = names.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }
    let data = try load(
      "time,\(header.joined(separator: ","))\n60,1,2,3,4,5\n60,1,2,3,4,5\n", .wide)
    #expect(
      data.columnNames(of: "system")
        == ["a{b=\"c", "a{b=\"c}", "a{b=c}", #"up{x="\\\"1"}"#, "{}"].sorted())
  }

  @Test func `without a layout the header tells long tables from wide ones`() throws {
    let long = try load("time,metric,value\n60,up,1\n", .auto)
    #expect(long.columnNames(of: "system") == ["up"])
    let wide = try load("time,value,cpu\n60,1,2\n", .auto)
    #expect(wide.columnNames(of: "system") == ["cpu", "value"])
    let renamed = try load("time,m,v\n60,up,1\n", .auto) {
      ($0.columns.metric, $0.columns.value) = ("m", "v")
    }
    #expect(renamed.columnNames(of: "system") == ["up"])
    let named = try load("time,metric,value\n60,1,2\n", .auto) {
      ($0.columns.metric, $0.columns.value) = ("m", "v")
    }
    #expect(named.columnNames(of: "system") == ["metric", "value"])
  }

  @Test func `a layout that is given counts more than the header`() throws {
    let wide = try load("time,metric,value\n60,1,2\n", .wide)
    #expect(wide.columnNames(of: "system") == ["metric", "value"])
  }

  @Test func `an instant without a zone is UTC`() throws {
    let data = try load("time,a\n2026-01-01T12:00:00,1\n", .auto)
    #expect(data.grid.first == Timestamp(rfc3339: "2026-01-01T12:00:00Z"))
  }

  @Test(arguments: [
    ("timestamp,cpu\n", CSVSource.Layout.wide, "found 'timestamp,cpu'"),
    ("time\n", .wide, "at least one metric"), ("", .wide, "found ''"),
    ("time,a,a\n", .wide, "each once"),
    ("time,service\n", .wide, "at least one metric"),
    ("time,cpu\n", .long, "the columns 'time', 'metric', 'value'"),
    (
      "ts,cpu\n", .auto, "found 'ts,cpu', expected the column 'time' and at least one metric (wide)"
    ),
    ("time,metric,val\n", .auto, "or the columns 'time', 'metric', 'value' (long), each once"),
    ("time,service\n", .auto, "at least one metric"), ("", .auto, "found ''"),
    ("time,metric,value,value\n", .auto, "each once"),
  ])
  func `a wrong header is shown with what was expected`(
    _ text: String, _ layout: CSVSource.Layout, _ part: String
  ) throws {
    let error = #expect(throws: IngestError.self) { try load(text, layout) }
    #expect(error?.description.contains("m.csv:1: wrong header") == true)
    #expect(error?.description.contains(part) == true, "\(String(describing: error))")
  }

  @Test func `quoted fields may hold commas, quotes and line breaks`() throws {
    let data = try load("\"time\",\"a\nb\"\n\n\"60\",\"1\"\n\"120\",2", .wide)
    #expect(data.columnNames(of: "system") == ["a\nb"])
    #expect(data.column("a\nb", of: "system") == [1, 2])
  }
}
