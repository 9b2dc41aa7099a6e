import Ingest
import Storage
import Telemetry
import Testing

private let plain = #"(?<time>\S+) \[(?<level>\w+)\] (?:(?<service>\w+): )?(?<message>.*)"#

/// A message that no expression with `(b+)+!` gives up in time.
private let hard = String(repeating: "b", count: 3000) + "?!?"

/// A log file and how to read it.
private struct App {
  let folder: TestFolder
  let source: SourceConfiguration

  init(
    _ text: String, _ expression: String = plain, format: String? = nil, multiline: Bool = false,
    zone: LocalZone = .utc
  ) throws {
    folder = try TestFolder(["app.log": text])
    source = .pattern(
      PatternSource(
        path: folder.path, expression: expression, timeFormat: try format.map(TimePattern.init),
        zone: zone, isMultiline: multiline))
  }
}

@Suite struct PatternReaderTests {
  @Test func `named groups give time, severity, service and message`() throws {
    let app = try App(
      """
      2026-01-01T00:00:01Z [warn] shop: slow
      2026-01-01T00:00:02Z [E] cart: gone
      2026-01-01T00:00:03Z [what] ready

      """)
    let data = try ingest(app.source)
    #expect(data.services.map(\.service) == ["app", "cart", "shop"])
    #expect(data.logTexts(of: "shop") == ["slow"] && data.logLevel(of: "shop") == .warning)
    #expect(data.logLevel(of: "cart") == .error && data.logLevel(of: "app") == .unknown)
  }

  @Test(arguments: [
    ("2026-01-02 03:04:05,678", "2026-01-02T02:04:05.678Z"),
    ("2026-01-02T03:04:05.6+02:00", "2026-01-02T01:04:05.600Z"),
    ("2026-01-02 03:04", "2026-01-02T02:04:00Z"), ("1767323045", "2026-01-02T03:04:05Z"),
    ("1767323045.25", "2026-01-02T03:04:05.250Z"), ("1767323045678", "2026-01-02T03:04:05.678Z"),
    ("1767323045678901", "2026-01-02T03:04:05.678Z"),
    ("1767323045678901234", "2026-01-02T03:04:05.678Z"),
  ])
  func `times are recognised`(_ time: String, _ utc: String) throws {
    let app = try App(
      "\(time) | x\n", #"(?<time>.+?) \| (?<message>.*)"#, zone: #require(LocalZone("+01:00")))
    #expect(try lines(app.source) == ["\(utc) app x"])
  }

  @Test func `an access log reads with a format of its own`() throws {
    let app = try App(
      #"127.0.0.1 - joe [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326"# + "\n",
      #"\S+ \S+ \S+ \[(?<time>[^\]]+)\] "(?<message>[^"]*)" (?<status>\d+)"#,
      format: "%d/%b/%Y:%H:%M:%S %z")
    #expect(try lines(app.source) == ["2000-10-10T20:55:36Z app GET /a HTTP/1.0"])
  }

  @Test func `lines that do not match are counted, or continue the message before`() throws {
    let text = """
      \tat cut.Off
      2026-01-01T00:00:01Z [error] shop: failed
      \tat a.B(C.java:1)

      Caused by: x
      2026-01-01T00:00:02Z [info] shop: next
      soon [info] shop: odd

      """
    let strict = try App(text)
    let data = try ingest(strict.source)
    #expect(data.defect("no_match")?.count == 3 && data.defect("bad_time")?.count == 1)
    let joined = try App(text, multiline: true)
    #expect(
      try lines(joined.source) == [
        "2026-01-01T00:00:01Z shop failed\n\tat a.B(C.java:1)\nCaused by: x",
        "2026-01-01T00:00:02Z shop next",
      ])
    let report = try readColumns(joined.source).report
    #expect(report.defects.map(\.reason) == ["continues_nothing", "bad_time"])
    #expect(report.logLines == 6)
  }

  @Test(arguments: ["soon [error] shop: odd", "2026-01-01T00:00:02Z [error] \(hard)"])
  func `what follows a broken line continues nothing`(_ broken: String) throws {
    let app = try App(
      "2026-01-01T00:00:01Z [info] shop: fine\n\tmore\n\(broken)\n\tat a.B\n\tat a.C\n",
      #"^(?<time>\S+) \[(?<level>\w+)\] (?:(?<service>\w+): )?(?<message>[^!]*|(b+)+!)$"#,
      multiline: true)
    #expect(try lines(app.source) == ["2026-01-01T00:00:01Z shop fine\n\tmore"])
    let report = try readColumns(app.source).report
    let reason = broken.hasPrefix("soon") ? "bad_time" : "too_hard_to_match"
    #expect(report.defects.map(\.reason) == [reason, "continues_nothing"])
    #expect(report.defects.map(\.count) == [1, 2] && report.logLines == 5)
  }

