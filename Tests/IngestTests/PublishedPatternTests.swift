import Ingest
import Telemetry
import Testing

private let loghub = "\(PublicData.root)/loghub"

/// Real logs, read by an expression and by the importer of the published dataset.
@Suite(.enabled(if: PublicData.has("loghub"), Comment(rawValue: PublicData.hint)))
struct PublishedPatternTests {
  @Test(
    arguments: [
      (
        "Apache", #"\[(?<time>[^\]]+)\] \[(?<level>\w+)\] (?<message>.*)"#, "%a %b %d %H:%M:%S %Y"
      ),
      (
        "Spark", #"(?<time>\S+ \S+) (?<level>\w+) (?<class>[^:]+): (?<message>.*)"#,
        "%y/%m/%d %H:%M:%S"
      ),
      (
        "HDFS", #"(?<time>\d{6} \d{6}) \d+ (?<level>\w+) (?<class>[^:]+): (?<message>.*)"#,
        "%y%m%d %H%M%S"
      ),
      (
        "Windows", #"(?<time>\S+ [\d:]+), (?<level>\w+) +(?<part>\w+) +(?<message>.*)"#, nil
      ),
      (
        "Hadoop",
        #"(?<time>\S+ \S+) (?<level>\w+) \[(?<thread>.+?)\] (?<class>.+?): (?<message>.*)"#, nil
      ),
      ("BGL", #"\S+ (?<time>\d+) \S+ \S+ \S+ \S+ \w+ \w+ (?<level>\w+) (?<message>.*)"#, nil),
    ] as [(String, String, String?)])
  func `an expression reads what the importer reads`(
    _ system: String, _ expression: String, _ format: String?
  ) throws {
    let columns = try readColumns(
      .pattern(
        PatternSource(
          path: "\(loghub)/\(system)/\(system)_2k.log", expression: expression,
          timeFormat: try format.map(TimePattern.init), service: system)))
    let published = try readColumns(
      .published(PublishedSource(dataset: .loghub, path: loghub, part: system)))
    #expect(columns.report.logLines == 2000 && columns.report.skipped == 0)
    let (ours, theirs) = (try #require(columns.streams.first), published.streams.first)
    #expect(ours.times == theirs?.times)
    #expect(texts(ours) == theirs.map(texts))
  }

  @Test func `the sample of Linux is syslog`() throws {
    let columns = try readColumns(
      .syslog(SyslogSource(path: "\(loghub)/Linux/Linux_2k.log", year: 2005)))
    let published = try readColumns(
      .published(PublishedSource(dataset: .loghub, path: loghub, part: "Linux")))
    #expect(columns.report.logLines == 2000 && columns.report.skipped == 0)
    let times = columns.streams.flatMap(\.times)
    #expect(times.count == 2000)
    #expect(times.sorted() == published.streams.flatMap(\.times).sorted())
    let services = Set(columns.streams.compactMap { $0.labels["service"] })
    #expect(services.isSuperset(of: ["sshd", "su", "ftpd", "kernel", "logrotate", "cups"]))
    #expect(services.allSatisfy { !$0.contains("[") && !$0.contains("(") })
  }
}

/// The lines of a stream without the blanks around them.
private func texts(_ stream: LogStream) -> [String] {
  var start = 0
  return stream.ends.map { end in
    defer { start = end }
    let text = String(decoding: stream.text[start..<end], as: UTF8.self)
    return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
