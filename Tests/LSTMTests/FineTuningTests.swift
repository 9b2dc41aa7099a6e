import LSTM
import LinearAlgebra
import Testing

@Suite struct FineTuningTests {
  static let shared = LSTMTrainerTests.laggedCopy(rows: 1500, lag: 2, seed: 1)

  /// The shared system with another gain, as one of several services would have.
  static func service(rows: Int, seed: UInt64) -> TrainingSequence {
    var rows = LSTMTrainerTests.laggedCopy(rows: rows, lag: 2, seed: seed).rows
    for row in 0..<rows.rows { rows[row, 1] = 0.5 * rows[row, 1] + 0.3 }
    return TrainingSequence(rows: rows)
  }

  static func trainer(epochs: Int, learningRate: Float = 1e-2) -> LSTMTrainer {
    var configuration = LSTMTrainerTests.small
    (configuration.epochs, configuration.learningRate) = (epochs, learningRate)
    return LSTMTrainer(configuration: configuration, seed: 1)
  }

  static func base() throws -> LSTMNetwork { try trainer(epochs: 15).train([shared]).network }

  @Test func `a service of its own kind is forecast better than by the shared model`() throws {
    let base = try Self.base()
    let tuned = try Self.trainer(epochs: 10, learningRate: 2e-3).train(
      [Self.service(rows: 400, seed: 5)], validation: [Self.service(rows: 150, seed: 6)],
      from: FineTuning(base: base))
    let test = Self.service(rows: 300, seed: 7)
    let (before, after) = (
      LSTMTrainerTests.error(of: base, on: test, column: 1, warmUp: 10),
      LSTMTrainerTests.error(of: tuned.network, on: test, column: 1, warmUp: 10)
    )
    #expect(after < 0.5 * before)
    #expect(!tuned.record.keptBase)
    let loss = try #require(tuned.record.baseLoss)
    #expect(tuned.record.validationLoss[tuned.record.bestEpoch] < loss)
  }

  @Test func `a base that no epoch improves is kept, and the record says so`() throws {
    let base = try Self.base()
    // Noise teaches nothing that helps.
    let noise = TrainingSequence(
      rows: Matrix(rows: 200, columns: 2, elements: numbers(400, within: 3, seed: 4)))
    var trainer = Self.trainer(epochs: 20, learningRate: 5e-2)
    trainer.configuration.patience = 3
    let tuned = try trainer.train(
      [noise], validation: [LSTMTrainerTests.laggedCopy(rows: 200, lag: 2, seed: 9)],
      from: FineTuning(base: base))
    #expect(tuned.network == base)
    #expect(tuned.record.keptBase && tuned.record.bestEpoch == -1)
    #expect(tuned.record.epochs == 3 && tuned.record.ending == .patience)
    let loss = try #require(tuned.record.baseLoss)
    #expect(tuned.record.validationLoss.allSatisfy { $0 >= loss })
  }

  @Test(arguments: [["lstm."], ["head.bias", "lstm.weight"], ["lstm.bias_ih_l0"]])
  func `frozen tensors keep their bits and the others move`(frozen: [String]) throws {
    let base = try Self.base()
    var trainer = Self.trainer(epochs: 2)
    trainer.configuration.weightDecay = 0.1
    let tuned = try trainer.train(
      [Self.service(rows: 300, seed: 5)], from: FineTuning(base: base, frozen: frozen)
    ).network
    for tensor in base.shape.tensors {
      let isFrozen = frozen.contains { tensor.name.hasPrefix($0) }
      let equal = base.parameters[tensor.range] == tuned.parameters[tensor.range]
      #expect(equal == isFrozen, "\(tensor.name)")
    }
  }

  @Test func `what cannot be fine-tuned is refused`() throws {
    let data = [Self.service(rows: 50, seed: 5)]
    func message(_ fineTuning: FineTuning) -> String {
      let error = #expect(throws: LSTMError.self) {
        try Self.trainer(epochs: 1).train(data, from: fineTuning)
      }
      return error?.description ?? ""
    }
    let shape = LSTMShape(inputs: 2, hidden: 12, layers: 1, outputs: 2)
    let base = LSTMNetwork(shape: shape, seed: 1)
    #expect(message(FineTuning(base: base, frozen: ["lstm.x"])).contains("freeze is 'lstm.x'"))
    #expect(message(FineTuning(base: base, frozen: ["lstm", "head"])).contains("less than all"))
    for (other, text) in [
      (LSTMShape(inputs: 3, hidden: 12, layers: 1, outputs: 2), "of 3 inputs, 2 outputs"),
      (LSTMShape(inputs: 2, hidden: 4, layers: 1, outputs: 2), "1 layers of 4 units"),
      (LSTMShape(inputs: 2, hidden: 12, layers: 1, outputs: 2, horizon: 4), "horizon 4"),
    ] {
      let message = message(FineTuning(base: LSTMNetwork(shape: other, seed: 1)))
      #expect(message.contains("base model is of") && message.contains(text), "\(message)")
    }
  }
}
