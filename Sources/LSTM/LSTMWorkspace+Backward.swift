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
  mutating func takeBack(layer: Int, _ network: LSTMNetwork, _ batch: LSTMBatch) {
    let ranges = shape.layerRanges(layer)
    layers[layer].packBackward(network.parameters, ranges, passesDown: layer > 0)
    enterChunk(layer: layer, batch.steps)
    let rows = rows(ofLayer: layer, batch)
    layers[layer].backward(
      chunk(layer: layer, steps: batch.steps, rows: rows.begin), rows.values, outputs: hiddens,
      cells: cells, tanhCells: tanhCells, gates: &gates, outputGradient: &hiddenGradient,
      cellGradient: &cellGradient, firstOutputGradient: &firstGradient, gradients: &gradients,
      ranges)
    leaveChunk(layer: layer)
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

  /// Leaves the gradient with respect to the state before the first step.
  private mutating func leaveChunk(layer: Int) {
    guard !stateGradient.cells.isEmpty else { return }
    let begin = stateGradientRange(layer: layer).lowerBound
    for index in 0..<lanes * shape.hidden {
      stateGradient.cells[begin + index] = cellGradient[index]
      stateGradient.outputs[begin + index] = firstGradient[index]
    }
  }
}
