/// The loss of a chunk and its gradient with respect to every parameter.
package struct LSTMGradients: Hashable, Sendable {
  /// Mean squared error over the observed targets, weighted by what each counts.
  package var loss: Double
  /// In the order of `LSTMShape.tensors`.
  package var values: [Float]
}

extension LSTMNetwork {
  /// The loss of one chunk with its gradients, truncated at the given states.
  ///
  /// - Parameter states: What each lane starts from; empty for zeros.
  package func gradients(of batch: LSTMBatch, from states: [LSTMState] = []) -> LSTMGradients {
    var workspace = LSTMWorkspace(shape: shape, lanes: batch.lanes, steps: batch.steps)
    for (lane, state) in states.enumerated() { workspace.set(state, lane: lane) }
    let loss = workspace.meanSquaredError(self, batch)
    return LSTMGradients(loss: loss, values: workspace.gradients)
  }

  /// The forecasts of one chunk, [T × B × O], and the state of every lane after it.
  package func forward(
    _ batch: LSTMBatch, from states: [LSTMState] = []
  ) -> (forecasts: [Float], states: [LSTMState]) {
    var workspace = LSTMWorkspace(shape: shape, lanes: batch.lanes, steps: batch.steps)
    for (lane, state) in states.enumerated() { workspace.set(state, lane: lane) }
    workspace.forward(self, batch)
    let after = (0..<batch.lanes).map { workspace.state(lane: $0, step: batch.steps) }
    return (workspace.forecasts, after)
  }
}

extension LSTMWorkspace {
  /// Runs forward and backward; leaves the gradients, or zeros when no target counts.
  ///
  /// - Returns: The mean squared error over observed targets, or 0 when there are none.
  package mutating func meanSquaredError(_ network: LSTMNetwork, _ batch: LSTMBatch) -> Double {
    let weight = batch.targetWeight
    forward(network, batch)
    guard weight > 0 else {
      for index in gradients.indices { gradients[index] = 0 }
      return 0
    }
    let loss = squaredError(batch) / weight
    backward(network, batch, scale: 2 / Float(weight))
    return loss
  }
}
