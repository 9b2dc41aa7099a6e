import Foundation
import Ingest
import Storage
import Telemetry
import Testing

/// What does not fit into memory gives the results that it gives in memory.
@Suite struct BoundedMemoryTests {
  /// Rows of a table of three services: gauges, counters that begin again, gaps, jitter, and rows
  /// that are late or come twice.
  private static func table(rows: Int) -> String {
    var state: UInt64 = 7
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var text = "time,service,load,calls_total\n"
    for row in 0..<rows {
      for service in ["cart", "pay", "shop"] where random(20) > 0 {
        let late = random(50) == 0 ? Int(random(300)) : 0
        let jitter = service == "pay" ? Int(random(400)) : 0
        let time = 1_767_225_600_000 + 15_000 * (row - late) + jitter
        let load = random(30) == 0 ? "" : "\(Double(random(1000)) / 8)"
        text += "\(time),\(service),\(load),\(UInt64(row % 900) * 3 + random(3))\n"
        if random(40) == 0 { text += "\(time),\(service),\(load),7\n" }
      }
    }
    return text
  }

  /// Lines of two services that do not come in the order of time.
  private static func lines(count: Int) -> String {
    (0..<count).map { index in
      let seconds = 1_767_225_600 + (index % 7) * 600 + index / 7
      let time = Timestamp(seconds: Int64(seconds))
      let service = index % 3 == 0 ? "pay" : "shop"
      return
        #"{"labels":{"service":"\#(service)"},"line":"step \#(index % 5 == 0 ? "a" : "b") of \#(index)","timestamp":"\#(time)"}"#
    }.joined(separator: "\n")
  }

  @Test func `samples and lines on the disk make the dataset that they make in memory`() throws {
    let folder = try TestFolder([
      "m.csv": Self.table(rows: 6000), "l.jsonl": Self.lines(count: 4000),
    ])
    try FileSystem.createDirectories(at: folder.path + "/scratch")
    let sources: [SourceConfiguration] = [
      .csv(CSVSource(path: folder.path + "/m.csv")), .loki(path: folder.path + "/l.jsonl"),
    ]
    func load(_ memory: Int, _ scratch: String) throws -> Dataset {
      var configuration = IngestConfiguration(interval: .minutes(1), sources: sources)
      configuration.limits.memoryBytes = memory
      configuration.scratchFolder = folder.path + "/" + scratch
      return try ingest(configuration)
    }
    // The folder that is not there shows that nothing is written before memory is used up.
    let inMemory = try load(256 << 20, "none")
    let onDisk = try load(400_000, "scratch")
    #expect(onDisk == inMemory)
    #expect(inMemory.report.samples > 30_000)
    for reason in ["out_of_order", "duplicate_timestamp", "conflicting_timestamp", "counter_reset"]
    {
      #expect((inMemory.defect(reason)?.count ?? 0) > 100, "\(reason)")
    }
    #expect(try FileSystem.contents(of: folder.path + "/scratch") == [])
    let error = #expect(throws: IngestError.self) { try load(400_000, "none") }
    #expect(error?.description.contains("\(folder.path)/none") == true)
  }

  @Test(arguments: [15.0, 60, 90, 7, 0.25])
  func `evenly spaced samples taken at once are those taken one by one`(_ step: Double) throws {
    // Stretches that follow each other at once, after a gap, at another pace, and over again.
    let stretches = [
      (0.0, step, 5000), (5000 * step, step, 300), (6000 * step, step, 1),
      (6001 * step, step, 4000), (11_000 * step, 2 * step, 700), (100 * step, step, 50),
    ]
    func load(missing: Bool) throws -> Dataset {
      let folder = try TestFolder()
      for (index, (start, step, count)) in stretches.enumerated() {
        var samples = (0..<count).map { (start + step * Double($0), "\($0 % 1000)") }
        // A sample that is NaN changes nothing but that the others come one by one.
        if missing { samples.append((start + step * Double(count - 1), "NaN")) }
        try folder.write(
          "\(index).json", matrix([(labels("a"), samples), (labels("b_total"), samples)]))
      }
      return try ingest(.prometheus(path: folder.path))
    }
    let (atOnce, single) = (try load(missing: false), try load(missing: true))
    #expect(atOnce.grid == single.grid)
    #expect(atOnce.services == single.services)
    #expect(atOnce.report.defects == single.report.defects.filter { $0.reason != "nan_sample" })
    #expect(atOnce.report.samples + 12 == single.report.samples)
    #expect((atOnce.defect("conflicting_timestamp")?.count ?? 0) > 0)
  }

