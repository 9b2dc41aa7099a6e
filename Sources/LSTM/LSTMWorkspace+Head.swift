extension LSTMWorkspace {
  /// forecasts = h W_headᵀ + b_head at the head's steps, [S B × H] · [H × headWidth].
  mutating func forecast(_ network: LSTMNetwork, _ batch: LSTMBatch) {
    guard head != nil else { return }
    head?.pack(network.parameters, shape.headWeights)
    let top = headInputs(batch)
    head?.forward(
      rows: batch.headStepCount * lanes, top.values, at: top.range.lowerBound, network.parameters,
      bias: shape.headBias, into: &forecasts)
  }

  /// The loss of the forecasts, which its gradient replaces: the pinball loss when the shape has
  /// quantiles, else the squared error.
  package mutating func loss(_ batch: LSTMBatch) -> LossSum {
    shape.quantiles.isEmpty
      ? squaredError(
        &forecasts, targets: batch.targets, weights: batch.observed, count: batch.targetCount)
      : pinballLoss(
        &forecasts, targets: batch.targets, weights: batch.observed, quantiles: shape.quantiles,
        groups: batch.headStepCount * lanes * shape.horizon, outputs: shape.outputs)
  }

  /// With E the gradient with respect to the forecasts, dW_head = scale Eᵀ h, db_head = scale Σ E,
  /// and dh = scale E W_head; dh is zero at steps without a head.
  mutating func headGradients(_ network: LSTMNetwork, _ batch: LSTMBatch, scale: Float) {
    let size = lanes * shape.hidden
    let headless = shape.outputs > 0 ? batch.steps - batch.headStepCount : batch.steps
    for index in 0..<headless * size { hiddenGradient[index] = 0 }
    guard head != nil else { return }
    let rows = batch.headStepCount * lanes
    for index in 0..<rows * shape.headWidth { forecasts[index] *= scale }
    head?.packBackward(network.parameters, shape.headWeights)
    let top = headInputs(batch)
    head?.backward(
      rows: rows, forecasts, top.values, gradients: &gradients, hiddenGradient: &hiddenGradient,
      PackedHead.Places(
        top: top.range.lowerBound, weights: shape.headWeights, bias: shape.headBias,
        hidden: headless * size))
  }

  /// What the head reads, [S × B × H].
  private func headInputs(_ batch: LSTMBatch) -> (values: [Float], range: Range<Int>) {
    handedUp(
      byLayer: shape.layers - 1, from: batch.steps - batch.headStepCount,
      steps: batch.headStepCount)
  }
}
