import Ingest
import Telemetry
import Testing

@Suite struct GrafanaTableTests {
  private func load(
    _ text: String, adjust: (inout CSVSource) -> Void = { _ in }
  ) throws -> Dataset {
    let folder = try TestFolder(["panel.csv": text])
    var source = CSVSource.grafana(path: folder.path)
    adjust(&source)
    return try ingest(.csv(source)) { $0.limits.earliest = Timestamp(seconds: -86_400) }
  }

  private func berlin(_ source: inout CSVSource) throws {
    source.timeZone = try #require(LocalZone("Europe/Berlin"))
  }

  @Test func `series joined by time are columns, with local times and formatted values`() throws {
    let data = try load(
      """
      sep=,
      "Time","latency {pod=""a""}","memory","load"
      "2026-01-05 10:00:00","350 ms","1.50 GiB","0.5"
      "2026-01-05 10:01:00","1.2 s","512 MiB","1,234.5"
      "2026-01-05 10:02:00","null","undefined",""
      "2026-01-05 10:03:00","12 µs","1 GiB","NaN"

      """
    ) { source in
      source.service = "shop"
      source.timeZone = LocalZone("+01:00") ?? .utc
    }
    #expect(data.grid.first == Timestamp(rfc3339: "2026-01-05T09:00:00Z"))
    #expect(same(data.column("latency", of: "shop"), [0.35, 1.2, .nan, 1.2e-5]))
    #expect(same(data.column("memory", of: "shop"), [0x1.8p30, 0x1p29, .nan, 0x1p30]))
    #expect(same(data.column("load", of: "shop"), [0.5, 1234.5, .nan, .nan]))
    #expect(data.defect("converted_unit")?.count == 5)
    #expect(data.defect("converted_unit")?.effect == .changed)
    #expect(data.defect("converted_unit")?.example.hasPrefix("line 3: '350 ms' in column") == true)
    #expect(data.defect("nan_sample")?.count == 1)
    #expect(data.report.skipped == 0)
  }

  @Test func `series one below the other, with semicolons`() throws {
    let data = try load(
      """
      "Series";"Time";"Value"
      "cpu";"2026-01-05T10:00:00+01:00";0.5
      "cpu";"2026-01-05T10:01:00+01:00";null
      "{pod=""a"", app=""shop""}";"2026-01-05T10:00:00+01:00";7

      """)
    #expect(same(data.column("cpu", of: "system"), [0.5, .nan]))
    #expect(same(data.column("value", of: "shop"), [7, .nan]))
    #expect(data.grid.first == Timestamp(rfc3339: "2026-01-05T09:00:00Z"))
  }

  @Test func `milliseconds since 1970 and units in headers`() throws {
    let data = try load(
      "Time,latency (ms),Heap [MiB],cpu (%),p99 (web)\n1767225600000,250,2,12.5,1\n")
    #expect(same(data.column("latency", of: "system"), [0.25]))
    #expect(same(data.column("Heap", of: "system"), [0x1p21]))
    #expect(same(data.column("cpu", of: "system"), [12.5]))
    #expect(same(data.column("p99 (web)", of: "system"), [1]))
    #expect(data.defect("converted_unit")?.count == 2)
  }

  @Test func `what is no unit is counted, and so is what is no number`() throws {
    let data = try load("Time,a,b\n60,5 parsecs,high\n120,1 %,1.5 K\n180,2.5K req/s,\"1,23\"\n")
    #expect(data.defect("unknown_unit")?.count == 1 && data.defect("bad_number")?.count == 2)
    #expect(same(data.column("a", of: "system"), [1, 2500]))
    #expect(same(data.column("b", of: "system"), [1500, .nan]))
  }

