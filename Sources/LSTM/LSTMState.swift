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

  /// Makes the state before the first row: all zeros.
  public init(for shape: LSTMShape) {
    outputs = Array(repeating: 0, count: shape.layers * shape.hidden)
    cells = outputs
    gates = Array(repeating: 0, count: 4 * shape.hidden)
    tanhCells = Array(repeating: 0, count: shape.hidden)
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
    precondition(
      cells.count == shape.layers * shape.hidden && gates.count == 4 * shape.hidden,
      "a state of \(cells.count) units for \(shape.layers) layers of \(shape.hidden)")
    StreamingStep(shape: shape, lanes: 1).advance(
      parameters, inputs: input, outputs: &outputs, cells: &cells, gates: &gates,
      tanhCells: &tanhCells)
  }
}

extension LSTMNetwork {
  /// Takes in one row of one series and forecasts the next.
  ///
  /// A function of weights, state and input alone: the same bits every time on one machine.
  /// Allocates nothing.
  ///
  /// - Parameters:
  ///   - input: The scaled row x_t, [F]; missing values as 0.
  ///   - state: What came before; advanced by the step.
  ///   - output: Receives the forecast of the next row, [O].
  /// - Precondition: Sizes fit the shape.
  /// - Complexity: O(layers · H · (F + H) + H · O).
  public func step(
    input: Span<Float>, state: inout LSTMState, output: inout MutableSpan<Float>
  ) {
    precondition(
      input.count == shape.inputs && output.count == shape.outputs,
      "\(input.count) inputs and \(output.count) outputs for \(shape.inputs) and \(shape.outputs)")
    state.advance(shape, parameters: parameters, input: input)
    StreamingStep(shape: shape, lanes: 1).forecast(
      parameters, outputs: state.outputs, into: &output)
  }
}
