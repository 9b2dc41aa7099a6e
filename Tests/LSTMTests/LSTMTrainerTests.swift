import Diagnostics
import Foundation
import LSTM
import LinearAlgebra
import Synchronization
import Testing

@Suite struct LSTMTrainerTests {
  /// A quick configuration for small problems.
  static var small: LSTMConfiguration {
    var configuration = LSTMConfiguration()
    (configuration.hidden, configuration.epochs) = (12, 25)
    (configuration.chunk, configuration.stretch, configuration.batch) = (20, 80, 8)
    configuration.learningRate = 1e-2
    return configuration
  }

  /// Rows of two channels: noise, and the same noise `lag` rows later.
  static func laggedCopy(rows count: Int, lag: Int, seed: UInt64) -> TrainingSequence {
    let noise = numbers(count + lag, within: 1.7, seed: seed)
    var rows = Matrix(rows: 0, columns: 2)
    for row in 0..<count { rows.append(row: [noise[row + lag], noise[row]]) }
    return TrainingSequence(rows: rows)
  }

  static func sine(rows count: Int, from start: Int = 0) -> TrainingSequence {
    let values = (start..<start + count).map { Float(sin(Double($0) * 0.3)) }
    return TrainingSequence(rows: Matrix(rows: count, columns: 1, elements: values))
  }

