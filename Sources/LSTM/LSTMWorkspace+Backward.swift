internal import LinearAlgebra

extension LSTMWorkspace {
  /// Takes the gradient of the chunk's loss back through the network (Werbos 1990), up to the state
  /// that the chunk started from.
  ///
  ///     loss = scale / 2 · Σ error²
  ///
  /// Call after `forward` and `squaredError`. Weight gradients are one product each, after the loop
  /// over the steps; gates and errors are overwritten.
  ///
  /// - Parameter scale: 2 / number of observed targets for the mean squared error.
  package mutating func backward(_ network: LSTMNetwork, _ batch: LSTMBatch, scale: Float) {
    headGradients(network, batch.steps, scale: scale)
    for layer in (0..<shape.layers).reversed() {
      runStepsBackward(network, batch.steps, layer: layer)
      weightGradients(batch, layer: layer)
      if layer > 0 { passDown(network, batch.steps, layer: layer) }
    }
  }

  /// dW_head = scale Eᵀ h, db_head = scale Σ E, and dh = scale E W_head.
  private mutating func headGradients(_ network: LSTMNetwork, _ steps: Int, scale: Float) {
    let (rows, columns) = (steps * lanes, shape.outputs)
    let errors = 0..<rows * columns
    multiply(
      ProductShape(rows: columns, columns: shape.hidden, inner: rows), alpha: scale, forecasts,
      at: errors, .transposed, hiddens,
      at: hiddenRange(layer: shape.layers - 1, from: 1, steps: steps), .none, into: &gradients,
      at: shape.headWeights)
    sumRows(of: forecasts, at: errors, scale: scale, into: &gradients, at: shape.headBias)
    multiply(
      ProductShape(rows: rows, columns: shape.hidden, inner: columns), alpha: scale, forecasts,
      at: errors, .none, network.parameters, at: shape.headWeights, .none, into: &hiddenGradient,
      at: 0..<rows * shape.hidden)
  }

  /// Walks a layer's steps backwards: gates become dz, and dh_{t-1} += dz_t W_hh.
  private mutating func runStepsBackward(_ network: LSTMNetwork, _ steps: Int, layer: Int) {
    let kernel = LSTMStep(lanes: lanes, hidden: shape.hidden)
    let product = ProductShape(rows: lanes, columns: shape.hidden, inner: 4 * shape.hidden)
    let weights = shape.layerRanges(layer).recurrentWeights
    let size = lanes * shape.hidden
    for index in 0..<size { cellGradient[index] = 0 }
    for step in (0..<steps).reversed() {
      kernel.backward(
        gates: &gates, slot: layer * stepCapacity + step, tanhCells: tanhCells, cells: cells,
        before: layer * (stepCapacity + 1) + step, outputGradient: hiddenGradient,
        gradientSlot: step, cellGradient: &cellGradient)
      guard step > 0 else { continue }
      multiply(
        product, gates, at: gateRange(layer: layer, from: step, steps: 1), .none,
        network.parameters, at: weights, .none, beta: 1, into: &hiddenGradient,
        at: (step - 1) * size..<step * size)
    }
  }

  /// dW_ih = dzᵀ x, dW_hh = dzᵀ h_{t-1}, and both biases' gradient Σ dz.
  private mutating func weightGradients(_ batch: LSTMBatch, layer: Int) {
    let ranges = shape.layerRanges(layer)
    let (rows, width) = (batch.steps * lanes, 4 * shape.hidden)
    let dz = gateRange(layer: layer, steps: batch.steps)
    let inputs = ProductShape(rows: width, columns: shape.inputs(ofLayer: layer), inner: rows)
    if layer == 0 {
      multiply(
        inputs, gates, at: dz, .transposed, batch.inputs, at: 0..<rows * shape.inputs, .none,
        into: &gradients, at: ranges.inputWeights)
    } else {
      multiply(
        inputs, gates, at: dz, .transposed, hiddens,
        at: hiddenRange(layer: layer - 1, from: 1, steps: batch.steps), .none, into: &gradients,
        at: ranges.inputWeights)
    }
    multiply(
      ProductShape(rows: width, columns: shape.hidden, inner: rows), gates, at: dz, .transposed,
      hiddens, at: hiddenRange(layer: layer, from: 0, steps: batch.steps), .none,
      into: &gradients, at: ranges.recurrentWeights)
    sumRows(of: gates, at: dz, scale: 1, into: &gradients, at: ranges.inputBias)
    for (from, to) in zip(ranges.inputBias, ranges.recurrentBias) {
      gradients[to] = gradients[from]
    }
  }

  /// dh of the layer below = dz W_ih, [T B × 4H] · [4H × H].
  private mutating func passDown(_ network: LSTMNetwork, _ steps: Int, layer: Int) {
    let rows = steps * lanes
    multiply(
      ProductShape(rows: rows, columns: shape.hidden, inner: 4 * shape.hidden), gates,
      at: gateRange(layer: layer, steps: steps), .none, network.parameters,
      at: shape.layerRanges(layer).inputWeights, .none, into: &hiddenGradient,
      at: 0..<rows * shape.hidden)
  }
}
