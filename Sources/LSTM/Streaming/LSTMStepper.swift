/// Runs a network along series, a row of each at a time, one series or many side by side.
///
///     var stepper = LSTMStepper(network)
///     var state = LSTMState(for: network.shape)
///     stepper.step(row.span, state: &state, forecast: &forecast)
///
/// Weights are packed once and shared by copies. The results are functions of weights, state and
/// row alone: a series' have the same bits alone and beside any others, on every processor.
public struct LSTMStepper: Sendable {
  /// The network's sizes.
  public let shape: LSTMShape
  let network: LSTMNetwork
  let layers: [PackedLayer]
  let head: PackedHead
  // Scratch memory, as large as the most lanes that stepped together ask for.
  private var rows: [Float] = []
  private var outputs: [Float] = []
  private var cells: [Float] = []
  private var passed: [Float] = []
  private var statistics: [Float] = []
  private var forecasts: [Float] = []
  /// Outputs of one layer and of the next over whole windows; see `forecast(windows:)`.
  var windowOutputs: [[Float]] = [[], []]

  /// Packs a network's weights.
  public init(_ network: LSTMNetwork) {
    let shape = network.shape
    (self.shape, self.network) = (shape, network)
    layers = (0..<shape.layers).map { layer in
      var packed = PackedLayer(inputs: shape.inputs(ofLayer: layer), hidden: shape.hidden)
      packed.pack(network.parameters, shape.layerRanges(layer))
      return packed
    }
    var head = PackedHead(hidden: shape.hidden, width: shape.headWidth)
    head.pack(network.parameters, shape.headWeights)
    self.head = head
    grow(lanes: 1)
  }

  /// Takes in one row of one series and forecasts the next, or the next few. Allocates nothing.
  ///
  /// - Parameters:
  ///   - row: The scaled row x_t, [F]; missing values as 0.
  ///   - state: What came before; advanced by the step.
  ///   - forecast: Receives the forecast, [`shape.headWidth`]; for one row ahead without quantiles
  ///     that is [O].
  /// - Precondition: Sizes fit the shape.
  /// - Complexity: O(layers · H · (F + H) + H · O).
  public mutating func step(
    _ row: Span<Float>, state: inout LSTMState, forecast: inout MutableSpan<Float>
  ) {
    precondition(
      row.count == shape.inputs && forecast.count == shape.headWidth,
      "\(row.count) inputs, \(forecast.count) forecasts for \(shape.inputs), \(shape.headWidth)")
    for index in 0..<row.count { rows[index] = row[index] }
    state.withMemory { outputs, cells in
      advance(lanes: 1, at: { _ in 0 }, outputs: &outputs, cells: &cells)
    }
    for index in 0..<forecast.count { forecast[index] = forecasts[index] }
  }

  /// Takes in a row of each of some series and forecasts their next rows.
  ///
  /// - Parameters:
  ///   - lanes: Series B.
  ///   - newRows: The scaled rows, [B × F]; missing values as 0.
  ///   - place: Where the state of a lane begins in `outputs` and `cells`; all different.
  ///   - outputs: Outputs h of states, each [layers × H]; those stepped are replaced.
  ///   - cells: Cells c of states, likewise.
  ///   - newForecasts: Receives the forecasts, [B × `shape.headWidth`].
  /// - Precondition: Sizes fit the shape.
  package mutating func step(
    lanes: Int, _ newRows: Span<Float>, at place: (Int) -> Int, outputs: inout [Float],
    cells: inout [Float], forecasts newForecasts: inout MutableSpan<Float>
  ) {
    precondition(
      newRows.count == lanes * shape.inputs && newForecasts.count == lanes * shape.headWidth,
      "\(newRows.count) inputs, \(newForecasts.count) forecasts for \(lanes) series")
    grow(lanes: lanes)
    for index in 0..<newRows.count { rows[index] = newRows[index] }
    advance(lanes: lanes, at: place, outputs: &outputs, cells: &cells)
    for index in 0..<newForecasts.count { newForecasts[index] = forecasts[index] }
  }

  private mutating func grow(lanes: Int) {
    let size = lanes * shape.hidden
    guard cells.count < size || rows.count < lanes * shape.inputs else { return }
    func zeros(_ count: Int) -> [Float] { Array(repeating: 0, count: count) }
    rows = zeros(lanes * shape.inputs)
    outputs = zeros(2 * size)
    cells = zeros(size)
    passed = zeros(size)
    statistics = zeros(2 * lanes)
    forecasts = zeros(lanes * shape.headWidth)
  }

  /// Advances every layer of some lanes by what is in `rows`, and forecasts.
  private mutating func advance(
    lanes: Int, at place: (Int) -> Int, outputs stateOutputs: inout [Float],
    cells stateCells: inout [Float]
  ) {
    let hidden = shape.hidden
    let size = lanes * hidden
    for (layer, packed) in layers.enumerated() {
      for lane in 0..<lanes {
        let begin = place(lane) + layer * hidden
        for unit in 0..<hidden {
          outputs[lane * hidden + unit] = stateOutputs[begin + unit]
          cells[lane * hidden + unit] = stateCells[begin + unit]
        }
      }
      packed.forward(
        PackedLayer.Chunk(steps: 1, lanes: lanes, rows: 0, state: 0), layer == 0 ? rows : passed,
        outputs: &outputs, lastCells: &cells)
      for lane in 0..<lanes {
        let begin = place(lane) + layer * hidden
        for unit in 0..<hidden {
          stateOutputs[begin + unit] = outputs[size + lane * hidden + unit]
          stateCells[begin + unit] = cells[lane * hidden + unit]
        }
      }
      if shape.layerNorm {
        let ranges = shape.normRanges(layer)
        LayerNorm(width: hidden).forward(
          outputs, at: size..<2 * size, parameters: network.parameters, gain: ranges.gain,
          bias: ranges.bias, into: &passed, at: 0, statistics: &statistics, at: 0)
      } else {
        for index in 0..<size { passed[index] = outputs[size + index] }
      }
    }
    head.forward(
      rows: lanes, passed, at: 0, network.parameters, bias: shape.headBias, into: &forecasts)
  }
}
