import Ingest
import LogTemplates
import Telemetry
import Testing

private let metricHeader =
  "Time,TimeStamp,PodName,CpuUsage(m),PodServerLatencyP90(s),PodSuccessRate(%)\n"
private let logHeader = "Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log\n"

/// One log record of pod `shop-7f8d7d756d-k7b9j` at a second of 08:4x:00 on the day.
private func logRow(_ time: String, _ text: String, nanoseconds: String) -> String {
  let json = #"{""log"":""\#(text)\n"",""stream"":""stdout"",""time"":""\#(time)""}"#
  return "\(time),\(nanoseconds),n,shop-7f8d7d756d-k7b9j,server,t,s,\"\(json)\"\n"
}

/// A small day: two pods, the front end, two log files and an incident.
private func smallDay() throws -> TestFolder {
  let row = { (second: String, pod: String, rest: String) in
    "2023-01-29 08:\(second).649486457 +0000 UTC m=+1.725648324,1,\(pod),\(rest)\n"
  }
  let (shop, cart) = ("shop-7f8d7d756d-k7b9j", "my-cart-866bd68c97-xcqfx")
  let first = logRow("2023-01-29T08:42:12Z", "INFO a.B#1 one", nanoseconds: "1674981732000000000")
  let second = logRow("2023-01-29T08:43:08Z", "WARN a.B#2 two", nanoseconds: "-6795364578871345152")
  let later = logRow("2023-01-29T08:45:00Z", "INFO a.B#1 two", nanoseconds: "1674981900000000000")
  return try TestFolder([
    "d/metric/\(shop)_metric.csv": metricHeader + row("41:10", shop, "1,0.5,0")
      + row("42:11", shop, "2,NaN,0") + row("43:10", shop, "3,3600,0")
      + row("44:10", shop, "4,1,0"),
    "d/metric/\(cart)_metric.csv": metricHeader + row("41:09", cart, "1,1,0")
      + row("44:09", cart, "x,1,0"),
    "d/metric/front_service.csv":
      "Time,TimeStamp,ServiceName,SuccessRate(%),LatencyP50(s)\n" + row("42:09", "Frontend", "0,7"),
    "d/log/08_43_log.csv": logHeader + second + first + second,
    "d/log/08_45_log.csv": logHeader + "a,b\n" + later + String(first.dropLast(2)) + "\"x\"\n",
    "d/incidents.csv": "id,start,end,service,pod,type\n"
      + "i1,2023-01-29T08:42:30Z,2023-01-29T08:43:30Z,shop,\(shop),return\n",
    "d/suspected_unlisted.csv": "id,start,end,service,pod,type\n"
      + "s1,2023-01-29T08:41:30Z,2023-01-29T08:42:30Z,my-cart,\(cart),cpu\n",
  ])
}

@Suite struct TrainTicketReaderTests {
  @Test func `pods scraped at different moments share a grid`() throws {
    let folder = try smallDay()
    for path in [folder.path, folder.path + "/d"] {
      let data = try ingest(.trainTicket(path: path))
      #expect(data.services.map(\.service) == ["front", "my-cart", "shop"])
      // The latest offset within the minute is 11.649 s.
      #expect(data.grid.first == Timestamp(rfc3339: "2023-01-29T08:41:11.649Z"))
      #expect(data.grid.count == 4)
      #expect(data.columnNames(of: "shop") == ["CpuUsage(m)", "PodServerLatencyP90(s)"])
      #expect(same(data.column("CpuUsage(m)", of: "shop"), [1, 2, 3, 4]))
      #expect(same(data.column("PodServerLatencyP90(s)", of: "shop"), [0.5, .nan, 3600, 1]))
      #expect(same(data.column("CpuUsage(m)", of: "my-cart"), [1, .nan, .nan, .nan]))
      #expect(same(data.column("LatencyP50(s)", of: "front"), [.nan, 7, .nan, .nan]))
      #expect(data.services.flatMap(\.columns).allSatisfy { $0.kind == .gauge })
    }
  }

  @Test func `what is wrong in the tables is counted`() throws {
    let folder = try smallDay()
    let data = try ingest(.trainTicket(path: folder.path))
    #expect(data.defect("broken_metric")?.count == 7)
    #expect(data.defect("bad_number")?.example.hasSuffix("_metric.csv line 3: 'x'") == true)
    #expect(data.defect("latency_at_cap")?.effect == .changed)
    #expect(data.defect("damaged_record")?.count == 2)
    #expect(data.defect("damaged_record")?.example == "08_45_log.csv record 1, line 2")
    #expect(data.defect("duplicate_record")?.count == 1)
    #expect(data.defect("wrong_time_unix_nano")?.count == 1)
    #expect(data.report.logLines == 6)
  }

