import Telemetry
import Testing

@Suite struct TimestampTests {
  /// Milliseconds by Python's `datetime`.
  static let known: [(text: String, milliseconds: Int64)] = [
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1),
    ("1969-12-31T00:00:00Z", -86_400_000), ("2000-02-29T12:34:56.789Z", 951_827_696_789),
    ("1900-03-01T00:00:00Z", -2_203_891_200_000), ("2026-11-23T08:00:00Z", 1_795_420_800_000),
    ("2038-01-19T03:14:08Z", 2_147_483_648_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ]

  @Test(arguments: known)
  func `a known instant reads and prints exactly`(text: String, milliseconds: Int64) {
    #expect(Timestamp(rfc3339: text) == Timestamp(milliseconds: milliseconds))
    #expect(Timestamp(milliseconds: milliseconds).description == text)
  }

  @Test func `every printed instant of years 1 to 9999 reads back the same`() {
    var generator = SplitMix(seed: 1)
    for _ in 0..<20_000 {
      let time = Timestamp(
        milliseconds: .random(
          in: -62_135_596_800_000...253_402_300_799_999, using: &generator))
      #expect(Timestamp(rfc3339: time.description) == time)
    }
  }

  @Test(arguments: [
    ("2026-11-23T08:00:00+00:00", "2026-11-23T08:00:00Z"),
    ("2026-11-23T08:00:00-00:00", "2026-11-23T08:00:00Z"),
    ("2026-11-23T08:00:00+05:30", "2026-11-23T02:30:00Z"),
    ("2026-11-23T08:00:00+0530", "2026-11-23T02:30:00Z"),
    ("2026-11-23T20:00:00-08:00", "2026-11-24T04:00:00Z"),
    ("2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00Z"),
    ("1970-01-01T00:00:00+23:59", "1969-12-31T00:01:00Z"),
  ])
  func `a zone moves the instant to UTC`(text: String, utc: String) {
    #expect(Timestamp(rfc3339: text)?.description == utc)
  }

  @Test(arguments: [
    ("2026-11-23 08:00:00", "2026-11-23T08:00:00Z"),
    ("2026-11-23t08:00:00z", "2026-11-23T08:00:00Z"),
    ("2026-11-23T08:00Z", "2026-11-23T08:00:00Z"),
    ("2026-11-23 08:00:00,250", "2026-11-23T08:00:00.250Z"),
    ("2026-11-23T08:00:00.5Z", "2026-11-23T08:00:00.500Z"),
    ("2026-11-23T08:00:00.04Z", "2026-11-23T08:00:00.040Z"),
    ("2026-11-23T08:00:00.1239999999Z", "2026-11-23T08:00:00.123Z"),
    ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
  ])
  func `common spellings beside the strict one are understood`(text: String, strict: String) {
    #expect(Timestamp(rfc3339: text)?.description == strict)
  }

  @Test(arguments: [
    "", "2026", "2026-11-23", "2026-11-23T", "2026-11-23T08", "2026-1-23T08:00:00Z",
    "2026-11-23T8:00:00Z", "2026-11-23T08:00:00.Z", "2026-11-23T08:00:00ZZ",
    "2026-11-23T08:00:00 Z", " 2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z ",
    "2026-11-23T08:00:00+05", "2026-11-23T08:00:00+24:00", "2026-11-23T08:00:00+05:60",
    "2026-11-23T08:00:00*05:00", "2026-00-23T08:00:00Z", "2026-13-23T08:00:00Z",
    "2026-11-00T08:00:00Z", "2026-11-31T08:00:00Z", "2026-02-29T08:00:00Z",
    "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-11-23T24:00:00Z",
    "2026-11-23T08:60:00Z", "2026-11-23T08:00:61Z", "0000-01-01T00:00:00Z",
    "+2026-11-23T08:00:00Z", "-026-11-23T08:00:00Z", "2026/11/23T08:00:00Z",
    "２０２６-11-23T08:00:00Z", "2026-11-23T08:00:00\u{2212}05:00",
  ])
  func `a malformed or impossible instant is refused`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test(arguments: ["2000-02-29", "2024-02-29", "1600-02-29", "0004-02-29"])
  func `the leap day exists in leap years`(day: String) {
    #expect(Timestamp(rfc3339: "\(day)T00:00:00Z")?.description == "\(day)T00:00:00Z")
  }

  @Test func `years that four digits cannot hold still print readably`() {
    #expect(Timestamp(milliseconds: 253_402_300_800_000).description == "10000-01-01T00:00:00Z")
    #expect(Timestamp(milliseconds: -62_167_219_200_001).description == "-0001-12-31T23:59:59.999Z")
  }

  @Test func `a text cut at any place is refused or lacks only optional parts`() {
    let text = "2026-11-23T08:15:42.125+01:00"
    let accepted = text.indices.map { String(text[..<$0]) }
      .filter { Timestamp(rfc3339: $0) != nil }
    #expect(
      accepted == [
        "2026-11-23T08:15", "2026-11-23T08:15:42", "2026-11-23T08:15:42.1",
        "2026-11-23T08:15:42.12", "2026-11-23T08:15:42.125",
      ])
  }

  @Test func `instants and spans add, subtract and compare`() {
    let noon = Timestamp(seconds: 43_200)
    #expect(noon + .minutes(1) == Timestamp(seconds: 43_260))
    #expect(noon - .days(1) == Timestamp(seconds: -43_200))
    #expect(noon - Timestamp(seconds: 43_201) == .seconds(-1))
    #expect(noon < noon + TimeSpan(milliseconds: 1))
    #expect(Timestamp(milliseconds: -1500).seconds == -1.5)
  }
}
