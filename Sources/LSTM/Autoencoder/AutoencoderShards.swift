internal import Synchronization

/// Gradients of a batch of windows whose lanes are divided into shards, as `LSTMShards` has them.
final class AutoencoderShards {
  /// Mean gradients of the last call of `gradients`, of the encoder and the decoder.
  private(set) var encoder: [Float]
  private(set) var decoder: [Float]
  private let shards: [AutoencoderShard]
  private let shardLanes: Int
  private let threads: WorkerThreads

  init(
    _ autoencoder: LSTMAutoencoder, lanes: Int, steps: Int, shardLanes: Int,
    threads: WorkerThreads
  ) {
    (self.shardLanes, self.threads) = (shardLanes, threads)
    shards = Stretch.groups(of: lanes, limit: shardLanes).map { _ in
      AutoencoderShard(autoencoder, lanes: min(shardLanes, lanes), steps: steps)
    }
    encoder = Array(repeating: 0, count: autoencoder.encoder.shape.parameterCount)
    decoder = Array(repeating: 0, count: autoencoder.decoder.shape.parameterCount)
  }

  /// The loss of a batch; with `learning` also the gradient of its mean.
  func run(
    _ autoencoder: LSTMAutoencoder, _ batch: AutoencoderBatch, learning: Bool
  ) -> LossSum {
    let ranges = Stretch.groups(of: batch.encoder.lanes, limit: shardLanes)
    let weight = batch.decoder.weight
    let scale = learning && weight > 0 ? 1 / Float(weight) : nil
    let shards = shards
    threads.perform(ranges.count) { number in
      shards[number].run(autoencoder, batch, lanes: ranges[number], scale: scale)
    }
    var sum = LossSum()
    for (number, shard) in shards[..<ranges.count].enumerated() {
      shard.memory.withLock { memory in
        sum += memory.loss
        guard scale != nil else { return }
        add(memory.workspace.encoder.gradients, to: &encoder, replacing: number == 0)
        add(memory.workspace.decoder.gradients, to: &decoder, replacing: number == 0)
      }
    }
    return sum
  }
}

/// Some windows of a batch with all the memory that their gradients need.
private final class AutoencoderShard: Sendable {
  struct Memory {
    var workspace: AutoencoderWorkspace
    var batch: AutoencoderBatch
    var loss = LossSum()
  }

  // Never contended: a lock is how one thread after another may change the memory.
  let memory: Mutex<Memory>

  init(_ autoencoder: LSTMAutoencoder, lanes: Int, steps: Int) {
    memory = Mutex(
      Memory(
        workspace: AutoencoderWorkspace(autoencoder, lanes: lanes, steps: steps),
        batch: AutoencoderBatch(autoencoder, lanes: lanes, steps: steps)))
  }

  func run(
    _ autoencoder: LSTMAutoencoder, _ whole: AutoencoderBatch, lanes: Range<Int>, scale: Float?
  ) {
    memory.withLock { memory in
      memory.batch.copy(lanes: lanes, of: whole)
      memory.loss = memory.workspace.run(autoencoder, memory.batch, scale: scale)
    }
  }
}
