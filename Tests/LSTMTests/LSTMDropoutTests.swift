import LSTM
import LinearAlgebra
import Testing

@Suite struct LSTMDropoutTests {
  let shape = LSTMShape(inputs: 2, hidden: 64, layers: 2, outputs: 2)

  @Test func `steps of the optimiser and seeds drop differently`() {
    let network = LSTMNetwork(shape: shape, seed: 1)
    let batch = LSTMBatch.random(shape, lanes: 3, steps: 4, seed: 2)
    func loss(_ seed: UInt64, _ step: Int, rate: Float = 0.5) -> Double {
      network.gradients(of: batch, dropout: LSTMDropout(rate: rate, seed: seed, step: step)).loss
    }
    #expect(loss(1, 1) == loss(1, 1))
    #expect(Set([loss(1, 1), loss(1, 2), loss(2, 1)]).count == 3)
    #expect(loss(1, 1, rate: 0) == network.gradients(of: batch).loss)
  }

  @Test func `a single layer has nothing to drop`() {
    let shape = LSTMShape(inputs: 2, hidden: 8, layers: 1, outputs: 2)
    let network = LSTMNetwork(shape: shape, seed: 1)
    let batch = LSTMBatch.random(shape, lanes: 3, steps: 4, seed: 2)
    let dropped = network.gradients(of: batch, dropout: LSTMDropout(rate: 0.9, seed: 1, step: 1))
    #expect(dropped == network.gradients(of: batch))
  }

  @Test func `the right share is dropped and the mean is kept`() {
    let scale = ReferenceLSTM.dropoutScales(
      rate: 0.3, seed: 1, step: 2, shape: shape, lanes: 10, steps: 40)
    var (sum, zeros) = (0.0, 0.0)
    for time in 0..<40 {
      for lane in 0..<10 {
        for unit in 0..<64 {
          sum += scale(0, time, lane, unit)
          zeros += scale(0, time, lane, unit) == 0 ? 1 : 0
        }
      }
    }
    #expect(abs(zeros / 25_600 - 0.3) < 0.01)
    #expect(abs(sum / 25_600 - 1) < 0.015)
  }

  @Test func `validation drops nothing`() throws {
    var configuration = LSTMTrainerTests.small
    (configuration.epochs, configuration.layers, configuration.dropout) = (2, 2, 0.5)
    let validation = LSTMTrainerTests.laggedCopy(rows: 90, lag: 2, seed: 6)
    let trained = try LSTMTrainer(configuration: configuration, seed: 3)
      .train([LSTMTrainerTests.laggedCopy(rows: 500, lag: 2, seed: 4)], validation: [validation])
    let expected = trained.record.validationLoss[trained.record.bestEpoch]
    let error = (0..<2).reduce(0.0) {
      $0 + LSTMTrainerTests.error(of: trained.network, on: validation, column: $1, warmUp: 0) / 2
    }
    #expect(abs(error / expected - 1) < 1e-5)
  }
}
