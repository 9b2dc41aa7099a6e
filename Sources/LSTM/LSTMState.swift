/// What an LSTM remembers between two steps of one series.
///
/// It also keeps the scratch memory of a step, so that a step allocates nothing. Copies are
/// independent; equality looks at the memory alone.
public struct LSTMState: Hashable, Sendable {
  /// Outputs h of every layer, [layers × H], each within (-1, 1).
  public private(set) var outputs: [Float]
  /// Cells c of every layer, [layers × H].
  public private(set) var cells: [Float]
  private var gates: [Float]
  private var tanhCells: [Float]
  /// What the last layer handed up when that is not its output, [H]; empty without normalisation.
  private(set) var passed: [Float]
  private var normStatistics: [Float]

  /// Makes the state before the first row: all zeros.
  public init(for shape: LSTMShape) {
    outputs = Array(repeating: 0, count: shape.layers * shape.hidden)
    cells = outputs
    gates = Array(repeating: 0, count: 4 * shape.hidden)
    tanhCells = Array(repeating: 0, count: shape.hidden)
    passed = Array(repeating: 0, count: shape.layerNorm ? shape.hidden : 0)
    normStatistics = [0, 0]
  }

  /// Makes a state of known memory.
  ///
  /// - Precondition: `outputs` and `cells` are [layers × H].
  public init(for shape: LSTMShape, outputs: [Float], cells: [Float]) {
    self.init(for: shape)
    precondition(
      outputs.count == self.outputs.count && cells.count == self.cells.count,
      "\(outputs.count) outputs and \(cells.count) cells for \(self.cells.count) units")
    (self.outputs, self.cells) = (outputs, cells)
  }

  /// Forgets everything, as after a gap in the series.
  public mutating func reset() {
    for index in outputs.indices { outputs[index] = 0 }
    for index in cells.indices { cells[index] = 0 }
  }

  /// Whether two states remember the same.
  public static func == (left: LSTMState, right: LSTMState) -> Bool {
    left.outputs == right.outputs && left.cells == right.cells
  }

  /// Feeds what is remembered, not the scratch memory.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(outputs)
    hasher.combine(cells)
  }

  /// Advances every layer by one row.
  mutating func advance(_ shape: LSTMShape, parameters: [Float], input: Span<Float>) {
    let hidden = shape.hidden
    precondition(
      cells.count == shape.layers * hidden && gates.count == 4 * hidden
        && passed.count == (shape.layerNorm ? hidden : 0),
      "a state of \(cells.count) units for \(shape.layers) layers of \(hidden)")
    let step = LSTMStep(lanes: 1, hidden: hidden)
    for layer in 0..<shape.layers {
      let ranges = shape.layerRanges(layer)
      for index in gates.indices { gates[index] = 0 }
      if layer == 0 {
        addProduct(parameters, at: ranges.inputWeights, input, to: &gates)
      } else if shape.layerNorm {
        addProduct(parameters, at: ranges.inputWeights, passed, at: 0..<hidden, to: &gates)
      } else {
        addProduct(
          parameters, at: ranges.inputWeights, outputs,
          at: (layer - 1) * hidden..<layer * hidden, to: &gates)
      }
      addProduct(
        parameters, at: ranges.recurrentWeights, outputs,
        at: layer * hidden..<(layer + 1) * hidden, to: &gates)
      step.forward(
        gates: &gates, slot: 0, parameters: parameters,
        biases: (ranges.inputBias.lowerBound, ranges.recurrentBias.lowerBound), cells: &cells,
        before: layer, after: layer, tanhCells: &tanhCells, outputs: &outputs)
      if shape.layerNorm { normalise(layer, shape, parameters) }
    }
  }

  private mutating func normalise(_ layer: Int, _ shape: LSTMShape, _ parameters: [Float]) {
    let ranges = shape.normRanges(layer)
    LayerNorm(width: shape.hidden).forward(
      outputs, at: layer * shape.hidden..<(layer + 1) * shape.hidden, parameters: parameters,
      gain: ranges.gain, bias: ranges.bias, into: &passed, at: 0, statistics: &normStatistics,
      at: 0)
  }
}

extension LSTMNetwork {
  /// Takes in one row of one series and forecasts the next, or the next few.
  ///
  /// A function of weights, state and input alone: the same bits every time on one machine.
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: The scaled row x_t, [F]; missing values as 0.
  ///   - state: What came before; advanced by the step.
  ///   - output: Receives the forecast, [`shape.headWidth`]; for one row ahead without quantiles
  ///     that is [O].
  /// - Precondition: Sizes fit the shape.
  /// - Complexity: O(layers · H · (F + H) + H · O).
  public func step(
    input: Span<Float>, state: inout LSTMState, output: inout MutableSpan<Float>
  ) {
    precondition(
      input.count == shape.inputs && output.count == shape.headWidth,
      "\(input.count) inputs, \(output.count) outputs for \(shape.inputs), \(shape.headWidth)")
    state.advance(shape, parameters: parameters, input: input)
    let bias = shape.headBias.lowerBound
    for index in 0..<output.count { output[index] = parameters[bias + index] }
    let weights = parameters.span.extracting(shape.headWeights)
    if shape.layerNorm {
      addProduct(weights, state.passed.span, to: &output)
    } else {
      let top = (shape.layers - 1) * shape.hidden
      addProduct(
        weights, state.outputs.span.extracting(top..<top + shape.hidden), to: &output)
    }
  }
}
