import Ingest
import Storage
import Telemetry
import Testing

private func load(_ dataset: PublishedDataset, _ part: String, _ folder: TestFolder) throws
  -> Dataset
{
  try ingest(dataset.configuration(part: part, in: folder.path))
}

private func rows(_ range: Range<Int>) -> String {
  range.map { row in (0..<19).map { "\(row).\($0)" }.joined(separator: ",") + "\n" }.joined()
}

private func cells(_ data: Dataset) -> [Range<Int>] {
  data.incidents.map { data.grid.indices(touching: $0.start, $0.resolved) }
}

@Suite struct RowTableReaderTests {
  private func server(labels: String, interpretation: String, types: String) throws -> TestFolder {
    try TestFolder([
      "train/omi-1.csv": rows(0..<2), "test/omi-1.csv": rows(2..<6), "test_label/omi-1.txt": labels,
      "interpretation_label/omi-1.txt": interpretation,
      "anomaly_type.csv": "dataset,anomaly_segment,anomaly_type\n" + types,
    ])
  }

  @Test func `the last row of an interpretation belongs to it`() throws {
    let folder = try server(
      labels: "0\n1\n1\n0\n", interpretation: "1-2:3,4\n",
      types: "omi-1,1-2,temporal\nomi-2,0-9,metric\n")
    let data = try load(.asd, "omi-1", folder)
    #expect(data.grid.interval == .minutes(5))
    #expect(data.incidents.map(\.kind) == ["temporal"])
    #expect(cells(data) == [3..<5])
    #expect(data.publishedTestStart == data.grid.timestamp(at: 1))
    #expect(data.report.defects.isEmpty)
  }

  @Test func `interpretations that fit no segment are counted`() throws {
    let folder = try server(
      labels: "0\n1\n1\n0\n", interpretation: "1-1:3\n2-2:4\n", types: "omi-1,1-1,metric\n")
    let data = try load(.asd, "omi-1", folder)
    #expect(data.incidents.map(\.kind) == ["anomaly"])
    #expect(data.defect("interpretation_without_segment")?.count == 2)
    #expect(data.defect("kind_without_segment")?.example == "line 2: 1-1")
  }

  @Test func `JumpStarter's labels may end in CRLF and its files be gzip`() throws {
    let folder = try TestFolder(["Dataset2/test_label/service3.csv": "1\r\n0\r\n1\r\n"])
    try folder.write("Dataset2/train/service3.csv.gz", Gzip.compress(Array(rows(0..<3).utf8)))
    try folder.write("Dataset2/test/service3.csv.gz", Gzip.compress(Array(rows(3..<6).utf8)))
    #expect(try PublishedDataset.jumpstarter.parts(in: folder.path) == ["service3"])
    let data = try load(.jumpstarter, "service3", folder)
    #expect(cells(data) == [3..<4, 5..<6])
    #expect(data.column("d02", of: "service3")?.first == 0.1)
  }

  @Test func `a label without end is refused with its line`() throws {
    let folder = try server(
      labels: "0\n" + String(repeating: "1", count: 70_000), interpretation: "", types: "")
    var configuration = PublishedDataset.asd.configuration(part: "omi-1", in: folder.path)
    configuration.limits.lineBytes = 65_536
    let error = #expect(throws: IngestError.self) { try ingest(configuration) }
    #expect(error?.description.hasSuffix("omi-1.txt:2: a record of more than 65536 bytes") == true)
  }

  @Test func `a stretch that ends beyond all numbers is refused`() throws {
    let folder = try server(
      labels: "0\n1\n1\n0\n", interpretation: "1-9223372036854775807:3\n", types: "")
    let error = #expect(throws: IngestError.self) { try load(.asd, "omi-1", folder) }
    #expect(error?.description.contains("omi-1.txt:1: '1-9223372036854775807' is no") == true)
  }

  @Test func `labels that do not fit the rows are refused`() throws {
    let folder = try server(labels: "0\n1\n", interpretation: "", types: "")
    let error = #expect(throws: IngestError.self) { try load(.asd, "omi-1", folder) }
    #expect(error?.description.hasSuffix("omi-1.txt:2: 2 labels for 4 test rows") == true)
  }
}

@Suite struct NABReaderTests {
  private func series(_ text: String, windows: String) throws -> TestFolder {
    try TestFolder([
      "data/realX/a.csv": text, "labels/combined_windows.json": #"{"realX/a.csv": \#(windows)}"#,
    ])
  }

