import Telemetry
import Testing

@Suite struct TimeSpanTests {
  @Test(
    arguments: [
      ("0", 0), ("0s", 0), ("1ms", 1), ("30s", 30_000), ("5m", 300_000), ("1h30m", 5_400_000),
      ("7d", 604_800_000), ("2w", 1_209_600_000), ("1w1d1h1m1s1ms", 694_861_001),
      ("90m", 5_400_000), ("007s", 7000), ("1m500ms", 60_500),
    ] as [(String, Int64)])
  func `a span reads as its milliseconds`(text: String, milliseconds: Int64) {
    #expect(TimeSpan(text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", " ", "5", "00", "s", "5 s", " 5s", "5s ", "5S", "5x", "5mm", "1m1h", "1s1s", "1ms1s",
    "1h30", "-5s", "+5s", "1.5h", "5m-1s", "1y", "٥s", "5µs", "1e3s", "5\u{301}s",
    "99999999999999999999s", "9223372036854775807w", "201w10557w", "74074d2h", "6400000000001ms",
  ])
  func `anything else is refused`(text: String) {
    #expect(TimeSpan(text) == nil)
  }

  @Test func `the longest span is a little above 200 years`() {
    #expect(TimeSpan("73050d") == .days(73_050))
    #expect(TimeSpan("6400000000000ms")?.milliseconds == 6_400_000_000_000)
  }

  @Test(
    arguments: [
      (0, "0s"), (1, "1ms"), (1000, "1s"), (60_000, "1m"), (5_400_000, "1h30m"),
      (604_800_000, "7d"), (694_861_001, "8d1h1m1s1ms"), (-5_400_000, "-1h30m"), (-1, "-1ms"),
    ] as [(Int64, String)])
  func `a span prints its largest units first`(milliseconds: Int64, text: String) {
    #expect(TimeSpan(milliseconds: milliseconds).description == text)
  }

  @Test func `every printed span that is not negative reads back the same`() {
    var generator = SplitMix(seed: 2)
    for magnitude in 0..<43 {
      for _ in 0..<200 {
        let span = TimeSpan(
          milliseconds: min(6_400_000_000_000, .random(in: 0...(1 << magnitude), using: &generator))
        )
        #expect(TimeSpan(span.description) == span, "\(span)")
      }
    }
  }

  @Test func `units build on each other and spans add, scale and compare`() {
    #expect(TimeSpan.days(2) == .hours(48))
    #expect(TimeSpan.hours(2) == .minutes(120))
    #expect(TimeSpan.minutes(2) == .seconds(120))
    #expect(TimeSpan.seconds(2).milliseconds == 2000)
    #expect(TimeSpan.seconds(2) + .minutes(1) == .seconds(62))
    #expect(TimeSpan.seconds(2) * -3 == .seconds(-6))
    #expect(TimeSpan.seconds(-1) < .zero)
    #expect(TimeSpan(milliseconds: 1500).seconds == 1.5)
  }
}
