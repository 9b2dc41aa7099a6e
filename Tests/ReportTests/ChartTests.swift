import Report
import Telemetry
import Testing

@Suite struct ScoreScaleTests {
  @Test func `quiet, boundary and any height have their places`() {
    #expect(ScoreScale.y(0) == 200)
    #expect(ScoreScale.y(0.5) == 160)
    #expect(ScoreScale.y(1) == 120)
    #expect(ScoreScale.y(4) == 60)
    #expect(ScoreScale.y(.greatestFiniteMagnitude) == 0)
  }

  @Test func `a higher score never stands lower`() {
    var last = ScoreScale.height
    for step in 0..<2000 {
      let y = ScoreScale.y(Float(step) / 100)
      #expect(y <= last)
      last = y
    }
  }
}

@Suite struct ScorePathTests {
  @Test func `a few cells are drawn one by one`() {
    let path = ScorePath([0, 0, 1, 0.5], buckets: 100)
    #expect(path.width == 4)
    #expect(path.line == "M0 200H2V120H3V160H4")
    #expect(path.area == "M0 200V200H2V120H3V160H4V200Z")
    #expect(path.alarms == "M2 196H3")
  }

  @Test func `a missing score is a gap`() {
    let path = ScorePath([.nan, 0, .nan, .nan, 4, .nan], buckets: 100)
    #expect(path.line == "M1 200H2M4 60H5")
    #expect(path.area == "M1 200V200H2V200ZM4 200V60H5V200Z")
    #expect(path.alarms == "M4 196H5")
  }

  @Test func `no scores have no path`() {
    #expect(ScorePath([.nan, .nan], buckets: 5).line.isEmpty)
    #expect(ScorePath([], buckets: 5).line.isEmpty)
  }

  @Test(arguments: [0, 1, 23_456, 46_999])
  func `a single alarm among 47,000 cells stays visible`(cell: Int) {
    var scores = [Float](repeating: 0.25, count: 47_000)
    scores[cell] = 4
    let path = ScorePath(scores, buckets: 1000)
    #expect(path.width == 1000)
    #expect(path.line.contains(cell < 47 ? "M0 60" : "V60"))
    #expect(path.alarms == "M\(cell / 47) 196H\(cell / 47 + 1)")
  }

  @Test func `a gap shorter than a bucket does not hide its scores`() {
    let path = ScorePath([.nan, 1, 0, .nan], buckets: 2)
    #expect(path.line == "M0 120H1V200H2")
  }
}

@Suite struct TimeAxisTests {
  private func axis(_ start: String, _ length: TimeSpan) throws -> [TimeAxis.Tick] {
    let start = try #require(Timestamp(rfc3339: start))
    return TimeAxis(TimeRange(start: start, end: start + length)).ticks
  }

  @Test func `hours have their time and midnight its date`() throws {
    let ticks = try axis("2026-11-22T20:30:00Z", .hours(6))
    #expect(ticks.map(\.label) == ["21:00", "22:00", "23:00", "11-23", "01:00", "02:00"])
    #expect(abs(ticks[0].position - 0.5 / 6) < 1e-12)
  }

  @Test func `a range that starts on a tick names it`() throws {
    let ticks = try axis("2026-11-23T00:00:00Z", .days(6))
    #expect(ticks.map(\.label) == (23...29).map { "11-\($0)" })
    #expect(ticks.first?.position == 0)
    #expect(ticks.last?.position == 1)
  }

  @Test(arguments: [1, 59, 3600, 90_000, 2_592_000, 31_536_000, 3_153_600_000])
  func `no range has more than seven ticks`(seconds: Int64) throws {
    let ticks = try axis("1969-12-31T23:59:59.5Z", .seconds(seconds))
    #expect(ticks.count <= 7)
    #expect(ticks.allSatisfy { $0.position >= 0 && $0.position <= 1 })
  }

  @Test func `no length has no ticks`() throws {
    #expect(try axis("2026-11-23T00:00:00Z", .zero).isEmpty)
  }
}

@Suite struct FigureTests {
  @Test func `decimals are fixed and rounded`() {
    #expect(fixed(0.615, 3) == "0.615")
    #expect(fixed(0.9996, 3) == "1.000")
    #expect(fixed(12.04, 1) == "12.0")
    #expect(fixed(3.5, 0) == "4")
    #expect(fixed(-0.001, 2) == "0.00")
    #expect(fixed(-1.5, 2) == "−1.50")
    #expect(fixed(Double.infinity, 2) == "∞")
    #expect(fixed(nil, 2) == "–")
  }

  @Test func `small and large numbers keep the digits that count`() {
    #expect([0, 0.031, 9.87, 24.53, 117.4].map(rounded) == ["0", "0.03", "9.87", "24.5", "117"])
    #expect(
      [0, 0.00001, 0.0042, 0.5, 0.615, 0.99999, 1].map { percent($0) } == [
        "0 %", "<0.01 %", "0.42 %", "50 %", "61.5 %", ">99.9 %", "100 %",
      ])
    #expect(grouped(1_284_112) == "1,284,112")
    #expect(grouped(999) == "999")
    #expect(counted(1, "incident") == "1 incident")
  }

  @Test func `spans and instants read well`() {
    #expect(duration(.seconds(90)) == "1m30s")
    #expect(duration(TimeSpan(milliseconds: 89_700)) == "1m30s")
    #expect(duration(TimeSpan(milliseconds: 250)) == "250ms")
    #expect(delay(.minutes(2)) == "+2m")
    #expect(delay(.minutes(-2)) == "−2m")
    #expect(delay(nil) == "–")
    #expect(instant(Timestamp(seconds: 1_790_000_040)) == "2026-09-21 14:14Z")
    #expect(instant(Timestamp(seconds: 1_790_000_041)) == "2026-09-21 14:14:01Z")
  }
}
