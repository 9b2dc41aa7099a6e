import Ingest
import Storage
import Telemetry
import Testing

@Suite struct ContainerLogReaderTests {
  private func cri(_ folder: TestFolder, _ service: String? = nil) -> SourceConfiguration {
    .containerLogs(ContainerLogSource(path: folder.path, service: service))
  }

  @Test func `parts of a CRI line are joined within their stream and have the first one's time`()
    throws
  {
    let folder = try TestFolder([
      "a.log": """
      2026-01-01T00:00:01.5Z stdout P INFO half
      2026-01-01T00:00:02.5Z stderr F other stream
      2026-01-01T01:00:03.5+01:00 stdout F  and half
      2026-01-01T00:00:04Z stdout F:tag:more tagged
      2026-01-01T00:00:05Z stdout F

      """
    ])
    #expect(
      try lines(cri(folder)) == [
        "2026-01-01T00:00:02.500Z a other stream", "2026-01-01T00:00:01.500Z a INFO half and half",
        "2026-01-01T00:00:04Z a tagged", "2026-01-01T00:00:05Z a ",
      ])
    let data = try ingest(cri(folder))
    #expect(data.report.logLines == 5 && data.report.defects.isEmpty)
  }

  @Test func `Docker's lines are joined up to a line feed`() throws {
    let folder = try TestFolder([
      "a.log": #"""
      {"log":"one ","stream":"stdout","time":"2026-01-01T00:00:01Z"}
      {"log":"line\r\n","stream":"stdout","attrs":{"a":"b"},"time":"2026-01-01T00:00:01.25Z"}
      {"log":"cut","stream":"stderr","time":"2026-01-01T00:00:02Z"}

      """#
    ])
    #expect(
      try lines(cri(folder, "web")) == [
        "2026-01-01T00:00:01Z web one line", "2026-01-01T00:00:02Z web cut",
      ])
    let data = try ingest(cri(folder))
    #expect(data.defect("unfinished_message")?.count == 1)
    #expect(data.defect("unfinished_message")?.effect == .changed)
  }

  @Test func `broken lines are counted by reason`() throws {
    let folder = try TestFolder()
    try folder.write(
      "a.log",
      Array(
        """
        2026-01-01T00:00:01Z stdout F fine
        2026-01-01T00:00:01Z stdout X odd
        2026-01-01T00:00:01Z stdin F odd
        yesterday stdout F odd
        {"log":"odd
        {"stream":"stdout","time":"2026-01-01T00:00:01Z"}
        {"log":"odd\\n","stream":"stdout","time":"soon"}


        """.utf8) + Array("2026-01-01T00:00:01Z stdout F b".utf8) + [0xFF]
        + Array("d\n2026-01-01T00:0".utf8))
    let data = try ingest(cri(folder))
    #expect(data.logTexts(of: "a") == ["b\u{FFFD}d", "fine"])
    #expect(data.defect("malformed_line")?.count == 4)
    #expect(data.defect("bad_time")?.count == 2)
    #expect(data.defect("truncated_line")?.count == 1)
    #expect(data.defect("truncated_line")?.example.hasPrefix("line 10: ") == true)
    #expect(data.defect("invalid_utf8")?.count == 1)
    #expect(data.report.logLines == 9)
  }

  @Test func `a last line without its end is kept and counted`() throws {
    let folder = try TestFolder(["a.log": "2026-01-01T00:00:01Z stdout F disk fu"])
    let data = try ingest(cri(folder))
    #expect(data.logTexts(of: "a") == ["disk fu"])
    #expect(data.defect("unterminated_line")?.count == 1)
  }

  @Test func `lines and messages over the limit are counted`() throws {
    let long = String(repeating: "x", count: 90)
    let time = "2026-01-01T00:00:01Z stdout"
    let folder = try TestFolder([
      "a.log": "\(time) F \(long)\(long)\n\(time) P \(long)\n\(time) P \(long)\n\(time) F end\n"
    ])
    let data = try ingest(cri(folder)) { $0.limits.lineBytes = 130 }
    #expect(data.defect("long_line")?.count == 1 && data.defect("long_message")?.count == 1)
    #expect(data.lineCount(of: "a") == 1)
  }

  @Test func `a message over the limit ends with a whole character, and nothing follows it`()
    throws
  {
    let time = "2026-01-01T00:00:01Z stdout"
    let part = String(repeating: "x", count: 29)
    let folder = try TestFolder([
      "a.log": "\(time) P \(part)\n\(time) P \(part)\n\(time) P xé\n\(time) P y\n\(time) F z\n"
    ])
    var limits = IngestLimits()
    limits.lineBytes = 60
    let columns = try readColumns(cri(folder), limits: limits)
    // Of the two bytes that are left é would take the second.
    let text = try #require(columns.streams.first?.text)
    #expect(text.elementsEqual("\(part)\(part)x".utf8))
    #expect(columns.report.defects.map(\.reason) == ["long_message"])
    #expect(columns.report.defects.first?.count == 1)
  }

  @Test func `a file without any line of the format is an error that shows what is expected`()
    throws
  {
    let folder = try TestFolder(["a.log": "\nhello\nworld\n"])
    let message = failure(of: cri(folder))
    #expect(message.contains("a.log:2: 'hello': expected a container's log line"))
    #expect(message.contains("stdout F message"))
    let long = try TestFolder(["a.log": String(repeating: "hello\n", count: 1000)])
    #expect(failure(of: cri(long)).contains("none of the first 100 lines"))
  }

  @Test func `a pod's logs join their service, whatever the layout`() throws {
    let line = "2026-01-01T00:00:01Z stdout F up\n"
    let uid = "0a1b2c3d-0000-1111-2222-333344445555"
    let folder = try TestFolder([
      "pods/default_shop-7d4f8b9c6d-x2x4z_\(uid)/main/0.log": line,
      "pods/default_shop-7d4f8b9c6d-b5k9w_\(uid)/main/3.log": line,
      "pods/data_db-0_\(uid)/postgres/0.log": line,
      "containers/cart-6c8bf5d9b7-zk2fv_default_main-0123456789abcdef.log": line,
      "docker/f00d/f00d-json.log":
        #"{"log":"up\n","stream":"stdout","time":"2026-01-01T00:00:01Z"}"#
        + "\n",
      "docker/f00d/config.v2.json":
        #"{"Config":{"Labels":{"com.docker.compose.service":"web"}},"Name":"/shop-web-1"}"#,
      "docker/cafe/cafe-json.log":
        #"{"log":"up\n","stream":"stdout","time":"2026-01-01T00:00:01Z"}"#
        + "\n",
      "docker/cafe/config.v2.json": #"{"Name":"/proxy","Config":{"Labels":{}}}"#, "queue.log": line,
    ])
    let data = try ingest(cri(folder))
    #expect(data.services.map(\.service) == ["cart", "db", "proxy", "queue", "shop", "web"])
    #expect(data.lineCount(of: "shop") == 2)
    #expect(data.sources.map(\.name).contains("docker/cafe/cafe-json.log"))
    #expect(data.report.defects.isEmpty)
  }

  @Test func `rotated files are read oldest first, and parts of a line may lie in two`() throws {
    let pod = "default_shop-7d4f8b9c6d-x2x4z_0a1b/main"
    let folder = try TestFolder([
      "\(pod)/1.log": "2026-01-01T00:30:00Z stdout F four\n",
      "\(pod)/0.log": "2026-01-01T00:20:00Z stdout F  and a half\n",
      "\(pod)/0.log.20260101-001500": "2026-01-01T00:10:00Z stdout P two\n",
    ])
    try folder.write(
      "\(pod)/0.log.20260101-000500.gz",
      Gzip.compress(Array("2026-01-01T00:00:00Z stdout F one\n".utf8)))
    #expect(
      try lines(cri(folder)) == [
        "2026-01-01T00:00:00Z shop one", "2026-01-01T00:10:00Z shop two and a half",
        "2026-01-01T00:30:00Z shop four",
      ])
    // The quiet times between them are silence.
    let log = try #require(try ingest(cri(folder)).log(of: "shop"))
    #expect(log.recorded.count == 31 && log.recorded.allSatisfy { $0 })
  }

  @Test func `a message without its last part is reported where it began`() throws {
    let folder = try TestFolder([
      "0.log.20260101-001500":
        "2026-01-01T00:10:00Z stdout F one\n2026-01-01T00:10:00Z stdout P two\n",
      "0.log": "2026-01-01T00:20:00Z stderr F three\n",
    ])
    let defect = try ingest(cri(folder)).defect("unfinished_message")
    #expect(defect?.source == "0.log.20260101-001500" && defect?.example == "line 2: 'two'")
  }

  @Test func `each service is recorded from its first line to its last`() throws {
    let folder = try TestFolder([
      "a.log": "2026-01-01T00:00:30Z stdout F x\n2026-01-01T00:30:30Z stdout F x\n",
      "b.log": "2026-01-01T00:10:30Z stdout F x\n2026-01-01T00:15:30Z stdout F x\n",
    ])
    let data = try ingest(cri(folder))
    #expect(data.log(of: "a")?.recorded.allSatisfy { $0 } == true)
    #expect(data.log(of: "b")?.recorded.firstIndex(of: true) == 10)
    #expect(data.log(of: "b")?.recorded.count { $0 } == 6)
  }

  @Test func `links are followed to files that are met once, and not to folders`() throws {
    let folder = try TestFolder([
      "in/pods/ns_shop-7d4f8b9c6d-x2x4z_u/main/0.log": "2026-01-01T00:00:01Z stdout F up\n",
      "out/cart-7d4f8b9c6d-x2x4z_ns_main-01.log": "2026-01-01T00:00:01Z stdout F up\n",
    ])
    let root = folder.path
    try link(
      "\(root)/in/shop-7d4f8b9c6d-x2x4z_ns_main-02.log",
      to: "\(root)/in/pods/ns_shop-7d4f8b9c6d-x2x4z_u/main/0.log")
    try link(
      "\(root)/in/cart-7d4f8b9c6d-x2x4z_ns_main-01.log",
      to: "\(root)/out/cart-7d4f8b9c6d-x2x4z_ns_main-01.log")
    try link("\(root)/in/gone.log", to: "\(root)/nowhere.log")
    try link("\(root)/in/pods/loop.log", to: "\(root)/in")
    let data = try ingest(.containerLogs(ContainerLogSource(path: "\(root)/in")))
    #expect(data.services.map(\.service) == ["cart", "shop"])
    #expect(data.report.logLines == 2)
    #expect(data.defect("link_to_known_file")?.count == 1)
    #expect(data.defect("broken_link")?.count == 1 && data.defect("link_to_folder")?.count == 1)
  }

  @Test func `a folder without logs is an error`() throws {
    let folder = try TestFolder(["readme.md": "x"])
    #expect(failure(of: cri(folder)).contains("holds no file"))
  }
}
