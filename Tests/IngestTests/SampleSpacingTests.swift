import Ingest
import Telemetry
import Testing

@Suite struct SampleSpacingTests {
  /// A gauge with a sample at each of the instants, in seconds.
  private func report(_ times: [Double]) throws -> IngestReport {
    try load([(labels("mem"), times.map { ($0, "1") })]).report
  }

  private func count(_ reason: String, _ report: IngestReport) -> Int {
    report.defects.first { $0.reason == reason && $0.effect == .noted }?.count ?? 0
  }

  @Test func `a scrape interval that changes is told once a change`() throws {
    let slow = (0..<10).map { Double($0) * 60 }
    let fast = (1..<40).map { 540 + Double($0) * 15 }
    let again = (1..<10).map { 1125 + Double($0) * 60 }
    let found = try report(slow + fast + again)
    #expect(count("interval_changed", found) == 2 && count("clock_shift", found) == 0)
    #expect(found.skipped == 0)
  }

  @Test func `a clock that is set shows in instants that go on shifted`() throws {
    let before = (0..<10).map { Double($0) * 60 }
    for shift in [37.0, 83, 3623] {
      let after = (0..<10).map { 540 + shift + Double($0) * 60 }
      let found = try report(before + after)
      #expect(count("clock_shift", found) == 1, "\(shift) s")
      #expect(count("interval_changed", found) == 0, "\(shift) s")
    }
  }

  @Test func `missed scrapes, outages and jitter show neither`() throws {
    let missed: Set<Int> = [7, 20, 21, 40, 45, 46, 47, 48, 49]
    let times = (0..<60).filter { !missed.contains($0) }.map { step -> Double in
      let jitter = Double(step * 7 % 5) / 2
      return Double(step * 60) + jitter
    }
    let found = try report(times)
    #expect(count("clock_shift", found) == 0 && count("interval_changed", found) == 0)
  }

  @Test func `irregular instants show neither`() throws {
    var random = SeededRandom(seed: 5)
    var (times, time) = ([Double](), 0.0)
    for _ in 0..<500 {
      time += Double(1 + random.next(below: 200))
      times.append(time)
    }
    let found = try report(times)
    #expect(count("clock_shift", found) == 0 && count("interval_changed", found) == 0)
  }

  @Test func `an instant before the one before it in a file is out of order`() throws {
    let found = try report([0, 60, 120, 90, 150, 210])
    #expect(found.defects.first { $0.reason == "out_of_order" }?.count == 1)
  }
}