  @Test func `logs count only where they were recorded`() throws {
    let folder = try smallDay()
    let data = try ingest(.trainTicket(path: folder.path))
    let logs = try #require(data.services.first { $0.service == "shop" }?.logs)
    // 08:42:12 to 08:43:08 covers 56 of the 60 seconds of the third cell.
    #expect(logs.recorded == [false, false, true, false])
    #expect(
      logs.patterns == [
        LogPattern(text: "INFO a.B#1 one", level: .info),
        LogPattern(text: "WARN a.B#2 two", level: .warning),
      ])
    #expect(
      logs.counts == [
        LogActivity.Count(row: 2, pattern: 0, lines: 1),
        LogActivity.Count(row: 2, pattern: 1, lines: 1),
      ])
    // The line of 08:45:00 lies beyond the metrics.
    #expect(data.defect("log_outside_range")?.count == 1)
    #expect(data.services.first { $0.service == "front" }?.logs == nil)
  }

  @Test func `lines in partly recorded cells are one entry of the importer`() throws {
    let folder = try smallDay()
    let half = logRow("2023-01-29T08:43:40Z", "INFO a.B#1 x", nanoseconds: "1674981820000000000")
    try folder.write(
      "d/log/08_44_log.csv", logHeader + half + half.replacing("shop-7f8d", with: "cart-7f8d"))
    let data = try ingest(.trainTicket(path: folder.path))
    let entries = data.report.defects.filter { $0.reason == "log_in_partly_recorded_cell" }
    #expect(entries.map(\.source) == ["trainticket"])
    #expect(entries.map(\.count) == [2])
  }

  @Test func `a log record that is not UTF-8 is kept with replacements and counted`() throws {
    let folder = try smallDay()
    let row = logRow("2023-01-29T08:42:30Z", "INFO caf?", nanoseconds: "1674981750000000000")
    let last = logRow("2023-01-29T08:43:08Z", "INFO last", nanoseconds: "1674981788000000000")
    try folder.write(
      "d/log/08_43_log.csv", Array((logHeader + row + last).utf8).map { $0 == 0x3F ? 0xE9 : $0 })
    let data = try ingest(.trainTicket(path: folder.path))
    #expect(data.defect("invalid_utf8")?.effect == .changed)
    #expect(
      data.defect("invalid_utf8")?.example
        == #"08_43_log.csv record 1, line 2: 'INFO caf\u{FFFD}\n'"#.replacing(
          #"\u{FFFD}"#, with: "\u{FFFD}"))
  }

  @Test func `listed faults are incidents and suspected ones excluded`() throws {
    let folder = try smallDay()
    let data = try ingest(.trainTicket(path: folder.path))
    #expect(data.incidents.map(\.id) == ["s1", "i1"])
    #expect(data.incidents.map(\.role) == [.excluded, .incident])
    #expect(data.incidents.map(\.service) == ["my-cart", "shop"])
    #expect(data.incidents[1].kind == "return")
  }

  @Test func `a folder of another kind is refused`() throws {
    let folder = try TestFolder(["x/a.txt": ""])
    let error = #expect(throws: IngestError.self) {
      try ingest(.trainTicket(path: folder.path))
    }
    #expect(error?.description.contains("\(folder.path)/metric: not found") == true)
    let wrong = try TestFolder(["metric/a.csv": "a,b\n", "log/b.csv": ""])
    #expect(throws: IngestError.self) { try ingest(.trainTicket(path: wrong.path)) }
  }
}

@Suite(.enabled(if: PublicData.has("nezha-trainticket"), Comment(rawValue: PublicData.hint)))
struct PublishedTrainTicketTests {
  @Test func `the published day has its published figures`() throws {
    let data = try ingest(.trainTicket(path: PublicData.root + "/nezha-trainticket"))
    let report = data.report
    // 43,193 rows of 46 pods with 19 values and of the front end with 5, one of each broken.
    #expect(data.defect("broken_metric")?.count == 43_193)
    #expect(report.samples + 43_193 == 807_801)
    #expect(report.series == 46 * 18 + 4)
    #expect(data.services.count == 47)
    #expect(data.services.filter { $0.logs != nil }.count == 27)
    #expect(data.grid.count == 919)
    #expect(report.cells == 919 * (46 * 18 + 4))
    // Each row has a cell of its own, so the 40,242 NaN values are all that is missing.
    #expect(report.missingCells == 40_242)

    #expect(report.logLines == 172_722 + 2_489)
    #expect(data.defect("damaged_record")?.count == 2)
    #expect(data.defect("damaged_record")?.example.hasPrefix("10_06_log.csv.gz record 630") == true)
    // 4,080 within `log`, and 36 of the fault-free file that are in `log` too.
    #expect(data.defect("duplicate_record")?.count == 4_080 + 36)
    // 45 with Go's zero time and those of the 7 garbled ones whose number is wrong.
    #expect((45...52).contains(data.defect("wrong_time_unix_nano")?.count ?? 0))
    let kept = data.services.compactMap(\.logs).flatMap(\.counts).reduce(0) { $0 + $1.lines }
    let uncovered = report.defects.filter { $0.reason == "log_in_partly_recorded_cell" }
      .reduce(0) { $0 + $1.count }
    #expect(kept + uncovered == 172_722 - 4_080 - 2 + 2_489 - 36)
    #expect(data.defect("log_outside_range") == nil)

    #expect(data.incidents.count { $0.role == .incident } == 28)
    #expect(data.incidents.count { $0.role == .excluded } == 8)
    #expect(data.publishedTestStart == nil)
  }

  @Test func `masking leaves few patterns and mining fewer templates`() throws {
    let data = try ingest(.trainTicket(path: PublicData.root + "/nezha-trainticket"))
    let patterns = Set(data.services.compactMap(\.logs).flatMap(\.patterns))
    #expect(patterns.count < 500)
    let mined = TemplateMiner.mine(patterns)
    #expect(mined.overflow == 0 && mined.dictionary.templates.count < 300)
    #expect(patterns.allSatisfy { mined.dictionary.match($0) != nil })
    #expect(patterns.contains { $0.level == .error } && patterns.contains { $0.level == .warning })
    #expect(patterns.allSatisfy { $0.level != .unknown || !$0.text.contains("#") })
  }
}
