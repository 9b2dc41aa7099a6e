import Telemetry
import Testing

private func read(_ text: String, _ pattern: String, year: Int64? = nil) throws -> String? {
  try TimePattern(pattern).read(Array(text.utf8)[...]) { _, _ in year }?.timestamp.description
}

@Suite struct TimePatternTests {
  @Test(arguments: [
    ("10/Oct/2000:13:55:36 -0700", "%d/%b/%Y:%H:%M:%S %z", "2000-10-10T20:55:36Z"),
    ("Sun Dec 04 04:47:44 2005", "%a %b %d %H:%M:%S %Y", "2005-12-04T04:47:44Z"),
    ("081109 203615", "%y%m%d %H%M%S", "2008-11-09T20:36:15Z"),
    ("17/06/09 20:10:40", "%y/%m/%d %T", "2017-06-09T20:10:40Z"),
    ("2026-01-02 03:04:05,678", "%F %T,%f", "2026-01-02T03:04:05.678Z"),
    ("2026-01-02 03:04:05.6", "%F %T.%f", "2026-01-02T03:04:05.600Z"),
    ("2026-01-02T03:04:05.123456789+05:30", "%Y-%m-%dT%H:%M:%S.%f%z", "2026-01-01T21:34:05.123Z"),
    ("2026-01-02T03:04:05Z", "%Y-%m-%dT%H:%M:%S%z", "2026-01-02T03:04:05Z"),
    ("1/2/2026 3:04:05 PM", "%m/%d/%Y %I:%M:%S %p", "2026-01-02T15:04:05Z"),
    ("1/2/2026 12:04 am", "%m/%d/%Y %I:%M %p", "2026-01-02T00:04:00Z"),
    ("Thursday, 5 february 2026 10:00 GMT", "%A, %d %B %Y %R %Z", "2026-02-05T10:00:00Z"),
    ("2024-366 00:00", "%Y-%j %H:%M", "2024-12-31T00:00:00Z"),
    ("1767225600.25", "%s.%f", "2026-01-01T00:00:00.250Z"),
    ("-1", "%s", "1969-12-31T23:59:59Z"), ("-0.5", "%s.%f", "1969-12-31T23:59:59.500Z"),
    ("-1.25", "%s.%f", "1969-12-31T23:59:58.750Z"),
    ("01/02/99 10:00", "%D %R", "1999-01-02T10:00:00Z"),
    ("100% 2026-01-02 03:00", "100%% %F %R", "2026-01-02T03:00:00Z"),
  ])
  func `directives read what they stand for`(
    _ text: String, _ pattern: String, _ utc: String
  ) throws {
    #expect(try read(text, pattern) == utc)
  }

  @Test(arguments: [
    ("2026-13-01 00:00", "%F %R"), ("2026-02-29 00:00", "%F %R"), ("2026-01-01 24:00", "%F %R"),
    ("2026-01-01 00:00x", "%F %R"), ("26-01-01 00:00", "%F %R"), ("2026-01-01", "%F %R"),
    ("1 Foo 2026 00:00", "%d %b %Y %R"), ("2025-366 00:00", "%Y-%j %R"), ("", "%F %R"),
    ("13:00 PM 2026-01-01", "%I:%M %p %F"), ("2026-01-01 00:00 CET", "%F %R %Z"),
    ("9999999999999", "%s"),
  ])
  func `what is not written by the pattern is refused`(_ text: String, _ pattern: String) throws {
    #expect(try read(text, pattern) == nil)
  }

  @Test func `a year that is left out is asked for`() throws {
    let pattern = try TimePattern("%b %e %T")
    #expect(pattern.lacksYear)
    #expect(try read("Jun  9 06:06:20", "%b %e %T", year: 2005) == "2005-06-09T06:06:20Z")
    #expect(try read("Feb 29 06:06:20", "%b %e %T", year: 2005) == nil)
    #expect(try read("Jun  9 06:06:20", "%b %e %T") == nil)
    #expect(try !TimePattern("%F %T").lacksYear && !TimePattern("%s").lacksYear)
  }

  @Test(arguments: [
    ("%F %q", "character 4"), ("%F %", "%%"), ("%H:%M", "no day"), ("%F", "no hour"),
    ("%j %H", "needs a year"), ("%F %I", "%p"), ("", "no day"),
  ])
  func `a pattern that makes no instant is refused`(_ pattern: String, _ part: String) {
    let failure = #expect(throws: TimePattern.Failure.self) { try TimePattern(pattern) }
    #expect(failure?.description.contains(part) == true, "\(String(describing: failure))")
  }
}
