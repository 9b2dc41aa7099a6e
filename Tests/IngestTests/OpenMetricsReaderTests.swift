import Ingest
import Telemetry
import Testing

@Suite struct OpenMetricsReaderTests {
  private func load(_ text: String, time: Timestamp? = nil) throws -> Dataset {
    let folder = try TestFolder(["a.om": text])
    return try ingest(.openMetrics(path: folder.path, time: time))
  }

  @Test func `seconds of OpenMetrics and milliseconds of Prometheus are told apart`() throws {
    let seconds = try load("up 1 1767225660\nup 0 1767225720.0\n# EOF\n")
    let milliseconds = try load("up 1 1767225660000\nup 0 1767225720000\n")
    let dump = try load(
      #"{__name__="up"} 1 1767225660000"# + "\n" + #"{__name__="up"} 0 1767225720000"# + "\n")
    #expect(seconds.grid.first == Timestamp(seconds: 1_767_225_660))
    for data in [seconds, milliseconds, dump] {
      #expect(data.grid == seconds.grid)
      #expect(same(data.column("up", of: "system"), [1, 0]))
      #expect(data.report.defects.isEmpty)
    }
  }

  @Test func `a dump has milliseconds however early they are`() throws {
    let data = try load(#"{__name__="up"} 1 60000"# + "\n")
    #expect(data.grid.first == Timestamp(seconds: 60))
  }

  @Test func `metadata decides the kind where names do not, in all files`() throws {
    let folder = try TestFolder([
      "1.om": "jobs 60 1767225600000\njobs 120 1767225660000\n",
      "2.om": """
      # HELP jobs Jobs that were # TYPE jobs gauge
      # TYPE jobs counter
      jobs 180 1767225720000
      # TYPE open_total gauge
      open_total 7 1767225600000
      open_total 8 1767225660000
      # TYPE size summary
      size{quantile="0.5"} 3 1767225660000
      size_sum 0 1767225600000
      size_sum 120 1767225660000
      size_count 0 1767225600000
      size_count 60 1767225660000

      """,
    ])
    let data = try ingest(.openMetrics(path: folder.path))
    #expect(same(data.column("jobs", of: "system"), [.nan, 1, 1]))
    #expect(same(data.column("open_total", of: "system"), [7, 8, .nan]))
    #expect(same(data.column(#"size{quantile="0.5"}"#, of: "system"), [.nan, 3, .nan]))
    #expect(same(data.column("size:mean", of: "system"), [.nan, 2, .nan]))
    #expect(same(data.column("size:rate", of: "system"), [.nan, 1, .nan]))
  }

  @Test func `a set of states is one of states, and keeps its last sample`() throws {
    let data = try load(
      """
      # TYPE phase stateset
      phase{phase="ready"} 0 60
      phase{phase="ready"} 1 90
      phase{phase="ready"} 0 180
      # EOF

      """)
    let column = try #require(data.services.first?.columns.first)
    #expect(column.kind == .state)
    #expect(same(data.column(column.name, of: "system"), [0, 1, 0]))
  }

  @Test func `a metric that is described as both is a gauge, and that is said`() throws {
    let data = try load(
      """
      # TYPE jobs counter
      jobs 60 1767225600000
      # TYPE jobs gauge
      jobs 50 1767225660000

      """)
    #expect(same(data.column("jobs", of: "system"), [60, 50]))
    #expect(data.defect("conflicting_type")?.count == 1)
    #expect(data.defect("conflicting_type")?.example.hasPrefix("line 3: ") == true)
  }

  @Test func `a configured kind wins over metadata`() throws {
    let folder = try TestFolder(["a.om": "# TYPE n gauge\nn 0 60\nn 60 120\n# EOF\n"])
    let data = try ingest(.openMetrics(path: folder.path)) { $0.kinds = ["n": .counter] }
    #expect(same(data.column("n", of: "system"), [.nan, 1]))
  }

  @Test func `buckets become quantiles, and when they were made is left out as no loss`() throws {
    let data = try load(
      """
      # TYPE lat histogram
      # UNIT lat seconds
      lat_bucket{le="1.0"} 0 60
      lat_bucket{le="1.0"} 60 120
      lat_bucket{le="+Inf"} 0 60
      lat_bucket{le="+Inf"} 60 120
      lat_created 50 60
      lat_created 50 120
      # TYPE other gauge
      other_created 50 60
      # EOF

      """)
    #expect(same(data.column("lat:p50", of: "system"), [.nan, 0.5]))
    #expect(same(data.column("lat:rate", of: "system"), [.nan, 1]))
    #expect(same(data.column("other_created", of: "system"), [50, .nan]))
    #expect(data.columnNames(of: "system").contains("lat_created") == false)
    #expect(data.defect("created_series")?.count == 2)
    #expect(data.defect("created_series")?.effect == .ignored && data.report.skipped == 0)
  }

  @Test func `labels may hold escapes, braces and blanks, and names may be quoted`() throws {
    let data = try load(
      #"a{app="shop",x="q\"\n\\ }#,\d"} 3 1767225660"# + "\n"
        + #"{"b.c", app="shop", "d e"="f"} 4 1767225660"# + "\n"
        + #"g { app = "shop" , } 5 1767225660"# + "\n"
        + #"h.i{app="shop",empty=""} 6 1767225660"# + "\n# EOF\n")
    #expect(
      data.columnNames(of: "shop").sorted() == [
        #"a{x="q\"\n\\ }#,\\d"}"#, #"b.c{d e="f"}"#, "g", "h.i",
      ])
    #expect(data.report.defects.isEmpty)
  }

  @Test func `a dump's labels have the escapes of Go`() throws {
    let data = try load(#"{__name__="a", app="s\th\u00e9\x41"} 3 60000"# + "\n")
    #expect(data.services.map(\.service) == ["s\thé\u{41}"])
  }

  @Test func `every loss is counted by its reason and line`() throws {
    let data = try load(
      """
      ok 1 1767225660
      ok 2
      ok 3 1767225720 # {trace_id="x"} 1 1767225669.5
      hist {count:1,sum:2} 1767225660
      {__name__="hist"} {count:1, sum:2, [-1,1]:1} 1767225660000
      ok one 1767225680
      ok{a="1",a="2"} 1 1767225680
      ok{a="1} 1 1767225680
      ok +Inf 1767225780
      ok NaN 1767225840
      ok 4 17672
      """)
    #expect(data.defect("no_time")?.count == 1)
    #expect(data.defect("no_time")?.example.contains("set the source's 'time'") == true)
    #expect(data.defect("exemplar")?.count == 1 && data.defect("exemplar")?.effect == .ignored)
    #expect(data.defect("native_histogram")?.count == 2)
    #expect(data.defect("malformed_line")?.count == 3)
    #expect(data.defect("malformed_line")?.example.hasPrefix("line 6: 'ok one") == true)
    #expect(data.defect("truncated_line")?.count == 1)
    #expect(data.defect("missing_eof")?.count == 1)
    #expect(same(data.column("ok", of: "system"), [1, 3, .nan, .nan]))
    #expect(data.columnNames(of: "system") == ["ok"])
    #expect(data.report.samples == 4)
  }

  @Test func `a series that is not UTF-8 is left out with all of its samples`() throws {
    let folder = try TestFolder()
    let line = [0x61, 0xFF] + Array(" 1 1767225660000\n".utf8)
    try folder.write("a.om", Array("ok 1 1767225660000\n".utf8) + line + line)
    let data = try ingest(.openMetrics(path: folder.path))
    #expect(data.defect("invalid_utf8")?.count == 2 && data.report.skipped == 2)
    #expect(data.columnNames(of: "system") == ["ok"])
  }

  @Test func `a scrape gets its time from the source`() throws {
    let data = try load("up 1\nload{cpu=\"0\"} 0.5\n", time: Timestamp(seconds: 120))
    #expect(same(data.column("up", of: "system"), [1]))
    #expect(data.grid.first == Timestamp(seconds: 120) && data.report.defects.isEmpty)
  }

  @Test func `a scrape without a time is an error that says what to set`() throws {
    let error = #expect(throws: IngestError.self) { try load("up 1\n") }
    #expect(error?.description.contains("no_time") == true)
    #expect(error?.description.contains("set the source's 'time'") == true)
  }

  @Test(arguments: [
    "\n{\"status\":\"success\"}\n", "\ntime,cpu\n", "\n2026-01-01T00:00:00Z INFO up\n",
    "\nhello world\n",
  ])
  func `a file of another kind is an error with its line`(_ text: String) throws {
    let error = #expect(throws: IngestError.self) { try load(text) }
    #expect(error?.description.contains("a.om:2: ") == true)
  }

  @Test func `a stray instant among many lines is named by its line`() throws {
    let error = #expect(throws: IngestError.self) {
      try load("up 1 1767225660\nup 1 1767225720\nup 1 99999999999\n# EOF\n")
    }
    #expect(error?.description.contains("a.om:3: series 'up'") == true)
  }

  @Test func `numbers of any form read as the nearest double`() throws {
    let texts = [
      "0", "-0.1", "1.7672250005e+09", "1e-09", "+5", "123456789012345678901234567890",
      "0.1234567890123456789", "4.9e-324", "1.7976931348623157e+308", "5E22", "5e23",
      "9007199254740993", "1e22", "0.30000000000000004", "0x1p3",
    ]
    let text = texts.enumerated().map { "v \($1) \(60 * ($0 + 1)).000\n" }.joined()
    let data = try load(text + "# EOF\n")
    #expect(same(data.column("v", of: "system"), texts.compactMap { Double($0) }))
    #expect(data.report.defects.isEmpty)
  }

  @Test func `lines that lie across windows are read as if they did not`() throws {
    let count = 120_000
    var text = "# TYPE v gauge\n"
    for series in 0..<2 {
      for index in 0..<count { text += "v{app=\"a\(series)\"} \(index).5 \(index * 60).000\n" }
    }
    let data = try load(text + "# EOF\n")
    #expect(text.utf8.count > 2 << 21)
    for service in ["a0", "a1"] {
      #expect(same(data.column("v", of: service), (0..<count).map { Double($0) + 0.5 }))
    }
    #expect(data.report.samples == 2 * count && data.report.defects.isEmpty)
  }
}
