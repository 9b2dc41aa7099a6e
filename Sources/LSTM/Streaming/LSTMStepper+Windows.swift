extension LSTMStepper {
  /// Forecasts what comes after windows, each from a fresh state: the bits of stepping along them.
  ///
  /// Takes 2 · (T + 1) · B · H floats of memory, kept for the next call.
  ///
  /// - Parameters:
  ///   - windows: Windows B.
  ///   - rows: Their scaled rows, [T × B × F]; missing values as 0.
  ///   - forecasts: Receives the forecasts after the last rows, [B × `shape.headWidth`].
  /// - Precondition: Sizes fit, and there is a row.
  public mutating func forecast(
    windows lanes: Int, _ rows: [Float], into forecasts: inout [Float]
  ) {
    precondition(
      lanes > 0 && !rows.isEmpty && rows.count % (lanes * shape.inputs) == 0
        && forecasts.count == lanes * shape.headWidth,
      "\(rows.count) values and \(forecasts.count) forecasts for \(lanes) windows")
    let steps = rows.count / (lanes * shape.inputs)
    let size = lanes * shape.hidden
    for buffer in 0..<2 where windowOutputs[buffer].count != (steps + 1) * size {
      windowOutputs[buffer] = Array(repeating: 0, count: (steps + 1) * size)
    }
    // Layers write the one and read the other in turn; the first step of each is the zero state.
    var (from, to): ([Float], [Float]) = ([], [])
    swap(&from, &windowOutputs[0])
    swap(&to, &windowOutputs[1])
    var cells = Array(repeating: Float(0), count: size)
    for (layer, packed) in layers.enumerated() {
      for index in 0..<size { (to[index], cells[index]) = (0, 0) }
      packed.forward(
        PackedLayer.Chunk(steps: steps, lanes: lanes, rows: layer == 0 ? 0 : size, state: 0),
        layer == 0 ? rows : from, outputs: &to, lastCells: &cells)
      if shape.layerNorm { normalise(layer, &to, from: size) }
      swap(&from, &to)
    }
    head.forward(
      rows: lanes, from, at: steps * size, network.parameters, bias: shape.headBias,
      into: &forecasts)
    swap(&from, &windowOutputs[0])
    swap(&to, &windowOutputs[1])
  }

  /// Normalises what a layer hands up, in place: its recurrence is over.
  private func normalise(_ layer: Int, _ outputs: inout [Float], from begin: Int) {
    let ranges = shape.normRanges(layer)
    var statistics = Array(
      repeating: Float(0), count: 2 * (outputs.count - begin) / shape.hidden)
    let values = outputs
    LayerNorm(width: shape.hidden).forward(
      values, at: begin..<values.count, parameters: network.parameters, gain: ranges.gain,
      bias: ranges.bias, into: &outputs, at: begin, statistics: &statistics, at: 0)
  }
}
