extension LSTMWorkspace {
  /// Where `cells` and `hiddens` hold a layer's state before step `step`.
  func stateRange(layer: Int, step: Int) -> Range<Int> {
    let size = lanes * shape.hidden
    let begin = (layer * (stepCapacity + 1) + step) * size
    return begin..<begin + size
  }

  /// Where `hiddens` holds the outputs of `steps` steps of a layer, from the given first slot: 0
  /// for what the steps read, 1 for what they wrote.
  func hiddenRange(layer: Int, from slot: Int, steps: Int) -> Range<Int> {
    let begin = stateRange(layer: layer, step: slot).lowerBound
    return begin..<begin + steps * lanes * shape.hidden
  }

  /// Where `passed` and `dropoutScales` hold `steps` steps of a layer from step `first` on.
  func passedRange(layer: Int, from first: Int = 0, steps: Int) -> Range<Int> {
    let size = lanes * shape.hidden
    let begin = (layer * stepCapacity + first) * size
    return begin..<begin + steps * size
  }

  /// Where `stateGradient` holds a layer, [B × H].
  func stateGradientRange(layer: Int) -> Range<Int> {
    layer * lanes * shape.hidden..<(layer + 1) * lanes * shape.hidden
  }

  /// Whether what a layer hands up differs from what it remembers.
  func changesOutputs(ofLayer layer: Int) -> Bool {
    shape.layerNorm || hasDropped && layer < shape.layers - 1
  }

  /// What a layer handed up at `steps` steps from step `first` on: an array and where in it,
  /// [steps × B × H].
  func handedUp(
    byLayer layer: Int, from first: Int = 0, steps: Int
  ) -> (values: [Float], range: Range<Int>) {
    changesOutputs(ofLayer: layer)
      ? (passed, passedRange(layer: layer, from: first, steps: steps))
      : (hiddens, hiddenRange(layer: layer, from: first + 1, steps: steps))
  }
}
