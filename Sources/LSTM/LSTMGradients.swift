/// The loss of a chunk and its gradient with respect to every parameter.
package struct LSTMGradients: Hashable, Sendable {
  /// The mean over the observed targets.
  package var loss: Double
  /// In the order of `LSTMShape.tensors`.
  package var values: [Float]
}

extension LSTMNetwork {
  /// The loss of one chunk with its gradients, truncated at the given states.
  ///
  /// - Parameters:
  ///   - states: What each lane starts from; empty for zeros.
  ///   - dropout: What to drop between layers; nil for nothing.
  package func gradients(
    of batch: LSTMBatch, from states: [LSTMState] = [], dropout: LSTMDropout? = nil
  ) -> LSTMGradients {
    var workspace = workspace(for: batch, from: states, dropout: dropout != nil)
    let loss = workspace.meanLoss(self, batch, dropout: dropout)
    return LSTMGradients(loss: loss, values: workspace.gradients)
  }

  /// The forecasts of one chunk, [S × B × headWidth], and the state of every lane after it.
  package func forward(
    _ batch: LSTMBatch, from states: [LSTMState] = []
  ) -> (forecasts: [Float], states: [LSTMState]) {
    var workspace = workspace(for: batch, from: states, dropout: false)
    workspace.forward(self, batch)
    let after = (0..<batch.lanes).map { workspace.state(lane: $0, step: batch.steps) }
    return (workspace.forecasts, after)
  }

  private func workspace(
    for batch: LSTMBatch, from states: [LSTMState], dropout: Bool
  ) -> LSTMWorkspace {
    var workspace = LSTMWorkspace(
      shape: shape, lanes: batch.lanes, steps: batch.steps, headSteps: batch.headSteps,
      dropout: dropout)
    for (lane, state) in states.enumerated() { workspace.set(state, lane: lane) }
    return workspace
  }
}

extension LSTMWorkspace {
  /// Runs forward and backward; leaves the gradients, or zeros when no target counts.
  ///
  /// - Returns: The mean loss over observed targets, or 0 when there are none.
  package mutating func meanLoss(
    _ network: LSTMNetwork, _ batch: LSTMBatch, dropout: LSTMDropout? = nil
  ) -> Double {
    forward(network, batch, dropout: dropout)
    let weight = batch.weight
    guard weight > 0 else {
      for index in gradients.indices { gradients[index] = 0 }
      return 0
    }
    let mean = loss(batch).mean
    backward(network, batch, scale: 1 / Float(weight))
    return mean
  }
}
