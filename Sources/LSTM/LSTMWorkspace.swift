/// The memory of a training run: activations of a chunk, state between chunks, gradients.
///
/// Allocated once. Slots are steps: layer k's step t has slot k T + t in `gates`, `tanhCells` and
/// `passed`, and reads slot k (T + 1) + t of `cells` and `hiddens` and writes the next one, where T
/// is the capacity in steps. A slot is as large as the lanes in use ask for.
package struct LSTMWorkspace: Sendable {
  /// The network's sizes.
  let shape: LSTMShape
  /// Steps T that fit.
  let stepCapacity: Int
  /// Lanes that fit.
  let laneCapacity: Int
  /// Lanes B in use, set by `reset(lanes:)`.
  private(set) var lanes: Int
  /// Activations i, f, g, o, and after the backward pass gradients: slots of [B × 4H].
  var gates: [Float]
  /// tanh of the cells after each step: slots of [B × H].
  var tanhCells: [Float]
  /// Cells before the first and after every step: slots of [B × H].
  var cells: [Float]
  /// Outputs before the first and after every step: slots of [B × H].
  var hiddens: [Float]
  /// What layers hand up when that is not what `hiddens` holds: outputs normalised and dropped out
  /// of, slots of [B × H]; empty without either.
  var passed: [Float]
  /// Mean and inverse deviation of every normalised row, slots of [B × 2].
  var normStatistics: [Float]
  /// What the last forward pass multiplied normalised outputs by, slots of [B × H] of all layers
  /// but the last; empty without dropout.
  var dropoutScales: [Float]
  /// Whether the last forward pass dropped.
  var hasDropped = false
  /// Forecasts [S × B × headWidth], and after the loss its gradient with respect to them.
  package var forecasts: [Float]
  /// Gradient with respect to one layer's outputs, [T × B × H].
  var hiddenGradient: [Float]
  /// Gradient with respect to one layer's cells at one step, [B × H].
  var cellGradient: [Float]
  /// Where gradients cross the ends of the chunk, and empty where they do not: with respect to the
  /// outputs and cells of every layer, [layers × B × H], before the backward pass after the last
  /// step and after it before the first.
  package var stateGradient = (outputs: [Float](), cells: [Float]())
  /// Gradient with respect to every parameter, in the order of `LSTMShape.tensors`.
  package var gradients: [Float]
  /// The layers' weights as the kernels read them, those of the last pass.
  var layers: [PackedLayer]
  /// The head's, likewise; nil without outputs.
  var head: PackedHead?
  /// Gradient with respect to one layer's outputs before the first step, [B × H].
  var firstGradient: [Float]

  /// Makes room for chunks of up to `lanes` × `steps`.
  ///
  /// - Parameters:
  ///   - headSteps: As the batches will have.
  ///   - dropout: Whether forward passes will drop.
  package init(
    shape: LSTMShape, lanes: Int, steps: Int, headSteps: LSTMBatch.HeadSteps = .all,
    dropout: Bool = false
  ) {
    precondition(lanes > 0 && steps > 0, "\(lanes) lanes of \(steps) steps")
    (self.shape, stepCapacity, laneCapacity, self.lanes) = (shape, steps, lanes, lanes)
    let units = lanes * shape.hidden
    func zeros(_ count: Int) -> [Float] { Array(repeating: 0, count: count) }
    gates = zeros(shape.layers * steps * 4 * units)
    tanhCells = zeros(shape.layers * steps * units)
    cells = zeros(shape.layers * (steps + 1) * units)
    hiddens = zeros(shape.layers * (steps + 1) * units)
    let drops = dropout && shape.layers > 1
    passed = zeros(shape.layerNorm || drops ? shape.layers * steps * units : 0)
    normStatistics = zeros(shape.layerNorm ? shape.layers * steps * lanes * 2 : 0)
    dropoutScales = zeros(drops ? (shape.layers - 1) * steps * units : 0)
    forecasts = zeros((headSteps == .all ? steps : 1) * lanes * shape.headWidth)
    hiddenGradient = zeros(steps * units)
    cellGradient = zeros(units)
    gradients = zeros(shape.parameterCount)
    layers = (0..<shape.layers).map {
      PackedLayer(inputs: shape.inputs(ofLayer: $0), hidden: shape.hidden)
    }
    head = shape.outputs > 0 ? PackedHead(hidden: shape.hidden, width: shape.headWidth) : nil
    firstGradient = zeros(units)
  }

  /// Starts `lanes` fresh lanes: their state is zero.
  package mutating func reset(lanes: Int) {
    precondition(
      lanes > 0 && lanes <= laneCapacity, "\(lanes) lanes in a workspace of \(laneCapacity)")
    self.lanes = lanes
    for layer in 0..<shape.layers {
      let first = stateRange(layer: layer, step: 0)
      for index in first { (cells[index], hiddens[index]) = (0, 0) }
    }
  }

  /// Makes the state after `steps` steps the one that the next chunk starts from; no gradient
  /// flows through (Williams and Peng 1990).
  package mutating func carry(after steps: Int) {
    for layer in 0..<shape.layers {
      let first = stateRange(layer: layer, step: 0).lowerBound
      let last = stateRange(layer: layer, step: steps).lowerBound
      for index in 0..<lanes * shape.hidden {
        cells[first + index] = cells[last + index]
        hiddens[first + index] = hiddens[last + index]
      }
    }
  }

  /// The state of one lane before step `step`.
  package func state(lane: Int, step: Int) -> LSTMState {
    var outputs: [Float] = []
    var cells: [Float] = []
    for layer in 0..<shape.layers {
      let begin = stateRange(layer: layer, step: step).lowerBound + lane * shape.hidden
      outputs += hiddens[begin..<begin + shape.hidden]
      cells += self.cells[begin..<begin + shape.hidden]
    }
    return LSTMState(for: shape, outputs: outputs, cells: cells)
  }

  /// Sets the state that one lane starts from.
  package mutating func set(_ state: LSTMState, lane: Int) {
    for layer in 0..<shape.layers {
      let begin = stateRange(layer: layer, step: 0).lowerBound + lane * shape.hidden
      for unit in 0..<shape.hidden {
        hiddens[begin + unit] = state.outputs[layer * shape.hidden + unit]
        cells[begin + unit] = state.cells[layer * shape.hidden + unit]
      }
    }
  }
}
