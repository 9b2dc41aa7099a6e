internal import Synchronization

/// Gradients of a batch whose lanes are divided into shards, on several threads.
///
/// How lanes are divided depends on their number and the size of a shard alone, every shard has
/// memory of its own, and gradients are added in the order of the shards: the bits of a result do
/// not depend on the threads.
package final class LSTMShards {
  /// Mean gradients of the last call of `gradients(_:_:dropout:)`, in the order of
  /// `LSTMShape.tensors`.
  package private(set) var gradients: [Float]
  private let shards: [Shard]
  private let shardLanes: Int
  private let threads: WorkerThreads
  private var ranges: [Range<Int>]

  /// Makes room for batches of up to `lanes` × `steps`.
  ///
  /// - Parameters:
  ///   - headSteps: As the batches will have.
  ///   - dropout: Whether any will be asked for.
  ///   - shardLanes: Most lanes in a shard.
  package init(
    shape: LSTMShape, lanes: Int, steps: Int, headSteps: LSTMBatch.HeadSteps = .all,
    dropout: Bool = false, shardLanes: Int, threads: WorkerThreads
  ) {
    precondition(shardLanes > 0, "shards of \(shardLanes) lanes")
    (self.shardLanes, self.threads) = (shardLanes, threads)
    ranges = []
    // A smaller batch may be divided into larger shards, as 33 lanes are into 17 and 32 into one.
    shards = Stretch.groups(of: lanes, limit: shardLanes).map { _ in
      Shard(shape: shape, lanes: min(shardLanes, lanes), steps: steps, headSteps, dropout)
    }
    gradients = Array(repeating: 0, count: shape.parameterCount)
    reset(lanes: lanes)
  }

  /// Starts `lanes` fresh lanes: their state is zero.
  package func reset(lanes: Int) {
    ranges = Stretch.groups(of: lanes, limit: shardLanes)
    precondition(ranges.count <= shards.count, "\(lanes) lanes in \(shards.count) shards")
    for (shard, range) in zip(shards, ranges) { shard.reset(lanes: range.count) }
  }

  /// Makes the state after `steps` steps the one that the next chunk starts from.
  package func carry(after steps: Int) {
    for (shard, _) in zip(shards, ranges) { shard.carry(after: steps) }
  }

  /// The loss of a chunk.
  package func loss(_ network: LSTMNetwork, _ batch: LSTMBatch) -> LossSum {
    run(network, batch, dropout: nil, scale: nil)
  }

  /// The loss of a chunk; leaves the gradient of its mean, zeros when no target counts.
  ///
  /// - Parameter dropout: What to drop between layers; nil for nothing.
  package func gradients(
    _ network: LSTMNetwork, _ batch: LSTMBatch, dropout: LSTMDropout? = nil
  ) -> LossSum {
    let weight = batch.weight
    guard weight > 0 else {
      for index in gradients.indices { gradients[index] = 0 }
      return run(network, batch, dropout: dropout, scale: nil)
    }
    let loss = run(network, batch, dropout: dropout, scale: 1 / Float(weight))
    for (number, shard) in shards[..<ranges.count].enumerated() {
      shard.addGradients(to: &gradients, replacing: number == 0)
    }
    return loss
  }

  /// Makes gradients of parameters that shall stay as they are zero.
  func clearGradients(in ranges: [Range<Int>]) {
    for range in ranges { for index in range { gradients[index] = 0 } }
  }

  /// Forward on all shards, and backward when there is a scale.
  private func run(
    _ network: LSTMNetwork, _ batch: LSTMBatch, dropout: LSTMDropout?, scale: Float?
  ) -> LossSum {
    precondition(
      ranges.last?.upperBound == batch.lanes, "\(batch.lanes) lanes, \(ranges) were reset")
    let (shards, ranges) = (shards, ranges)
    threads.perform(ranges.count) { number in
      shards[number].run(
        network, batch, lanes: ranges[number], dropout: dropout, scale: scale)
    }
    var sum = LossSum()
    for (shard, _) in zip(shards, ranges) { sum += shard.loss }
    return sum
  }
}