  @Test func `both ends of a window belong to it`() throws {
    let folder = try series(
      "timestamp,value\r\n2014-01-07 00:00:01,1\r\n2014-01-07 00:05:01,2\r\n"
        + "2014-01-07 00:10:01,3\r\n2014-01-07 00:15:01,4\r\n",
      windows: #"[["2014-01-07 00:05:01.000000", "2014-01-07 00:10:01.000000"]]"#)
    let data = try load(.nab, "realX/a", folder)
    #expect(data.grid.first == Timestamp(rfc3339: "2014-01-07T00:00:01Z"))
    #expect(cells(data) == [1..<3])
    #expect(data.incidents.map(\.id) == ["a-01"])
  }

  @Test func `times that repeat and go back are counted, the later line counting`() throws {
    let folder = try series(
      "timestamp,value\n2014-01-07 00:00:00,1\n2014-01-07 00:05:00,2\n2014-01-07 00:05:00,2\n"
        + "2014-01-07 00:10:00,3\n2014-01-07 00:00:00,9\n", windows: "[]")
    let data = try load(.nab, "realX/a", folder)
    #expect(same(data.column("value", of: "a"), [9, 2, 3]))
    #expect(data.defect("duplicate_timestamp")?.count == 1)
    #expect(data.defect("conflicting_timestamp")?.count == 1)
    #expect(data.defect("out_of_order")?.count == 1)
  }

  @Test func `a gap stays a gap`() throws {
    let folder = try series(
      "timestamp,value\n2014-01-07 00:00:00,1\n2014-01-07 00:15:00,2\n", windows: "[]")
    let data = try load(.nab, "realX/a", folder)
    #expect(same(data.column("value", of: "a"), [1, .nan, .nan, 2]))
  }

  @Test func `a series without an entry among the windows is refused`() throws {
    let folder = try series("timestamp,value\n2014-01-07 00:00:00,1\n", windows: "[]")
    try folder.write("data/realX/b.csv", "timestamp,value\n2014-01-07 00:00:00,1\n")
    let error = #expect(throws: IngestError.self) { try load(.nab, "realX/b", folder) }
    #expect(error?.description.contains("the windows of 'realX/b.csv'") == true)
  }
}

@Suite struct CloudMonitoringReaderTests {
  private func load(_ text: String) throws -> Dataset {
    let folder = try TestFolder(["data/consumer-purchase-rate/p.csv": text])
    return try ingest(
      PublishedDataset.cloudMonitoring.configuration(
        part: "consumer-purchase-rate/p", in: folder.path))
  }

  @Test(arguments: ["\n", "\r\n"])
  func `quotes, line ends and zones may vary`(_ end: String) throws {
    let data = try load(
      [
        "\"TimeStamp\",\"Value\",\"Label\"", "\"2018-03-15T00:00:00Z\",\"1\",\"0\"",
        "2018-03-15 01:00:00,2,0", "\"2018-03-15T02:00:00Z\",3,1", "",
      ].joined(separator: end))
    #expect(same(data.column("value", of: "p"), [1, 2, 3]))
    #expect(cells(data) == [2..<3])
  }

  @Test func `an empty value is missing and counted`() throws {
    let data = try load(
      "TimeStamp,Value,Label\n2018-03-15 00:00:00,1,0\n2018-03-15 01:00:00,,0\n"
        + "2018-03-15 02:00:00,3,0\n")
    #expect(same(data.column("value", of: "p"), [1, .nan, 3]))
    #expect(data.defect("empty_value")?.count == 1)
  }

  @Test func `of two labels at one instant the anomalous one counts`() throws {
    let data = try load(
      "TimeStamp,Value,Label\n2018-03-15 00:00:00,1,0\n2018-03-15 01:00:00,2,1\n"
        + "2018-03-15 01:00:00,2,0\n2018-03-15 02:00:00,3,0\n")
    #expect(cells(data) == [1..<2])
    #expect(data.defect("duplicate_timestamp")?.count == 1)
  }
}

@Suite struct LogSequenceReaderTests {
  private func sessions() throws -> TestFolder {
    try TestFolder([
      "hdfs-100k/templates.csv": "event_id,template\n1,Receiving block <*>\n2,\"Lost, <*>\"\n",
      "hdfs-100k/sessions_train.csv": "session,label,events\na,0,1 1 2\nb,1,2\n",
      "hdfs-100k/sessions_test.csv": "session,label,events\nc,1,2 1\n",
    ])
  }

