import LSTM
import LinearAlgebra
import Testing

@Suite struct WindowPlanTests {
  @Test func `windows start a stride apart, end with their sequence and miss no step`() {
    let plan = WindowPlan(lengths: [10], stride: 4)
    let windows = plan.windows(length: 10, steps: [21, 10, 3, 0, 18])
    #expect(windows.filter { $0.sequence == 0 }.map(\.start) == [0, 4, 8, 11])
    #expect(windows.filter { $0.sequence == 1 }.map(\.start) == [0])
    #expect(windows.filter { $0.sequence == 2 }.map(\.start) == [0])
    #expect(windows.filter { $0.sequence == 2 }.map(\.steps) == [3])
    #expect(windows.filter { $0.sequence == 3 }.isEmpty)
    #expect(windows.filter { $0.sequence == 4 }.map(\.start) == [0, 4, 8])
    #expect(windows.filter { $0.sequence != 2 }.allSatisfy { $0.steps == 10 })
  }

  @Test func `windows never cross from one sequence into another`() {
    let steps = [5, 17, 40]
    let windows = WindowPlan(lengths: [9], stride: 2).windows(length: 9, steps: steps)
    #expect(windows.allSatisfy { $0.start >= 0 && $0.start + $0.steps <= steps[$0.sequence] })
  }

  /// Both plans forecast; windows see as much of the past as the lag needs.
  @Test(arguments: WindowPlan.Loss.allCases, [[12], [6, 12, 20]])
  func `a copy that lags is learned from windows`(loss: WindowPlan.Loss, lengths: [Int]) throws {
    var configuration = LSTMTrainerTests.small
    (configuration.epochs, configuration.batch) = (15, 32)
    configuration.windows = WindowPlan(lengths: lengths, stride: 3, loss: loss)
    let trained = try LSTMTrainer(configuration: configuration, seed: 2).train(
      [LSTMTrainerTests.laggedCopy(rows: 3000, lag: 3, seed: 1)],
      validation: [LSTMTrainerTests.laggedCopy(rows: 400, lag: 3, seed: 2)])
    let test = LSTMTrainerTests.laggedCopy(rows: 400, lag: 3, seed: 3)
    let error = LSTMTrainerTests.error(of: trained.network, on: test, column: 1, warmUp: 20)
    #expect(error < 0.1 * LSTMTrainerTests.persistence(test, column: 1))
  }

  @Test func `with the loss on the last step no other target counts`() throws {
    var configuration = LSTMTrainerTests.small
    configuration.epochs = 2
    configuration.windows = WindowPlan(lengths: [10], stride: 10, loss: .last)
    // Windows of rows 0 to 10, 10 to 20 and so on: their last targets are rows 10, 20, ...
    let rows = LSTMTrainerTests.laggedCopy(rows: 101, lag: 2, seed: 10).rows
    func train(observed: (Int) -> Bool) throws -> LSTMNetwork {
      let marks = (0..<202).map { observed($0 / 2) }
      return try LSTMTrainer(configuration: configuration, seed: 1)
        .train([TrainingSequence(rows: rows, observed: marks)]).network
    }
    let all = try train { _ in true }
    #expect(try train { $0 % 10 == 0 } == all)
    #expect(try train { $0 % 20 == 0 } != all)
  }

  @Test func `windows that leave out a gap never see it`() throws {
    var configuration = LSTMTrainerTests.small
    configuration.epochs = 2
    configuration.windows = WindowPlan(lengths: [8, 15], stride: 5)
    // Time before and after a gap comes as two sequences; one after the other or far apart, the
    // windows are the same. As one sequence they are others.
    let (before, after) = (
      LSTMTrainerTests.laggedCopy(rows: 60, lag: 2, seed: 1),
      LSTMTrainerTests.laggedCopy(rows: 70, lag: 2, seed: 2)
    )
    let trainer = LSTMTrainer(configuration: configuration, seed: 1)
    let split = try trainer.train([before, after]).network
    var joined = before.rows
    for row in 0..<70 { joined.append(row: [after.rows[row, 0], after.rows[row, 1]]) }
    #expect(try trainer.train([TrainingSequence(rows: joined)]).network != split)
  }

  @Test(arguments: [
    WindowPlan(lengths: [], stride: 1), WindowPlan(lengths: [0], stride: 1),
    WindowPlan(lengths: [4, 4], stride: 1), WindowPlan(lengths: [4], stride: 0),
  ])
  func `a plan that cannot be is refused`(plan: WindowPlan) {
    var configuration = LSTMConfiguration()
    configuration.windows = plan
    #expect(throws: LSTMError.self) { try configuration.validate() }
  }
}