  @Test func `derived columns on the disk are those in memory`() throws {
    let series = ["0.1", "0.5", "1", "+Inf"].enumerated().map { bucket, bound in
      (
        labels("lat_bucket", #","le":"\#(bound)""#),
        (0..<300).map { (60 * Double($0), "\($0 * (bucket + 2))") }
      )
    }
    let wide = try load(series)
    // Room for 37 columns at once, and for two of those that wait for their turn.
    let narrow = try load(series) { $0.limits.memoryBytes = 16 * 8 * 300 + 16 }
    #expect(narrow == wide)
    #expect(wide.columnNames(of: "shop") == ["lat:p50", "lat:p95", "lat:p99", "lat:rate"])
    let error = #expect(throws: IngestError.self) {
      try load(series) { $0.limits.memoryBytes = 16 * 8 * 300 - 16 }
    }
    #expect(
      error?.description.hasPrefix(
        "service 'shop': 300 grid cells times 8 columns held at once exceed the 2399 that fit")
        == true, "\(String(describing: error))")
  }

  @Test func `a series that is not in order and too long to be sorted is an error`() throws {
    let samples = (0..<2000).reversed().map { (60 * Double($0 % 50), "\($0)") }
    let error = #expect(throws: IngestError.self) {
      try load([(labels("a"), samples)]) { $0.limits.memoryBytes = 32 * 2 * 1999 }
    }
    #expect(
      error?.description.hasPrefix(
        #"a.json: series 'a{service="shop"}' is not in the order of time and has 2000 samples, "#
          + "more than the 1999") == true, "\(String(describing: error))")
    let data = try load([(labels("a"), samples)]) { $0.limits.memoryBytes = 32 * 2 * 2000 }
    #expect(data.defect("conflicting_timestamp")?.count == 1950)
  }

  @Test func `records that lie across the ends of windows are read whole, compressed or not`()
    throws
  {
    var text = "time,\"a\nb\",c\n"
    var expected: [Double] = []
    for row in 0..<120_000 {
      // Records of many lengths, so that ends of windows hit every place in one.
      let zeros = String(repeating: "0", count: row % 37)
      text += "\(1_767_225_600 + 60 * row),\"\(row)\",\(zeros)1\(row % 2 == 0 ? "\r\n" : "\n")"
      expected.append(Double(row))
    }
    text += "never,1,1\n"
    let folder = try TestFolder(["a.csv": text])
    try folder.write("b.csv", Gzip.compress(Array(text.utf8)))
    #expect(text.utf8.count > 3 << 20)
    for name in ["a.csv", "b.csv"] {
      let data = try ingest(.csv(CSVSource(path: "\(folder.path)/\(name)")))
      #expect(data.column("a\nb", of: "system") == expected)
      #expect(data.report.samples == 240_000)
      #expect(data.defect("bad_time")?.example.hasPrefix("line 120003") == true)
    }
  }

  @Test func `records and lines that are too long are counted and passed over`() throws {
    let long = String(repeating: "x", count: 5000)
    let folder = try TestFolder([
      "m.csv": "time,cpu\n60,1\n120,\(long)\n180,3\n240,\"\(long)\n300,5\n\(long)\n360,6\n",
      "l.jsonl": [60, 120, 180].map { second in
        #"{"labels":{"service":"shop"},"line":"\#(second == 120 ? long : "x")","#
          + #""timestamp":"\#(Timestamp(seconds: Int64(second)))"}"#
      }.joined(separator: "\n"),
    ])
    let data = try ingest(.csv(CSVSource(path: folder.path + "/m.csv"))) {
      $0.limits.lineBytes = 1000
    }
    #expect(same(data.column("cpu", of: "system"), [1, .nan, 3, .nan, 5, 6]))
    #expect(data.defect("long_record")?.count == 3)
    #expect(data.defect("long_record")?.example == "line 3: more than 1000 bytes")
    let logs = try ingest(.loki(path: folder.path + "/l.jsonl")) { $0.limits.lineBytes = 1000 }
    #expect(logs.services[0].logs?.counts.map(\.lines) == [1, 1])
    #expect(logs.defect("long_line")?.example == "line 2: more than 1000 bytes")
    #expect(logs.report.logLines == 3)
  }
}
