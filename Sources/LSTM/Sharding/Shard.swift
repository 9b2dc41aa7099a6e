internal import Synchronization

/// Some lanes of a batch with all the memory that their gradients need.
final class Shard: Sendable {
  private struct Memory {
    var workspace: LSTMWorkspace
    var batch: LSTMBatch
    var loss = LossSum()
  }

  // Never contended: a lock is how one thread after another may change the memory.
  private let memory: Mutex<Memory>

  init(
    shape: LSTMShape, lanes: Int, steps: Int, _ headSteps: LSTMBatch.HeadSteps, _ dropout: Bool
  ) {
    memory = Mutex(
      Memory(
        workspace: LSTMWorkspace(
          shape: shape, lanes: lanes, steps: steps, headSteps: headSteps, dropout: dropout),
        batch: LSTMBatch(shape: shape, lanes: lanes, steps: steps, headSteps: headSteps)))
  }

  /// The loss of the last run.
  var loss: LossSum { memory.withLock { $0.loss } }

  func reset(lanes: Int) { memory.withLock { $0.workspace.reset(lanes: lanes) } }

  func carry(after steps: Int) { memory.withLock { $0.workspace.carry(after: steps) } }

  /// Forward over its lanes of a batch, and backward when there is a scale for the gradient.
  func run(
    _ network: LSTMNetwork, _ whole: LSTMBatch, lanes: Range<Int>, dropout: LSTMDropout?,
    scale: Float?
  ) {
    memory.withLock { memory in
      let dropout = dropout?.restricted(to: lanes, of: whole.lanes)
      if lanes.count == whole.lanes {
        memory.loss = memory.workspace.run(network, whole, dropout: dropout, scale: scale)
      } else {
        memory.batch.copy(lanes: lanes, of: whole)
        memory.loss = memory.workspace.run(network, memory.batch, dropout: dropout, scale: scale)
      }
    }
  }

  /// Adds the gradients of the last run to a sum, or starts it with them.
  func addGradients(to sum: inout [Float], replacing: Bool) {
    memory.withLock { add($0.workspace.gradients, to: &sum, replacing: replacing) }
  }
}

extension LSTMWorkspace {
  fileprivate mutating func run(
    _ network: LSTMNetwork, _ batch: LSTMBatch, dropout: LSTMDropout?, scale: Float?
  ) -> LossSum {
    forward(network, batch, dropout: dropout)
    let loss = loss(batch)
    if let scale { backward(network, batch, scale: scale) }
    return loss
  }
}
