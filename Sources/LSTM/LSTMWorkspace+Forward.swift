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

  /// Advances one layer over a chunk, from what it reads and its state before the first step to
  /// `gates`, `cells`, `tanhCells` and `hiddens` of every step.
  mutating func advance(layer: Int, _ network: LSTMNetwork, _ batch: LSTMBatch) {
    layers[layer].pack(network.parameters, shape.layerRanges(layer))
    let rows = rows(ofLayer: layer, batch)
    layers[layer].forward(
      chunk(layer: layer, steps: batch.steps, rows: rows.begin), rows.values, outputs: &hiddens,
      cells: &cells, gates: &gates, tanhCells: &tanhCells)
  }

  /// What a layer reads at every step of a chunk, [T × B × in]: an array and where it begins there;
  /// nil for `hiddens`.
  func rows(ofLayer layer: Int, _ batch: LSTMBatch) -> (values: [Float]?, begin: Int) {
    if layer == 0 { return (batch.inputs, 0) }
    return changesOutputs(ofLayer: layer - 1)
      ? (passed, passedRange(layer: layer - 1, steps: batch.steps).lowerBound)
      : (nil, hiddenRange(layer: layer - 1, from: 1, steps: batch.steps).lowerBound)
  }

  /// Where a layer's arrays are.
  func chunk(layer: Int, steps: Int, rows: Int) -> PackedLayer.Chunk {
    PackedLayer.Chunk(
      steps: steps, lanes: lanes, rows: rows, state: stateRange(layer: layer, step: 0).lowerBound,
      place: passedRange(layer: layer, steps: steps).lowerBound)
  }
}