  /// The mean squared error of forecasting the last row again, for one column.
  static func persistence(_ sequence: TrainingSequence, column: Int) -> Double {
    let values = (0..<sequence.rows.rows).map { Double(sequence.rows[$0, column]) }
    return zip(values, values.dropFirst()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      / Double(values.count - 1)
  }

  /// The mean squared error of streaming a sequence, for one column, after `warmUp` rows.
  static func error(
    of network: LSTMNetwork, on sequence: TrainingSequence, column: Int, warmUp: Int
  ) -> Double {
    var state = LSTMState(for: network.shape)
    let forecasts = LSTMStepperTests.stream(network, sequence.rows.elements, &state)
    let rows = warmUp..<sequence.rows.rows - 1
    return rows.reduce(0) { sum, row in
      let error =
        Double(forecasts[row * network.shape.outputs + column])
        - Double(sequence.rows[row + 1, column])
      return sum + error * error
    } / Double(rows.count)
  }

  @Test func `a sine is forecast far better than by its last value`() throws {
    let test = Self.sine(rows: 300, from: 5000)
    let trained = try LSTMTrainer(configuration: Self.small, seed: 1)
      .train([Self.sine(rows: 2000)], validation: [Self.sine(rows: 300, from: 2000)])
    let error = Self.error(of: trained.network, on: test, column: 0, warmUp: 20)
    #expect(error < 0.05 * Self.persistence(test, column: 0))
    #expect(trained.record.trainLoss[0] > (trained.record.trainLoss.last ?? .infinity))
  }

  @Test(arguments: [1, 2]) func `a copy that lags is found although each channel is noise`(
    layers: Int
  ) throws {
    var configuration = Self.small
    configuration.layers = layers
    let trained = try LSTMTrainer(configuration: configuration, seed: 2)
      .train(
        [Self.laggedCopy(rows: 3000, lag: 3, seed: 1)],
        validation: [Self.laggedCopy(rows: 400, lag: 3, seed: 2)])
    let test = Self.laggedCopy(rows: 400, lag: 3, seed: 3)
    // The second channel is known from the first; of the first nothing can be known, so its error
    // stays near the variance of the noise, 1.7² / 3.
    let copy = Self.error(of: trained.network, on: test, column: 1, warmUp: 20)
    let noise = Self.error(of: trained.network, on: test, column: 0, warmUp: 20)
    #expect(copy < 0.1 * Self.persistence(test, column: 1))
    #expect(noise > 0.8 && noise < 1.2)
  }

  @Test func `equal data, configuration and seed give equal weights and records`() throws {
    var configuration = Self.small
    configuration.epochs = 3
    let data = [
      Self.laggedCopy(rows: 500, lag: 2, seed: 4), Self.laggedCopy(rows: 37, lag: 2, seed: 5),
    ]
    func train(_ seed: UInt64) throws -> (network: LSTMNetwork, record: TrainingRecord) {
      try LSTMTrainer(configuration: configuration, seed: seed)
        .train(data, validation: [Self.laggedCopy(rows: 90, lag: 2, seed: 6)])
    }
    let (first, second) = (try train(3), try train(3))
    #expect(first.network == second.network)
    #expect(first.record == second.record)
    #expect(try train(4).network != first.network)
  }

  @Test func `training on other threads at once gives the same weights`() async throws {
    var configuration = Self.small
    configuration.epochs = 2
    let trainer = LSTMTrainer(configuration: configuration, seed: 5)
    let data = [Self.laggedCopy(rows: 600, lag: 2, seed: 7)]
    let expected = try trainer.train(data).network
    let all = try await withThrowingTaskGroup(of: LSTMNetwork.self) { group in
      for _ in 0..<4 { group.addTask { try trainer.train(data).network } }
      return try await group.reduce(into: [LSTMNetwork]()) { $0.append($1) }
    }
    #expect(all.allSatisfy { $0 == expected })
  }

  @Test func `validation that gets worse stops training and brings the best weights back`() throws {
    var configuration = Self.small
    (configuration.epochs, configuration.patience) = (40, 3)
    // What a sine teaches is soon wrong for noise.
    let noise = Matrix(rows: 300, columns: 1, elements: numbers(300, seed: 8))
    let (training, validation) = ([Self.sine(rows: 600)], [TrainingSequence(rows: noise)])
    let trainer = LSTMTrainer(configuration: configuration, seed: 6)
    let stopped = try trainer.train(training, validation: validation)
    let record = stopped.record
    #expect(record.epochs < 40)
    #expect(record.epochs == record.bestEpoch + 1 + 3)
    let lowest = try #require(record.validationLoss.min())
    #expect(record.validationLoss[record.bestEpoch] == lowest)
    // Without validation the run goes on to the last epoch; cut there, it is the same network.
    var short = configuration
    short.epochs = record.bestEpoch + 1
    let again = try LSTMTrainer(configuration: short, seed: 6).train(training)
    #expect(again.network == stopped.network)
    #expect(again.record.bestEpoch == record.bestEpoch)
    #expect(again.record.validationLoss.isEmpty)
  }

  @Test func `a minimum improvement is asked for`() throws {
    var configuration = Self.small
    (configuration.patience, configuration.minimumDelta) = (2, 1e9)
    let record = try LSTMTrainer(configuration: configuration, seed: 6)
      .train([Self.sine(rows: 300)], validation: [Self.sine(rows: 100)]).record
    #expect(record.bestEpoch == 0)
    #expect(record.epochs == 3)
  }

  @Test func `the validation loss is that of streaming the sequences`() throws {
    var configuration = Self.small
    (configuration.epochs, configuration.batch) = (2, 3)
    let lengths = [50, 20, 21, 99, 2, 1]
    let validation = lengths.enumerated()
      .map { Self.laggedCopy(rows: $1, lag: 2, seed: UInt64(40 + $0)) }
    let trained = try LSTMTrainer(configuration: configuration, seed: 9)
      .train([Self.laggedCopy(rows: 400, lag: 2, seed: 30)], validation: validation)
    var (sum, count) = (0.0, 0.0)
    for sequence in validation where sequence.rows.rows > 1 {
      for column in 0..<2 {
        let steps = Double(sequence.rows.rows - 1)
        sum += steps * Self.error(of: trained.network, on: sequence, column: column, warmUp: 0)
        count += steps
      }
    }
    let expected = trained.record.validationLoss[trained.record.bestEpoch]
    #expect(abs(sum / count / expected - 1) < 1e-5)
  }

  @Test func `values that are not observed are no targets`() throws {
    var configuration = Self.small
    configuration.epochs = 2
    // Only the second channel counts. The last row of the first channel is never an input, so it
    // may be anything.
    let base = Self.laggedCopy(rows: 300, lag: 2, seed: 10)
    let observed = (0..<600).map { $0 % 2 == 1 }
    func train(lastValue: Float) throws -> LSTMNetwork {
      var rows = base.rows
      rows[299, 0] = lastValue
      return try LSTMTrainer(configuration: configuration, seed: 1)
        .train([TrainingSequence(rows: rows, observed: observed)]).network
    }
    #expect(try train(lastValue: 0) == train(lastValue: 1e20))
  }

  @Test func `columns beyond the outputs are inputs alone`() throws {
    var configuration = Self.small
    configuration.epochs = 1
    let trained = try LSTMTrainer(configuration: configuration, seed: 1)
      .train([Self.laggedCopy(rows: 200, lag: 1, seed: 11)], outputs: 1)
    #expect(trained.network.shape == LSTMShape(inputs: 2, hidden: 12, layers: 1, outputs: 1))
  }

  @Test func `progress tells every epoch`() throws {
    var configuration = Self.small
    configuration.epochs = 3
    let events = Mutex<[String]>([])
    var control = TrainingControl()
    control.clock = { .zero }
    _ = try LSTMTrainer(configuration: configuration, seed: 1)
      .train([Self.sine(rows: 200)], validation: [Self.sine(rows: 50)], control: control) { event in
        events.withLock {
          $0.append("\(event.stage) \(event.completed)/\(event.total) \(event.detail)")
        }
      }
    let lines = events.withLock { $0 }
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("train lstm 2/3 loss "))
    #expect(lines[1].contains("validation"))
  }

