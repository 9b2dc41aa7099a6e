import Foundation
import LSTM
import LinearAlgebra
import Testing

@Suite struct LSTMAutoencoderTrainerTests {
  static var small: LSTMConfiguration {
    var configuration = LSTMConfiguration()
    (configuration.hidden, configuration.epochs, configuration.batch) = (12, 60, 16)
    (configuration.learningRate, configuration.patience) = (1e-2, 60)
    return configuration
  }

  /// Sines of random phase: a window is known from its phase.
  static func sines(_ count: Int, seed: UInt64) -> [TrainingSequence] {
    numbers(count, within: 3.1416, seed: seed).map { phase in
      let values = (0..<12).map { Float(sin(Double($0) * 0.5 + Double(phase))) }
      return TrainingSequence(rows: Matrix(rows: 12, columns: 1, elements: values))
    }
  }

  static func error(_ autoencoder: LSTMAutoencoder, _ window: Matrix) -> Double {
    zip(autoencoder.reconstruct(window).elements, window.elements)
      .reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) } / Double(window.rows)
  }

  @Test func `windows like those learnt are reconstructed and others are not`() throws {
    let trained = try LSTMAutoencoderTrainer(configuration: Self.small, window: 12, seed: 1)
      .train(Self.sines(200, seed: 1), validation: Self.sines(40, seed: 2))
    let usual = Self.sines(20, seed: 3).map { Self.error(trained.autoencoder, $0.rows) }
    // A sine has a variance of 1/2, noise of the same one nothing that could be remembered.
    let noise = (0..<20).map {
      Self.error(
        trained.autoencoder,
        Matrix(
          rows: 12, columns: 1,
          elements: numbers(12, within: Float(1.5).squareRoot(), seed: 50 + UInt64($0))))
    }
    let mean = usual.reduce(0, +) / 20
    #expect(mean < 0.05)
    #expect(noise.reduce(0, +) / 20 > 5 * mean)
    let loss = trained.record.validationLoss[trained.record.bestEpoch]
    #expect(loss == trained.record.validationLoss.min())
    let checks = Self.sines(40, seed: 2).map { Self.error(trained.autoencoder, $0.rows) }
    #expect(abs(checks.reduce(0, +) / 40 / loss - 1) < 1e-4)
  }

  @Test func `training has the same bits on any number of threads`() throws {
    var configuration = Self.small
    (configuration.epochs, configuration.layers, configuration.shardLanes) = (2, 2, 3)
    let data = [LSTMTrainerTests.laggedCopy(rows: 150, lag: 2, seed: 4)]
    let all = try [1, 2, 8].map { threads in
      var trainer = LSTMAutoencoderTrainer(
        configuration: configuration, window: 9, stride: 2, seed: 3)
      trainer.threads = threads
      return try trainer.train(data, validation: data)
    }
    #expect(all.allSatisfy { $0.autoencoder == all[0].autoencoder && $0.record == all[0].record })
    #expect(all[0].record.trainLoss[1] < all[0].record.trainLoss[0])
  }

  @Test func `values that are not observed do not count`() throws {
    var configuration = Self.small
    configuration.epochs = 2
    let base = LSTMTrainerTests.laggedCopy(rows: 60, lag: 2, seed: 10)
    func train(observed: [Bool], outputs: Int) throws -> TrainingRecord {
      try LSTMAutoencoderTrainer(configuration: configuration, window: 10, seed: 1)
        .train([TrainingSequence(rows: base.rows, observed: observed)], outputs: outputs).record
    }
    let first = (0..<120).map { $0 % 2 == 0 }
    let of = (
      both: try train(observed: first.map { _ in true }, outputs: 2),
      first: try train(observed: first, outputs: 2)
    )
    #expect(of.both != of.first)
    #expect(of.first.trainLoss.allSatisfy { $0.isFinite })
  }

  @Test func `rows count by their weights, of which only ratios matter`() throws {
    var configuration = Self.small
    configuration.epochs = 2
    let base = LSTMTrainerTests.laggedCopy(rows: 60, lag: 2, seed: 10)
    func train(_ first: Float, _ second: Float) throws -> TrainingRecord {
      try LSTMAutoencoderTrainer(configuration: configuration, window: 10, seed: 1).train([
        TrainingSequence(
          rows: base.rows, observed: base.observed,
          rowWeights: (0..<60).map { $0 < 40 ? first : second })
      ]).record
    }
    let equal = try train(1, 1)
    #expect(try train(2, 2) == equal)
    #expect(try train(1, 0) != equal)
    #expect(try train(1, 0) == train(4, 0))
  }

  @Test func `data without a window and bad inputs are refused`() {
    let trainer = LSTMAutoencoderTrainer(configuration: Self.small, window: 13, seed: 1)
    let error = #expect(throws: LSTMError.self) { try trainer.train(Self.sines(3, seed: 1)) }
    #expect(error == .noWindows(part: "training", length: 13))
    #expect(error?.description.contains("shorten the window") == true)
    #expect(throws: LSTMError.noWindows(part: "training", length: 13)) { try trainer.train([]) }
    let rows = Matrix(rows: 20, columns: 1)
    let blind = TrainingSequence(rows: rows, observed: Array(repeating: false, count: 20))
    #expect(throws: LSTMError.noWindows(part: "validation", length: 13)) {
      try trainer.train([TrainingSequence(rows: rows)], validation: [blind])
    }
    let wild = TrainingSequence(rows: Matrix(rows: 20, columns: 1, repeating: .infinity))
    #expect(throws: LSTMError.nonFiniteInput(part: "training", sequence: 0, row: 0, column: 0)) {
      try trainer.train([wild])
    }
  }
}