  @Test func `a message that ends in a later file is named by where it began`() throws {
    let folder = try TestFolder([
      "app.log.1": "2026-01-01T00:00:01Z [info] up\n9000-01-01T00:00:00Z [info] odd\n",
      "app.log": "\tmore\n2026-01-01T00:00:02Z [info] up\n",
    ])
    let source = PatternSource(path: folder.path, expression: plain, isMultiline: true)
    #expect(
      failure(of: .pattern(source)).contains("app.log.1:2"), "\(failure(of: .pattern(source)))")
  }

  @Test func `a file may begin within a long stack trace`() throws {
    let trace = String(repeating: "  at a.b\n", count: 500)
    let app = try App("\(trace)2026-01-01T00:00:01Z [info] up\n", multiline: true)
    #expect(try lines(app.source) == ["2026-01-01T00:00:01Z app up"])
    #expect(try ingest(app.source).defect("continues_nothing")?.count == 500)
    let strict = try App("\(trace)2026-01-01T00:00:01Z [info] up\n")
    #expect(failure(of: strict.source).contains("none of the first 100 lines"))
  }

  @Test func `a message of many lines is bounded`() throws {
    let text = "2026-01-01T00:00:01Z [error] a\n" + String(repeating: "0123456789\n", count: 20)
    let app = try App(text, multiline: true)
    let data = try ingest(app.source) { $0.limits.lineBytes = 50 }
    #expect(data.defect("long_message")?.count == 16 && data.lineCount(of: "app") == 1)
  }

  @Test func `a line that takes too long to match is skipped and counted`() throws {
    let app = try App(
      "2026-01-01T00:00:01Z aaaa\n2026-01-01T00:00:02Z \(String(repeating: "a", count: 3000))!\n",
      #"(?<time>\S+) (?<message>(a+)+)$"#)
    let data = try ingest(app.source)
    #expect(data.defect("too_hard_to_match")?.count == 1 && data.lineCount(of: "app") == 1)
  }

  @Test func `a message longer than what is matched is whole`() throws {
    let long = String(repeating: "é", count: 20_000)
    let app = try App("2026-01-01T00:00:01Z [info] \(long)\n")
    #expect(try lines(app.source) == ["2026-01-01T00:00:01Z app \(long)"])
  }

  @Test func `without a group for the message the whole line is one`() throws {
    let app = try App("2026-01-01T00:00:01Z up\n", #"(?<time>\S+)"#)
    #expect(try lines(app.source) == ["2026-01-01T00:00:01Z app 2026-01-01T00:00:01Z up"])
  }

  @Test(
    arguments: [
      ("(?<time>", nil, "missing closing parenthesis at character 9"),
      ("(?<when>x)", nil, "no group named 'time'"), ("(?<time>.*)", "%b %d %T", "'year'"),
    ] as [(String, String?, String)])
  func `what cannot be used is refused before anything is read`(
    _ expression: String, _ format: String?, _ part: String
  ) throws {
    let source = SourceConfiguration.pattern(
      PatternSource(
        path: "/nowhere", expression: expression, timeFormat: try format.map(TimePattern.init)))
    #expect(failure(of: source).contains(part), "\(failure(of: source))")
  }

  @Test func `another kind of file is an error that shows the expression`() throws {
    let app = try App("hello\n")
    #expect(
      failure(of: app.source).contains("app.log:1: 'hello': expected a line of the expression"))
  }

  @Test func `lines may not name services without end`() throws {
    let text = (0..<10_001).map { "2026-01-01T00:00:01Z [info] s\($0): x\n" }.joined()
    let app = try App(text)
    #expect(failure(of: app.source).contains("line 10001 names the service 's10000'"))
  }

  @Test func `compressed files read the same, and a bomb is refused`() throws {
    let text = Array("2026-01-01T00:00:01Z [info] up\n".utf8)
    let folder = try TestFolder()
    try folder.write("app.log.gz", Gzip.compress(text))
    let source = SourceConfiguration.pattern(PatternSource(path: folder.path, expression: plain))
    #expect(try lines(source) == ["2026-01-01T00:00:01Z app up"])
    try folder.write(
      "app.log.gz", Gzip.compress(text + [UInt8](repeating: 0x61, count: 4 << 20)))
    let error = #expect(throws: IngestError.self) {
      try ingest(source) { $0.limits.inputBytes = 1 << 20 }
    }
    #expect(error?.description.contains("app.log.gz") == true)
  }
}
