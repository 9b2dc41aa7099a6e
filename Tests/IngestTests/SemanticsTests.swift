import Ingest
import Telemetry
import Testing

@Suite struct SemanticsTests {
  /// A sample a minute.
  private func samples(_ count: Int, _ value: (Int) -> Int) -> [(Double, String)] {
    (0..<count).map { (Double($0 * 60), String(value($0))) }
  }

  @Test func `a gauge is never carried over a gap, and gaps are counted`() throws {
    let data = try load([
      (labels("mem"), [(60, "1"), (240, "2"), (300, "3"), (420, "4")]),
      (labels("cpu"), [(180, "1"), (240, "1")]),
    ])
    #expect(same(data.column("mem", of: "shop"), [1, .nan, .nan, 2, 3, .nan, 4]))
    // What lies outside of a column's own time is missing, but no gap.
    #expect(data.report.gaps == 2 && data.report.gapCells == 3)
    #expect(data.report.missingCells == 3 + 5)
  }

  @Test func `a histogram's quantiles have no gaps where nothing was observed`() throws {
    let data = try load([
      (
        #"{"__name__":"lat_bucket","service":"shop","le":"1"}"#,
        [(0, "0"), (60, "6"), (120, "6"), (180, "9")]
      ),
      (
        #"{"__name__":"lat_bucket","service":"shop","le":"+Inf"}"#,
        [(0, "0"), (60, "6"), (120, "6"), (180, "9")]
      ),
    ])
    #expect(same(data.column("lat:p50", of: "shop"), [.nan, 0.5, .nan, 0.5]))
    #expect(data.report.gaps == 0)
  }

  @Test func `a sample that is NaN ends in a missing cell and is counted`() throws {
    let data = try load([(labels("mem"), [(60, "1"), (120, "NaN"), (180, "3")])])
    #expect(same(data.column("mem", of: "shop"), [1, .nan, 3]))
    #expect(data.defect("nan_sample")?.count == 1)
    #expect(data.defect("nan_sample")?.effect == .changed && data.report.gaps == 1)
  }

  @Test func `an empty field is no sample, one that says NaN is`() throws {
    let folder = try TestFolder([
      "plain.csv": "time,a,b\n60,1,2\n120,,2\n180,3,\n",
      "other.csv": "time,c,d\n60,1,2\n120,NaN,2\n180,\"\",3\n",
    ])
    let plain = try ingest(.csv(CSVSource(path: folder.path + "/plain.csv")))
    #expect(plain.report.defects.isEmpty && plain.report.gaps == 1)
    let other = try ingest(.csv(CSVSource(path: folder.path + "/other.csv")))
    #expect(other.defect("nan_sample")?.count == 1)
  }

  @Test func `a level that only grows is told to look like a counter`() throws {
    let growing = samples(40) { ($0 + 1) * 5 }
    let restarted = samples(40) { $0 % 35 * 5 }
    let data = try load([
      (labels("jobs"), growing), (labels("tasks"), restarted), (labels("up_time"), growing),
      (labels("mem"), growing.dropLast() + [(2340, "150")]),
      (labels("few"), Array(growing.prefix(15))), (labels("all_total"), growing),
    ])
    #expect(data.defect("looks_like_counter")?.count == 2)
    #expect(data.defect("looks_like_counter")?.effect == .noted)
    #expect(data.defect("looks_like_counter")?.example.contains("set reader.kinds") == true)
    // Told, not changed.
    #expect(data.column("jobs", of: "shop")?.last == 200)
  }

  @Test func `a total that falls often is told to look like a gauge`() throws {
    let level = samples(60) { 100 + $0 % 2 }
    let restarts = samples(60) { $0 % 2 * 100 }
    let data = try load([
      (labels("open_count"), level), (labels("crash_total"), restarts),
      (#"{"__name__":"h_bucket","service":"shop","le":"+Inf"}"#, level),
    ])
    #expect(data.defect("looks_like_gauge")?.count == 1)
    #expect(data.defect("looks_like_gauge")?.example.hasPrefix("open_count{") == true)
  }

  @Test func `what is configured or described is not guessed at`() throws {
    let growing = samples(40) { ($0 + 1) * 5 }
    let data = try load([(labels("jobs"), growing)]) { $0.kinds = ["jobs": .gauge] }
    #expect(data.defect("looks_like_counter") == nil)
    let lines = growing.map { "jobs \($0.1) \($0.0)\n" }.joined()
    let folder = try TestFolder(["a.om": "# TYPE jobs gauge\n\(lines)# EOF\n", "b.om": lines])
    let described = try ingest(.openMetrics(path: folder.path + "/a.om"))
    #expect(described.defect("looks_like_counter") == nil)
    let guessed = try ingest(.openMetrics(path: folder.path + "/b.om"))
    #expect(guessed.defect("looks_like_counter")?.count == 1)
  }
}
