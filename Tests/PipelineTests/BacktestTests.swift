import Evaluation
import Pipeline
import Telemetry
import Testing

@Suite struct BacktestTests {
  private let grid = TimeGrid(
    first: Timestamp(seconds: 600), interval: .minutes(10), count: 1000)

  @Test func `folds follow each other without gap, each fitted on all that came before`() throws {
    var plan = BacktestPlan()
    (plan.folds, plan.first, plan.calibration) = (3, 0.4, 0.25)
    let splits = try plan.splits(grid)
    #expect(splits.map { grid.indices(in: $0.train[0]) } == [0..<300, 0..<450, 0..<600])
    #expect(
      splits.map { grid.indices(in: $0.calibration[0]) } == [300..<400, 450..<600, 600..<800])
    #expect(splits.map { grid.indices(in: $0.test[0]) } == [400..<600, 600..<800, 800..<1000])
  }

  @Test func `an embargo and a limited history move the ends`() throws {
    var plan = BacktestPlan()
    (plan.folds, plan.first, plan.calibration) = (2, 0.5, 0.2)
    (plan.embargo, plan.history) = (.minutes(100), .minutes(2000))
    let splits = try plan.splits(grid)
    #expect(splits.map { grid.indices(in: $0.train[0]) } == [300..<460, 550..<710])
    #expect(splits.map { grid.indices(in: $0.test[0]) } == [510..<750, 760..<1000])
    plan.embargo = .minutes(2500)
    #expect(throws: PipelineError.self) { try plan.splits(grid) }
  }

  @Test func `a fold sees nothing of what comes after its own test`() async throws {
    var plan = BacktestPlan()
    (plan.folds, plan.first) = (2, 0.5)
    func run(_ dataset: Dataset, threads: Int) async throws -> BacktestResult {
      try await Backtest(
        configuration: smallConfiguration(), plan: plan, threads: threads, progress: { _ in }
      )(dataset)
    }
    let dataset = smallSystem()
    let whole = try await run(dataset, threads: 2)
    var changed = dataset
    // The second fold's test is the last quarter: 900 to 1200.
    for row in 910..<1200 { changed.services[0].values[row * 3 + 1] += 500 }
    changed.incidents[3].start = changed.incidents[3].start + .minutes(30)
    let other = try await run(changed, threads: 1)
    func bits(_ result: BacktestResult, _ cells: Range<Int>) -> [[UInt32]] {
      result.scores.map { service in cells.map { service.scores[$0].bitPattern } }
    }
    #expect(bits(whole, 600..<900) == bits(other, 600..<900))
    #expect(bits(whole, 910..<1200) != bits(other, 910..<1200))
    #expect(whole.folds[0] == other.folds[0])
    #expect(whole.pooled.counts.incidents == 3)
    #expect(whole.pooled.plan.test.count == 2)
    // Nothing before the first test is scored.
    #expect(whole.scores.allSatisfy { $0.scores[..<600].allSatisfy(\.isNaN) })
  }
}