  @Test func `the hour that a clock repeats is told apart by the order of rows`() throws {
    let times = ["02:00", "02:30", "02:00", "02:30", "03:00"]
    let wide = times.map { "2026-10-25 \($0):00,1\n" }.joined()
    let data = try load("Time,cpu\n\(wide)") { source in try? berlin(&source) }
    #expect(data.grid.first == Timestamp(rfc3339: "2026-10-25T00:00:00Z"))
    #expect(data.report.samples == 5 && data.defect("duplicate_timestamp") == nil)
    #expect(data.defect("repeated_local_time")?.count == 4)
    // One series after the other: each has an order of its own.
    let rows = ["a", "b"].flatMap { name in times.map { "\(name),2026-10-25 \($0):00,1\n" } }
    let long = try load("Series,Time,Value\n\(rows.joined())") { source in try? berlin(&source) }
    #expect(long.grid == data.grid)
    for name in ["a", "b"] {
      #expect(long.column(name, of: "system")?.filter { !$0.isNaN }.count == 5)
    }
  }

  @Test func `an hour that never was is taken as if the clock had not been set`() throws {
    let data = try load("Time,cpu\n2026-03-29 02:30:00,1\n") { source in try? berlin(&source) }
    #expect(data.grid.first == Timestamp(rfc3339: "2026-03-29T01:30:00Z"))
    #expect(data.defect("skipped_local_time")?.effect == .changed)
  }
}

@Suite struct ColumnMappingTests {
  private func load(_ text: String, adjust: (inout CSVSource) -> Void) throws -> Dataset {
    let folder = try TestFolder(["m.csv": text])
    var source = CSVSource(path: folder.path)
    adjust(&source)
    return try ingest(.csv(source))
  }

  @Test func `columns become labels, are left out, renamed and converted`() throws {
    let data = try load(
      "host|when|region|cpu|resp|note\na|60|eu|1|250|hi\nb|60|us|2|500|ho\n"
    ) { source in
      source.delimiter = UInt8(ascii: "|")
      source.columns.time = "when"
      source.columns.labels = ["region", "host"]
      source.columns.ignored = ["note"]
      source.names = ["resp": "latency_seconds"]
      source.units = ["resp": MeasuredUnit("ms")].compactMapValues { $0 }
      source.service = "web"
    }
    #expect(
      data.columnNames(of: "web") == [
        #"cpu{region="eu"}"#, #"cpu{region="us"}"#, #"latency_seconds{region="eu"}"#,
        #"latency_seconds{region="us"}"#,
      ])
    #expect(same(data.column(#"latency_seconds{region="us"}"#, of: "web"), [0.5]))
    #expect(data.defect("converted_unit")?.count == 2 && data.report.skipped == 0)
  }

  @Test func `a long table keeps the labels that are named, and instants follow a pattern`() throws
  {
    let data = try load("time;metric;value;zone;owner\n05.01.2026 10:00;cpu;1;a;me\n") { source in
      source.columns.labels = ["zone"]
      source.timePattern = try? TimePattern("%d.%m.%Y %H:%M")
    }
    #expect(data.columnNames(of: "system") == [#"cpu{zone="a"}"#])
    #expect(data.grid.first == Timestamp(rfc3339: "2026-01-05T10:00:00Z"))
  }

  @Test func `a column that is configured and not there is an error that names it`() throws {
    let error = #expect(throws: IngestError.self) {
      try load("time,cpu\n60,1\n") { $0.names = ["mem": "memory"] }
    }
    #expect(error?.description.contains("as configured, 'mem'") == true)
    let other = #expect(throws: IngestError.self) {
      try load("time,cpu\n60,1\n") { $0.columns.labels = ["host"] }
    }
    #expect(other?.description.contains("'host'") == true)
  }

  @Test func `a plain table does not guess at units`() throws {
    let data = try load("time,latency (ms)\n60,250\n120,1 s\n") { _ in }
    #expect(same(data.column("latency (ms)", of: "system"), [250]))
    #expect(data.defect("bad_number")?.count == 1)
  }

  @Test(arguments: ["time;a\n60;1\n", "time\ta\n60\t1\n", "sep=|\ntime|a\n60|1\n"])
  func `the delimiter is found out`(_ text: String) throws {
    #expect(same(try load(text) { _ in }.column("a", of: "system"), [1]))
  }
}
