import Pipeline
import Storage
import Telemetry
import Testing

private let grid = TimeGrid(
  first: Timestamp(seconds: 600), interval: .minutes(10), count: 1000)

@Suite struct SplitTests {
  @Test func `fractions divide the grid into three parts without gap or overlap`() throws {
    let split = try SplitPlan.fractions(train: 0.5, calibration: 0.2)
      .split(grid, publishedTestStart: nil)
    let parts = [split.train, split.calibration, split.test].map { grid.indices(in: $0[0]) }
    #expect(parts == [0..<500, 500..<700, 700..<1000])
    #expect(!split.testsBeforeFitting)
  }

  @Test func `the published test part stays the test, calibration takes the end of the rest`()
    throws
  {
    let start = grid.timestamp(at: 599)
    let split = try SplitPlan.published(calibration: 0.25).split(grid, publishedTestStart: start)
    let parts = [split.train, split.calibration, split.test].map { grid.indices(in: $0[0]) }
    #expect(parts == [0..<450, 450..<600, 600..<1000])
    #expect(throws: PipelineError.noPublishedSplit) {
      try SplitPlan.published(calibration: 0.25).split(grid, publishedTestStart: nil)
    }
  }

  @Test func `an embargo keeps time between what is fitted and what is tested`() throws {
    let shares = try SplitPlan.fractions(train: 0.5, calibration: 0.2, embargo: .minutes(100))
      .split(grid, publishedTestStart: nil)
    #expect(grid.indices(in: shares.calibration[0]) == 500..<700)
    #expect(grid.indices(in: shares.test[0]) == 710..<1000)
    let published = try SplitPlan.published(calibration: 0.25, embargo: .minutes(100))
      .split(grid, publishedTestStart: grid.timestamp(at: 599))
    // The published test stays whole; the embargo is taken from calibration.
    #expect(grid.indices(in: published.calibration[0]) == 450..<590)
    #expect(grid.indices(in: published.test[0]) == 600..<1000)
    #expect(throws: PipelineError.self) {
      try SplitPlan.fractions(train: 0.5, calibration: 0.2, embargo: .minutes(3000))
        .split(grid, publishedTestStart: nil)
    }
  }

  @Test func `a part without cells is an error that names it`() {
    let far = TimeRange(start: Timestamp(seconds: 9_000_000), end: Timestamp(seconds: 9_100_000))
    let near = TimeRange(start: Timestamp(seconds: 600), end: Timestamp(seconds: 60_000))
    #expect(throws: PipelineError.emptySplit(part: "train", range: grid.range)) {
      try SplitPlan.ranges(train: [far], calibration: [near], test: [near])
        .split(grid, publishedTestStart: nil)
    }
  }

  @Test func `a split knows when it tests on time before the end of fitting`() throws {
    func range(_ from: Int64, _ to: Int64) -> TimeRange {
      TimeRange(start: Timestamp(seconds: from * 600), end: Timestamp(seconds: to * 600))
    }
    let split = Split(
      train: [range(100, 200)], calibration: [range(200, 250)],
      test: [range(0, 100), range(250, 300)])
    #expect(split.testsBeforeFitting)
    #expect(try Split(json: JSONDocument(split.json(), source: "s")) == split)
  }
}
