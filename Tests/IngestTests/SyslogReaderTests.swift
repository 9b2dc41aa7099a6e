import Ingest
import Telemetry
import Testing

@Suite struct SyslogReaderTests {
  private func read(
    _ text: String, year: Int? = nil, zone: LocalZone = .utc
  ) throws -> [String] {
    let folder = try TestFolder(["syslog": text])
    return try lines(.syslog(SyslogSource(path: folder.path, year: year, zone: zone)))
  }

  @Test func `RFC 5424 gives time, program and severity`() throws {
    let bom = "\u{FEFF}"
    let folder = try TestFolder([
      "a.log": #"""
      <35>1 2026-01-01T01:00:01.5+01:00 host shop 12 ID [a@1 x="]\"" y="1"][b@1] \#(bom)disk full
      <38>1 2026-01-01T00:00:02Z host cart[7] - - - hello there
      <36>1 2026-01-01T00:00:02.123456Z - - - - - anyone
      <38>1 - host cart - - - no time
      <38>1 2026-01-32T00:00:00Z host cart - - - no time
      <999>1 2026-01-01T00:00:02Z host cart - - - hello
      <38>1 2026-01-01T00:00:02Z host cart - - [open hello
      <38>1 2026-01-01T00:00:02Z host cart

      """#
    ])
    let data = try ingest(.syslog(SyslogSource(path: folder.path)))
    #expect(data.services.map(\.service) == ["cart", "shop", "system"])
    #expect(data.logTexts(of: "shop") == ["disk full"] && data.logLevel(of: "shop") == .error)
    #expect(data.logTexts(of: "cart") == ["hello there"] && data.logLevel(of: "cart") == .info)
    #expect(data.logTexts(of: "system") == ["anyone"] && data.logLevel(of: "system") == .warning)
    #expect(data.grid.count == 1 && data.grid.first == Timestamp(rfc3339: "2026-01-01T00:01:00Z"))
    #expect(data.defect("no_time")?.count == 1 && data.defect("bad_priority")?.count == 1)
    #expect(data.defect("bad_time")?.count == 1 && data.defect("malformed_line")?.count == 2)
  }

  @Test func `the files of common daemons are understood`() throws {
    let text = """
      Jan  2 03:04:05 host sshd[12]: session opened
      Jan  2 03:04:06 host sshd(pam_unix)[19939]: check pass; user unknown
      <13>Jan  2 03:04:07 host postfix/smtpd[3]: connect
      2026-01-02T03:04:08.123456+01:00 host CRON[5]: (root) CMD (true)
      2026-01-02T03:04:09+0100 host systemd[1]: Started.
      Jan  2 03:04:10 kernel: [12.5] usb 1-1
      Jan  2 03:04:11 host daemon.warn dnsmasq[1]: full
      Jan  2 03:04:12 host last message repeated 3 times
      Jan  2 2026 03:04:13 fw %ASA-6-302013: Built
      *Jan  2 03:04:14.567: %SYS-5-CONFIG_I: Configured
      <4>Jan  2 03:04:15 host out of memory
      Jan  2 03:04:16 fe80::1 sshd: over IPv6
      """ + "\n"
    let got = try read(text, year: 2026, zone: #require(LocalZone("+01:00")))
    #expect(
      got == [
        "2026-01-02T02:04:05Z sshd session opened",
        "2026-01-02T02:04:06Z sshd check pass; user unknown",
        "2026-01-02T02:04:16Z sshd over IPv6", "2026-01-02T02:04:07Z postfix/smtpd connect",
        "2026-01-02T02:04:08.123Z CRON (root) CMD (true)",
        "2026-01-02T02:04:09Z systemd Started.",
        "2026-01-02T02:04:10Z kernel [12.5] usb 1-1", "2026-01-02T02:04:15Z kernel out of memory",
        "2026-01-02T02:04:11Z dnsmasq full",
        "2026-01-02T02:04:12Z system last message repeated 3 times",
        "2026-01-02T02:04:13Z system %ASA-6-302013: Built",
        "2026-01-02T02:04:14.567Z system %SYS-5-CONFIG_I: Configured",
      ])
  }

  @Test func `frames that count their bytes may share a line`() throws {
    let frames = ["<34>Jan  1 00:00:01 h su: a", "<34>1 2026-01-01T00:00:02Z h su - - - b"]
    let text = frames.map { "\($0.utf8.count) \($0)" }
    let expected = ["2026-01-01T00:00:01Z su a", "2026-01-01T00:00:02Z su b"]
    #expect(try read(text.joined() + "\n", year: 2026) == expected)
    #expect(try read(text.joined(separator: "\n") + "\n", year: 2026) == expected)
  }

  @Test func `each frame counts as a line, read or not`() throws {
    let frames = ["<34>Jan  1 00:00:01 h su: a", "<34>Jan  1 00:00:02 h su: b", "<999>x"]
    let text = frames.map { "\($0.utf8.count) \($0)" }.joined()
    let folder = try TestFolder(["a.log": "\(text)\n<34>Jan  1 00:00:03 h su: c\n"])
    let data = try ingest(.syslog(SyslogSource(path: folder.path, year: 2026)))
    #expect(data.report.logLines == 4 && data.report.skipped == 1)
    #expect(data.lineCount(of: "su") == 3 && data.defect("bad_priority")?.count == 1)
  }

  @Test func `a frame that is longer than its line is kept and counted`() throws {
    let whole = "<34>Jan  1 00:00:01 h su: whole"
    let folder = try TestFolder([
      // Of the first the length counts the line's end.
      "a.log": "\(whole.utf8.count + 1) \(whole)\n36 <34>Jan  1 00:00:02 h su: cut\nhere now\n"
    ])
    let source = SourceConfiguration.syslog(SyslogSource(path: folder.path, year: 2026))
    #expect(try lines(source) == ["2026-01-01T00:00:01Z su whole", "2026-01-01T00:00:02Z su cut"])
    let data = try ingest(source)
    let defect = try #require(data.defect("truncated_frame"))
    #expect(defect.count == 1 && defect.effect == .changed)
    #expect(defect.example.hasPrefix("line 2: 29 of 36 bytes"), "\(defect.example)")
    #expect(data.defect("malformed_line")?.count == 1)
  }

  @Test func `the year turns where dates start again, and late lines stay in theirs`() throws {
    let folder = try TestFolder([
      "a.log": """
      Dec 31 23:59:30 host su: a
      Jan  1 00:00:30 host su: b
      Dec 31 23:59:40 host su: late
      Jan  3 00:00:00 host su: c
      Jan  2 23:59:59 host su: late
      Jun  1 00:00:00 host su: d
      Feb 28 00:00:00 host su: e
      Feb 32 00:00:30 host su: never

      """
    ])
    let source = SourceConfiguration.syslog(SyslogSource(path: folder.path, year: 2025))
    #expect(
      try lines(source) == [
        "2025-12-31T23:59:30Z su a", "2026-01-01T00:00:30Z su b", "2025-12-31T23:59:40Z su late",
        "2026-01-03T00:00:00Z su c", "2026-01-02T23:59:59Z su late", "2026-06-01T00:00:00Z su d",
        "2027-02-28T00:00:00Z su e",
      ])
    let report = try readColumns(source).report
    #expect(report.defects.first { $0.reason == "next_year" }?.count == 2)
    #expect(report.defects.first { $0.reason == "bad_time" }?.count == 1)
  }

  @Test func `the year goes on through the files of a rotation, oldest first`() throws {
    let folder = try TestFolder([
      "syslog": "Jan  5 00:00:00 h su: c\n", "syslog.1": "Dec 31 00:00:00 h su: b\n",
      "syslog.2": "Dec 20 00:00:00 h su: a\n", "syslog.10": "Nov  1 00:00:00 h su: z\n",
    ])
    let source = SourceConfiguration.syslog(SyslogSource(path: folder.path, year: 2025))
    #expect(
      try lines(source) == [
        "2025-11-01T00:00:00Z su z", "2025-12-20T00:00:00Z su a", "2025-12-31T00:00:00Z su b",
        "2026-01-05T00:00:00Z su c",
      ])
    let recorded = try #require(
      try ingest(source) { $0.interval = .days(1) }.log(of: "su")?.recorded)
    // Files 3 to 9 are missing; between the others it was quiet.
    #expect(recorded.count == 66 && recorded.count { !$0 } == 48)
  }

  @Test func `a time without a year is an error that says what to set`() throws {
    let folder = try TestFolder(["a.log": "Jan  1 00:00:30 host su: x\n"])
    let message = failure(of: .syslog(SyslogSource(path: folder.path)))
    #expect(message.contains("a.log:1: 'Jan  1 00:00:30 host su: x' has no year"))
    #expect(message.contains("'year'") && message.contains("last changed on 20"))
    #expect(
      failure(of: .syslog(SyslogSource(path: folder.path, year: 0))).contains("year 0"))
  }

  @Test func `local times follow the zone through the end of summer time`() throws {
    let folder = try TestFolder([
      "a.log": """
      Oct 25 02:30:00 host su: first
      Oct 25 02:10:00 host su: second
      Mar 29 02:30:00 host su: none

      """
    ])
    let zone = try #require(LocalZone("Europe/Berlin"))
    let source = SourceConfiguration.syslog(
      SyslogSource(path: folder.path, year: 2025, zone: zone))
    // In 2025 the 26th of October is the day.
    #expect(try lines(source)[0] == "2025-10-25T00:30:00Z su first")
    let later = SourceConfiguration.syslog(
      SyslogSource(path: folder.path, year: 2026, zone: zone))
    #expect(
      try lines(later) == [
        "2026-10-25T00:30:00Z su first", "2026-10-25T01:10:00Z su second",
        "2027-03-29T00:30:00Z su none",
      ])
    let report = try readColumns(later).report
    #expect(report.defects.first { $0.reason == "repeated_local_time" }?.count == 2)
  }

  @Test func `a local time that does not occur is shifted and counted`() throws {
    let folder = try TestFolder(["a.log": "Mar 29 02:30:00 host su: x\n"])
    let source = SourceConfiguration.syslog(
      SyslogSource(path: folder.path, year: 2026, zone: try #require(LocalZone("Europe/Berlin"))))
    #expect(try lines(source) == ["2026-03-29T01:30:00Z su x"])
    let defect = try readColumns(source).report.defects.first
    #expect(defect?.reason == "skipped_local_time" && defect?.effect == .changed)
    #expect(defect?.example.contains("2026-03-29T02:30:00 does not occur") == true)
  }

  @Test func `another kind of file is an error that shows what is expected`() throws {
    let folder = try TestFolder(["a.log": "hello world, how are you\n"])
    let message = failure(of: .syslog(SyslogSource(path: folder.path)))
    #expect(message.contains("a.log:1: 'hello world, how are you': expected a line of syslog"))
  }
}
