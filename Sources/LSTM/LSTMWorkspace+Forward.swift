internal import LinearAlgebra

extension LSTMWorkspace {
  /// Runs a network over a chunk and leaves every activation and forecast.
  ///
  /// The products with the inputs are one for the whole chunk; only those with the previous outputs
  /// wait for each other.
  ///
  /// - Precondition: The batch has the lanes of the last `reset` and no more steps than fit.
  package mutating func forward(_ network: LSTMNetwork, _ batch: LSTMBatch) {
    precondition(
      network.shape == shape && batch.shape == shape && batch.lanes == lanes
        && batch.steps <= stepCapacity,
      "a batch of \(batch.lanes) lanes, \(batch.steps) steps in one of \(lanes), \(stepCapacity)")
    for layer in 0..<shape.layers {
      projectInputs(network, batch, layer: layer)
      runSteps(network, batch.steps, layer: layer)
    }
    forecast(network, batch.steps)
  }

  /// gates = x W_ihᵀ for all steps of a layer, [T B × in] · [in × 4H].
  private mutating func projectInputs(_ network: LSTMNetwork, _ batch: LSTMBatch, layer: Int) {
    let product = ProductShape(
      rows: batch.steps * lanes, columns: 4 * shape.hidden, inner: shape.inputs(ofLayer: layer))
    let weights = shape.layerRanges(layer).inputWeights
    let range = gateRange(layer: layer, steps: batch.steps)
    if layer == 0 {
      multiply(
        product, batch.inputs, at: 0..<product.rows * product.inner, .none, network.parameters,
        at: weights, .transposed, into: &gates, at: range)
    } else {
      multiply(
        product, hiddens, at: hiddenRange(layer: layer - 1, from: 1, steps: batch.steps), .none,
        network.parameters, at: weights, .transposed, into: &gates, at: range)
    }
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

  /// forecasts = h W_headᵀ + b_head for all steps, [T B × H] · [H × O].
  private mutating func forecast(_ network: LSTMNetwork, _ steps: Int) {
    let (rows, columns) = (steps * lanes, shape.outputs)
    multiply(
      ProductShape(rows: rows, columns: columns, inner: shape.hidden), hiddens,
      at: hiddenRange(layer: shape.layers - 1, from: 1, steps: steps), .none, network.parameters,
      at: shape.headWeights, .transposed, into: &forecasts, at: 0..<rows * columns)
    let bias = network.parameters.span.extracting(shape.headBias)
    var sums = forecasts.mutableSpan
    for row in 0..<rows {
      for column in 0..<columns { sums[row * columns + column] += bias[column] }
    }
  }

  /// Replaces forecasts by their errors times what their targets count, zero where no target
  /// counts, and sums the squares.
  ///
  /// - Returns: Σ weight · (y - target)² over observed targets, in the unit of the rows squared.
  package mutating func squaredError(_ batch: LSTMBatch) -> Double {
    let count = batch.steps * lanes * shape.outputs
    let targets = batch.targets.span.extracting(0..<count)
    let weights = batch.observed.span.extracting(0..<count)
    var errors = forecasts.mutableSpan
    precondition(errors.count >= count, "\(count) targets for \(errors.count) forecasts")
    for index in 0..<count {
      let error = errors[index] - targets[index]
      errors[index] = weights[index] > 0 ? error : 0
    }
    // Eight running sums, because a single one would wait for itself at every addition.
    var sums = SIMD8<Double>()
    for group in 0..<count / 8 {
      var (plain, weighted) = (SIMD8<Double>(), SIMD8<Double>())
      for lane in 0..<8 {
        let index = group * 8 + lane
        plain[lane] = Double(errors[index])
        errors[index] *= weights[index]
        weighted[lane] = Double(errors[index])
      }
      sums += plain * weighted
    }
    var sum = sums.sum()
    for index in count / 8 * 8..<count {
      let plain = Double(errors[index])
      errors[index] *= weights[index]
      sum += plain * Double(errors[index])
    }
    return sum
  }
}