  @Test func `a loss that leaves the finite numbers is reported`() {
    var configuration = Self.small
    (configuration.learningRate, configuration.gradientNorm) = (1e30, 1e30)
    let trainer = LSTMTrainer(configuration: configuration, seed: 1)
    let error = #expect(throws: LSTMError.self) { try trainer.train([Self.sine(rows: 500)]) }
    guard case .diverged(part: "training", epoch: 0, let step, learningRate: 1e30) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step > 0)
    #expect(error?.description.contains("epoch 0, step \(step), at learning rate 1e+30") == true)
    #expect(error?.kind == .invalidInput)
    #expect(error?.description.contains("lower the learning rate") == true)
  }

  @Test func `inputs that are not finite are named`() {
    var rows = Self.laggedCopy(rows: 10, lag: 1, seed: 1).rows
    rows[7, 1] = .nan
    let trainer = LSTMTrainer(configuration: Self.small, seed: 1)
    #expect(throws: LSTMError.nonFiniteInput(part: "training", sequence: 1, row: 7, column: 1)) {
      try trainer.train([Self.laggedCopy(rows: 10, lag: 1, seed: 1), TrainingSequence(rows: rows)])
    }
  }

  @Test func `sequences without targets are refused`() {
    let trainer = LSTMTrainer(configuration: Self.small, seed: 1)
    let single = TrainingSequence(rows: Matrix(rows: 1, columns: 2))
    let blind = TrainingSequence(
      rows: Matrix(rows: 3, columns: 1), observed: [true, false, false])
    for sequences in [[], [single], [blind]] {
      #expect(throws: LSTMError.noTargets(part: "training")) { try trainer.train(sequences) }
    }
    #expect(throws: LSTMError.noTargets(part: "validation")) {
      try trainer.train([Self.sine(rows: 9)], validation: [blind])
    }
  }

  @Test func `settings outside their range are named`() {
    var configuration = LSTMConfiguration()
    #expect(throws: Never.self) { try configuration.validate() }
    configuration.stretch = 10
    #expect(
      throws: LSTMError.invalidConfiguration(
        name: "stretch", value: "10", allowed: "at least chunk (25)")
    ) { try LSTMTrainer(configuration: configuration, seed: 1).train([Self.sine(rows: 9)]) }
    configuration = LSTMConfiguration()
    configuration.learningRate = .nan
    #expect(throws: LSTMError.self) { try configuration.validate() }
  }
}
