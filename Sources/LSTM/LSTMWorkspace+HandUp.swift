extension LSTMWorkspace {
  /// Normalises a layer's outputs and drops some of them, on their way to the next layer or the
  /// head. The recurrence sees none of this.
  mutating func handUp(
    layer: Int, _ network: LSTMNetwork, _ steps: Int, _ dropout: LSTMDropout?
  ) {
    guard changesOutputs(ofLayer: layer) else { return }
    let from = hiddenRange(layer: layer, from: 1, steps: steps)
    let to = passedRange(layer: layer, steps: steps)
    if shape.layerNorm {
      let ranges = shape.normRanges(layer)
      LayerNorm(width: shape.hidden).forward(
        hiddens, at: from, parameters: network.parameters, gain: ranges.gain, bias: ranges.bias,
        into: &passed, at: to.lowerBound, statistics: &normStatistics,
        at: statisticsStart(layer: layer))
    } else {
      for (source, target) in zip(from, to) { passed[target] = hiddens[source] }
    }
    if let dropout, layer < shape.layers - 1 {
      dropout.fillScales(
        &dropoutScales, at: to.lowerBound, layer: layer, steps: steps, lanes: lanes,
        units: shape.hidden)
      scale(&passed, at: to.lowerBound, by: dropoutScales, at: to)
    }
  }

  /// Turns the gradient with respect to what a layer handed up into that with respect to its
  /// outputs, and leaves those of gain and bias.
  mutating func takeBackHandUp(layer: Int, _ network: LSTMNetwork, _ steps: Int) {
    if hasDropped && layer < shape.layers - 1 {
      scale(
        &hiddenGradient, at: 0, by: dropoutScales, at: passedRange(layer: layer, steps: steps))
    }
    guard shape.layerNorm else { return }
    let ranges = shape.normRanges(layer)
    LayerNorm(width: shape.hidden).backward(
      &hiddenGradient, inputs: hiddens, at: hiddenRange(layer: layer, from: 1, steps: steps),
      statistics: normStatistics, at: statisticsStart(layer: layer),
      parameters: network.parameters, gain: ranges.gain, bias: ranges.bias,
      gradients: &gradients)
  }

  private func statisticsStart(layer: Int) -> Int { layer * stepCapacity * lanes * 2 }
}

/// Multiplies elements from `begin` on by those of a range.
private func scale(
  _ values: inout [Float], at begin: Int, by scales: [Float], at range: Range<Int>
) {
  let scales = scales.span.extracting(range)
  var values = values.mutableSpan
  for index in 0..<scales.count { values[begin + index] *= scales[index] }
}
