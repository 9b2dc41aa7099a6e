internal import LinearAlgebra

extension LSTMWorkspace {
  /// Takes the gradient of the chunk's loss back through the network (Werbos 1990), up to the state
  /// that the chunk started from, and beyond when `stateGradient` is set.
  ///
  /// Call after `forward` and `loss`. Gates and forecasts are overwritten.
  ///
  /// - Parameter scale: Multiplies the loss; 1 / Σ weights for the mean.
  package mutating func backward(_ network: LSTMNetwork, _ batch: LSTMBatch, scale: Float) {
    headGradients(network, batch, scale: scale)
    for layer in (0..<shape.layers).reversed() {
      takeBackHandUp(layer: layer, network, batch.steps)
      takeBack(layer: layer, network, batch)
    }
  }

  /// Takes gradients back through one layer: from `hiddenGradient` with respect to its outputs to
  /// the gradients of its parameters, and to `hiddenGradient` with respect to what it read, unless
  /// that is the batch.
  ///
  /// Weight gradients are one product each, after the loop over the steps.
  mutating func takeBack(layer: Int, _ network: LSTMNetwork, _ batch: LSTMBatch) {
    enterChunk(layer: layer, batch.steps)
    runStepsBackward(network, batch.steps, layer: layer)
    leaveChunk(network, layer: layer)
    weightGradients(batch, layer: layer)
    if layer > 0 { passDown(network, batch.steps, layer: layer) }
  }

  /// Starts from the gradient with respect to the state after the last step; usually none.
  private mutating func enterChunk(layer: Int, _ steps: Int) {
    let size = lanes * shape.hidden
    guard !stateGradient.cells.isEmpty else {
      for index in 0..<size { cellGradient[index] = 0 }
      return
    }
    let begin = stateGradientRange(layer: layer).lowerBound
    for index in 0..<size {
      cellGradient[index] = stateGradient.cells[begin + index]
      hiddenGradient[(steps - 1) * size + index] += stateGradient.outputs[begin + index]
    }
  }

  /// Walks a layer's steps backwards: gates become dz, and dh_{t-1} += dz_t W_hh.
  private mutating func runStepsBackward(_ network: LSTMNetwork, _ steps: Int, layer: Int) {
    let kernel = LSTMStep(lanes: lanes, hidden: shape.hidden)
    let product = ProductShape(rows: lanes, columns: shape.hidden, inner: 4 * shape.hidden)
    let weights = shape.layerRanges(layer).recurrentWeights
    let size = lanes * shape.hidden
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

  /// Leaves the gradient with respect to the state before the first step: dh = dz_0 W_hh.
  private mutating func leaveChunk(_ network: LSTMNetwork, layer: Int) {
    guard !stateGradient.cells.isEmpty else { return }
    let range = stateGradientRange(layer: layer)
    for index in 0..<range.count {
      stateGradient.cells[range.lowerBound + index] = cellGradient[index]
    }
    multiply(
      ProductShape(rows: lanes, columns: shape.hidden, inner: 4 * shape.hidden), gates,
      at: gateRange(layer: layer, steps: 1), .none, network.parameters,
      at: shape.layerRanges(layer).recurrentWeights, .none, into: &stateGradient.outputs,
      at: range)
  }

  /// dW_ih = dzᵀ x, dW_hh = dzᵀ h_{t-1}, and both biases' gradient Σ dz.
  private mutating func weightGradients(_ batch: LSTMBatch, layer: Int) {
    let ranges = shape.layerRanges(layer)
    let (rows, width) = (batch.steps * lanes, 4 * shape.hidden)
    let dz = gateRange(layer: layer, steps: batch.steps)
    let inputs = inputs(ofLayer: layer, batch)
    multiply(
      ProductShape(rows: width, columns: shape.inputs(ofLayer: layer), inner: rows), gates, at: dz,
      .transposed, inputs.values, at: inputs.range, .none, into: &gradients,
      at: ranges.inputWeights)
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
