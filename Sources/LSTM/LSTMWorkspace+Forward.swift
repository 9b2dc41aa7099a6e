internal import LinearAlgebra

extension LSTMWorkspace {
  /// Runs a network over a chunk and leaves every activation and forecast.
  ///
  /// - Parameter dropout: What to drop between the layers; nil for nothing, as in evaluation.
  /// - Precondition: The batch has the lanes of the last `reset` and no more steps than fit.
  package mutating func forward(
    _ network: LSTMNetwork, _ batch: LSTMBatch, dropout: LSTMDropout? = nil
  ) {
    precondition(
      network.shape == shape && batch.shape == shape && batch.lanes == lanes
        && batch.steps <= stepCapacity,
      "a batch of \(batch.lanes) lanes, \(batch.steps) steps in one of \(lanes), \(stepCapacity)")
    hasDropped = dropout != nil && shape.layers > 1
    for layer in 0..<shape.layers {
      advance(layer: layer, network, batch)
      handUp(layer: layer, network, batch.steps, dropout)
    }
    forecast(network, batch)
  }

  /// Advances one layer over a chunk, from what it reads (`inputs(ofLayer:_:)`) and its state
  /// before the first step to `gates`, `cells`, `tanhCells` and `hiddens` of every step.
  ///
  /// The products with the inputs are one for the whole chunk; only those with the previous outputs
  /// wait for each other.
  mutating func advance(layer: Int, _ network: LSTMNetwork, _ batch: LSTMBatch) {
    projectInputs(network, batch, layer: layer)
    runSteps(network, batch.steps, layer: layer)
  }

  /// gates = x W_ihᵀ for all steps of a layer, [T B × in] · [in × 4H].
  private mutating func projectInputs(_ network: LSTMNetwork, _ batch: LSTMBatch, layer: Int) {
    let inputs = inputs(ofLayer: layer, batch)
    multiply(
      ProductShape(
        rows: batch.steps * lanes, columns: 4 * shape.hidden, inner: shape.inputs(ofLayer: layer)),
      inputs.values, at: inputs.range, .none, network.parameters,
      at: shape.layerRanges(layer).inputWeights, .transposed, into: &gates,
      at: gateRange(layer: layer, steps: batch.steps))
  }

  /// gates_t += h_{t-1} W_hhᵀ, then the elementwise step, for t = 0, 1, ...
  private mutating func runSteps(_ network: LSTMNetwork, _ steps: Int, layer: Int) {
    let ranges = shape.layerRanges(layer)
    let product = ProductShape(rows: lanes, columns: 4 * shape.hidden, inner: shape.hidden)
    let kernel = LSTMStep(lanes: lanes, hidden: shape.hidden)
    for step in 0..<steps {
      multiply(
        product, hiddens, at: stateRange(layer: layer, step: step), .none, network.parameters,
        at: ranges.recurrentWeights, .transposed, beta: 1, into: &gates,
        at: gateRange(layer: layer, from: step, steps: 1))
      let before = layer * (stepCapacity + 1) + step
      kernel.forward(
        gates: &gates, slot: layer * stepCapacity + step, parameters: network.parameters,
        biases: (ranges.inputBias.lowerBound, ranges.recurrentBias.lowerBound), cells: &cells,
        before: before, after: before + 1, tanhCells: &tanhCells, outputs: &hiddens)
    }
  }
}
