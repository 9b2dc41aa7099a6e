internal import LinearAlgebra

extension LSTMWorkspace {
  /// forecasts = h W_headᵀ + b_head at the head's steps, [S B × H] · [H × headWidth].
  mutating func forecast(_ network: LSTMNetwork, _ batch: LSTMBatch) {
    guard shape.outputs > 0 else { return }
    let (rows, columns) = (batch.headStepCount * lanes, shape.headWidth)
    let top = headInputs(batch)
    multiply(
      ProductShape(rows: rows, columns: columns, inner: shape.hidden), top.values, at: top.range,
      .none, network.parameters, at: shape.headWeights, .transposed, into: &forecasts,
      at: 0..<rows * columns)
    let bias = network.parameters.span.extracting(shape.headBias)
    var sums = forecasts.mutableSpan
    for row in 0..<rows {
      for column in 0..<columns { sums[row * columns + column] += bias[column] }
    }
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
    guard shape.outputs > 0 else { return }
    let (rows, columns) = (batch.headStepCount * lanes, shape.headWidth)
    let errors = 0..<rows * columns
    let top = headInputs(batch)
    multiply(
      ProductShape(rows: columns, columns: shape.hidden, inner: rows), alpha: scale, forecasts,
      at: errors, .transposed, top.values, at: top.range, .none, into: &gradients,
      at: shape.headWeights)
    sumRows(of: forecasts, at: errors, scale: scale, into: &gradients, at: shape.headBias)
    multiply(
      ProductShape(rows: rows, columns: shape.hidden, inner: columns), alpha: scale, forecasts,
      at: errors, .none, network.parameters, at: shape.headWeights, .none, into: &hiddenGradient,
      at: headless * size..<batch.steps * size)
  }

  /// What the head reads, [S × B × H].
  private func headInputs(_ batch: LSTMBatch) -> (values: [Float], range: Range<Int>) {
    handedUp(
      byLayer: shape.layers - 1, from: batch.steps - batch.headStepCount,
      steps: batch.headStepCount)
  }
}