  @Test func `a session is a cell, and an anomalous one an incident`() throws {
    let data = try load(.logSequences, "hdfs-100k", try sessions())
    #expect(data.grid.count == 3)
    #expect(data.publishedTestStart == data.grid.timestamp(at: 1))
    #expect(data.incidents.map(\.id) == ["b", "c"])
    #expect(cells(data) == [1..<2, 2..<3])
    let logs = try #require(data.services.first?.logs)
    #expect(logs.patterns.map(\.text) == ["Receiving block <*>", "Lost, <*>"])
    #expect(logs.counts.map(\.lines) == [2, 1, 1, 1, 1])
  }

  @Test func `columns keep the order of each session's events`() throws {
    let folder = try sessions()
    let source = PublishedSource(dataset: .logSequences, path: folder.path, part: "hdfs-100k")
    let streams = try readColumns(.published(source)).streams
    #expect(streams.map { $0.labels["session"] } == ["a", "b", "c"])
    #expect(
      streams.last.map { String(decoding: $0.text, as: UTF8.self) }
        == "Lost, <*>Receiving block <*>")
  }

  @Test func `a table without its header is refused, lest a session be taken for one`() throws {
    let folder = try sessions()
    try folder.write("hdfs-100k/sessions_test.csv", "c,1,2 1\n")
    let error = #expect(throws: IngestError.self) {
      try load(.logSequences, "hdfs-100k", folder)
    }
    #expect(error?.description.contains("wrong header: found 'c,1,2 1'") == true)
  }

  @Test func `an event without a template is refused`() throws {
    let folder = try sessions()
    try folder.write("hdfs-100k/sessions_test.csv", "session,label,events\nc,1,3\n")
    let error = #expect(throws: IngestError.self) {
      try load(.logSequences, "hdfs-100k", folder)
    }
    #expect(
      error?.description.hasSuffix("sessions_test.csv:2: '3' is no event from 1 to 2") == true)
    try folder.write("hdfs-100k/templates.csv", "event_id,template\n")
    let none = #expect(throws: IngestError.self) { try load(.logSequences, "hdfs-100k", folder) }
    #expect(
      none?.description.hasSuffix("sessions_train.csv:2: '1' is no event from 1 to 0") == true)
  }
}

@Suite struct LogHubReaderTests {
  private func load(_ system: String, _ text: String) throws -> Dataset {
    let folder = try TestFolder(["\(system)/\(system)_2k.log": text])
    return try ingest(
      PublishedDataset.loghub.configuration(part: system, in: folder.path))
  }

  @Test func `a year changes where months go back`() throws {
    let data = try load(
      "Linux",
      "Dec 31 23:30:00 combo su(pam_unix)[1]: session opened\r\n"
        + "Jan  1 00:30:00 combo syslogd 1.4.1: restart.\r\n")
    #expect(data.grid.range.start == Timestamp(rfc3339: "2005-12-31T23:00:00Z"))
    #expect(data.grid.count == 2)
    #expect(data.services.first?.logs?.patterns.map(\.text) == ["session opened", "restart."])
  }

  @Test func `neighbouring alerts of one category are one incident`() throws {
    let line = { (mark: String, second: Int) in
      "\(mark) 111783857\(second) 2005.06.03 N 2005-06-03-15.42.50.675872 N RAS KERNEL FATAL oops\n"
    }
    let data = try load(
      "BGL", line("-", 0) + line("A", 1) + line("A", 2) + line("B", 3) + line("-", 4))
    #expect(data.incidents.map(\.kind) == ["A", "B"])
    #expect(data.incidents.map { $0.resolved.milliseconds % 10_000 } == [2000, 3000])
    #expect(data.services.first?.logs?.patterns.map(\.level) == [.error])
  }

  @Test func `a line with another header is counted and left out`() throws {
    let data = try load(
      "Apache", "[Sun Dec 04 04:47:44 2005] [notice] fine\n\nno header\n")
    #expect(data.report.logLines == 2)
    #expect(data.defect("bad_header")?.example == "line 3: 'no header'")
  }
}
