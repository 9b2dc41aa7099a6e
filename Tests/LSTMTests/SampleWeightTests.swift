import LSTM
import LinearAlgebra
import Testing

@Suite struct SampleWeightTests {
  static let data = [
    LSTMTrainerTests.laggedCopy(rows: 90, lag: 2, seed: 1),
    LSTMTrainerTests.laggedCopy(rows: 90, lag: 2, seed: 2),
  ]

  static var trainer: LSTMTrainer {
    var configuration = LSTMTrainerTests.small
    configuration.epochs = 2
    return LSTMTrainer(configuration: configuration, seed: 1)
  }

  static func weighted(_ sequence: TrainingSequence, _ weight: Float) -> TrainingSequence {
    TrainingSequence(rows: sequence.rows, observed: sequence.observed, weight: weight)
  }

  @Test func `equal weights are no weights, however large`() throws {
    let plain = try Self.trainer.train(Self.data)
    let same = try Self.trainer.train(Self.data.map { Self.weighted($0, 8) })
    #expect(same.network == plain.network)
    for (left, right) in zip(same.record.trainLoss, plain.record.trainLoss) {
      #expect(abs(left / right - 1) < 1e-12)
    }
  }

  @Test func `a loss and its gradient are weighted means`() {
    let shape = LSTMShape(inputs: 3, hidden: 4, layers: 1, outputs: 2)
    let network = LSTMNetwork(shape: shape, seed: 1)
    let batch = LSTMBatch.random(shape, lanes: 3, steps: 5, seed: 2)
    // One target at a time gives its loss and gradient alone.
    var (loss, total) = (0.0, 0.0)
    var gradient = Array(repeating: 0.0, count: shape.parameterCount)
    var weighted = batch
    for index in batch.observed.indices where batch.observed[index] > 0 {
      let weight = Double(index % 4) / 2
      weighted.observed[index] = Float(weight)
      var single = batch
      for other in single.observed.indices { single.observed[other] = other == index ? 1 : 0 }
      let part = network.gradients(of: single)
      loss += weight * part.loss
      total += weight
      for (place, value) in part.values.enumerated() { gradient[place] += weight * Double(value) }
    }
    let found = network.gradients(of: weighted)
    #expect(abs(found.loss / (loss / total) - 1) < 1e-6)
    #expect(relativeError(found.values, gradient.map { $0 / total }) < 1e-5)
  }

  @Test func `a row of weight zero counts like one that is not observed`() throws {
    let rows = Self.data[0].rows
    let marks = (0..<180).map { $0 / 2 % 3 != 0 }
    let weights = (0..<90).map { $0 % 3 != 0 ? Float(1) : 0 }
    let masked = try Self.trainer.train([TrainingSequence(rows: rows, observed: marks)]).network
    let unweighted = TrainingSequence(
      rows: rows, observed: Array(repeating: true, count: 180), rowWeights: weights)
    #expect(try Self.trainer.train([unweighted]).network == masked)
    #expect(try Self.trainer.train([Self.data[0]]).network != masked)
  }

  @Test func `a sequence that counts more is forecast better`() throws {
    // One channel copies, in the other sequence it copies the opposite: no network does both.
    let contrary = (0..<2).map { index -> TrainingSequence in
      let base = LSTMTrainerTests.laggedCopy(rows: 600, lag: 1, seed: UInt64(index))
      var rows = base.rows
      if index == 1 { for row in 0..<600 { rows[row, 1] = -rows[row, 1] } }
      return TrainingSequence(rows: rows)
    }
    var trainer = Self.trainer
    (trainer.configuration.hidden, trainer.configuration.epochs) = (2, 20)
    func errors(_ weights: [Float]) throws -> [Double] {
      let network = try trainer.train(zip(contrary, weights).map { Self.weighted($0, $1) }).network
      return contrary.map {
        LSTMTrainerTests.error(of: network, on: $0, column: 1, warmUp: 5)
      }
    }
    let (first, second) = (try errors([20, 1]), try errors([1, 20]))
    #expect(first[0] < 0.5 * second[0])
    #expect(second[1] < 0.5 * first[1])
  }

  @Test func `a weight that cannot be is named`() {
    let sequence = TrainingSequence(
      rows: Self.data[0].rows, observed: Self.data[0].observed,
      rowWeights: (0..<90).map { $0 == 7 ? -1 : 1 })
    let error = #expect(throws: LSTMError.self) {
      try Self.trainer.train([Self.data[1], sequence])
    }
    #expect(error == .invalidWeight(part: "training", sequence: 1, row: 7, value: -1))
  }

  @Test func `sequences that count nothing are no sequences to learn from`() {
    #expect(throws: LSTMError.noTargets(part: "training")) {
      try Self.trainer.train([Self.weighted(Self.data[0], 0)])
    }
  }
}
