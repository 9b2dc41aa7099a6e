import LSTM
import LinearAlgebra
import Synchronization
import Testing

@Suite struct LSTMShardsTests {
  static let shapes = [
    LSTMShape(inputs: 3, hidden: 8, layers: 1, outputs: 3),
    LSTMShape(
      inputs: 3, hidden: 9, layers: 2, outputs: 2, horizon: 2, quantiles: [0.1, 0.5],
      layerNorm: true),
  ]

  static func shards(
    _ batch: LSTMBatch, dropout: Bool = false, lanes: Int, threads: Int
  ) -> LSTMShards {
    LSTMShards(
      shape: batch.shape, lanes: batch.lanes, steps: batch.steps, headSteps: batch.headSteps,
      dropout: dropout, shardLanes: lanes, threads: WorkerThreads(threads: threads))
  }

  @Test(arguments: shapes, [1, 3, 7, 20])
  func `gradients of shards add up to those of the whole batch`(shape: LSTMShape, lanes: Int) {
    let network = LSTMNetwork(shape: shape, seed: 1)
    for headSteps in [LSTMBatch.HeadSteps.all, .last] {
      let batch = LSTMBatch.random(shape, lanes: 13, steps: 6, headSteps: headSteps, seed: 2)
      let dropout = LSTMDropout(rate: 0.4, seed: 9, step: 3)
      let expected = network.gradients(of: batch, dropout: dropout)
      let shards = Self.shards(batch, dropout: true, lanes: lanes, threads: 2)
      let loss = shards.gradients(network, batch, dropout: dropout)
      #expect(abs(loss.mean / expected.loss - 1) < 1e-6)
      #expect(relativeError(shards.gradients, expected.values.map(Double.init)) < 2e-6)
      #expect(abs(shards.loss(network, batch).mean / network.gradients(of: batch).loss - 1) < 1e-6)
    }
  }

  @Test(arguments: shapes) func `gradients have the same bits on any number of threads`(
    shape: LSTMShape
  ) {
    let network = LSTMNetwork(shape: shape, seed: 1)
    let batch = LSTMBatch.random(shape, lanes: 29, steps: 11, seed: 2)
    let dropout = LSTMDropout(rate: 0.2, seed: 4, step: 1)
    let all = [1, 2, 3, 8].map { threads in
      let shards = Self.shards(batch, dropout: true, lanes: 4, threads: threads)
      // The second chunk starts from the state after the first.
      let first = shards.gradients(network, batch, dropout: dropout)
      shards.carry(after: batch.steps)
      let second = shards.gradients(network, batch, dropout: dropout)
      return [shards.gradients.map(Double.init), [first.sum, second.sum, second.weight]]
    }
    #expect(all.allSatisfy { $0 == all[0] })
    #expect(all[0][1][0] != all[0][1][1])
  }

  @Test func `fewer lanes than there is room for leave no trace of others`() {
    let shape = Self.shapes[1]
    let network = LSTMNetwork(shape: shape, seed: 1)
    let large = LSTMBatch.random(shape, lanes: 29, steps: 8, seed: 2)
    let small = LSTMBatch.random(shape, lanes: 5, steps: 3, seed: 3)
    let used = Self.shards(large, lanes: 4, threads: 2)
    _ = used.gradients(network, large)
    used.reset(lanes: 5)
    let fresh = Self.shards(small, lanes: 4, threads: 1)
    #expect(used.gradients(network, small) == fresh.gradients(network, small))
    #expect(used.gradients == fresh.gradients)
  }

  @Test func `a batch in which nothing counts has no gradient`() {
    let shape = Self.shapes[0]
    let batch = LSTMBatch.random(shape, lanes: 9, steps: 3, observed: 0, seed: 5)
    let shards = Self.shards(batch, lanes: 4, threads: 2)
    let loss = shards.gradients(LSTMNetwork(shape: shape, seed: 1), batch)
    #expect(loss == LossSum() && shards.gradients.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [1, 2, 5]) func `every piece of work is done once`(threads: Int) {
    let workers = WorkerThreads(threads: threads)
    for count in [0, 1, 2, 3, 17, 200] {
      let visits = Mutex([Int](repeating: 0, count: count))
      for _ in 0..<20 { workers.perform(count) { piece in visits.withLock { $0[piece] += 1 } } }
      #expect(visits.withLock { $0 } == [Int](repeating: 20, count: count))
    }
  }

  @Test func `training has the same bits on any number of threads`() throws {
    var configuration = LSTMConfiguration()
    (configuration.hidden, configuration.layers, configuration.epochs) = (11, 2, 2)
    (configuration.chunk, configuration.stretch, configuration.batch) = (10, 30, 24)
    (configuration.shardLanes, configuration.dropout) = (5, 0.2)
    (configuration.layerNorm, configuration.horizon) = (true, 2)
    configuration.quantiles = [0.1, 0.5, 0.9]
    let data = [LSTMTrainerTests.laggedCopy(rows: 900, lag: 2, seed: 4)]
    let all = try [1, 2, 8].map { threads in
      var trainer = LSTMTrainer(configuration: configuration, seed: 3)
      trainer.threads = threads
      return try trainer.train(data, validation: data)
    }
    #expect(all.allSatisfy { $0.network == all[0].network && $0.record == all[0].record })
    configuration.shardLanes = 24
    let whole = try LSTMTrainer(configuration: configuration, seed: 3)
      .train(data, validation: data).record
    // A sum in another order, nothing more: the first epoch has not drifted far.
    #expect(abs(whole.trainLoss[0] / all[0].record.trainLoss[0] - 1) < 1e-3)
  }
}
