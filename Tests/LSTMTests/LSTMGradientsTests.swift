import LSTM
import Testing

@Suite struct LSTMGradientsTests {
  static let shapes = [
    LSTMShape(inputs: 3, hidden: 4, layers: 1, outputs: 2),
    LSTMShape(inputs: 2, hidden: 3, layers: 2, outputs: 2),
    LSTMShape(inputs: 2, hidden: 2, layers: 4, outputs: 1),
    LSTMShape(inputs: 3, hidden: 4, layers: 1, outputs: 2, horizon: 3),
    LSTMShape(inputs: 3, hidden: 4, layers: 2, outputs: 2, quantiles: [0.1, 0.5, 0.9]),
    LSTMShape(inputs: 2, hidden: 5, layers: 1, outputs: 2, horizon: 2, quantiles: [0.3, 0.5]),
    LSTMShape(inputs: 2, hidden: 9, layers: 1, outputs: 2, layerNorm: true),
    LSTMShape(
      inputs: 2, hidden: 4, layers: 3, outputs: 1, horizon: 2, quantiles: [0.5, 0.8],
      layerNorm: true),
  ]

  @Test(arguments: shapes, [LSTMBatch.HeadSteps.all, .last])
  func `every gradient equals the central difference`(
    shape: LSTMShape, headSteps: LSTMBatch.HeadSteps
  ) {
    let network = LSTMNetwork(shape: shape, seed: 1)
    let batch = LSTMBatch.random(shape, lanes: 3, steps: 7, headSteps: headSteps, seed: 2)
    let states = (0..<3).map { LSTMState.random(shape, seed: UInt64(20 + $0)) }
    check(network.gradients(of: batch, from: states), ReferenceLSTM(network)) {
      $0.loss(batch, from: states)
    }
  }

  @Test(arguments: shapes.filter { $0.layers > 1 })
  func `gradients go through dropout between the layers`(shape: LSTMShape) {
    let network = LSTMNetwork(shape: shape, seed: 1)
    let batch = LSTMBatch.random(shape, lanes: 3, steps: 7, seed: 2)
    let states = (0..<3).map { LSTMState.random(shape, seed: UInt64(20 + $0)) }
    var reference = ReferenceLSTM(network)
    reference.dropoutScale = ReferenceLSTM.dropoutScales(
      rate: 0.3, seed: 5, step: 11, shape: shape, lanes: 3, steps: 7)
    let gradients = network.gradients(
      of: batch, from: states, dropout: LSTMDropout(rate: 0.3, seed: 5, step: 11))
    check(gradients, reference) { $0.loss(batch, from: states) }
  }

  @Test func `samples count by their weights`() {
    for shape in Self.shapes {
      let network = LSTMNetwork(shape: shape, seed: 1)
      var batch = LSTMBatch.random(shape, lanes: 3, steps: 4, seed: 2)
      for index in batch.observed.indices where index % 3 > 0 { batch.observed[index] *= 2.5 }
      let states = (0..<3).map { LSTMState.random(shape, seed: UInt64(20 + $0)) }
      check(network.gradients(of: batch, from: states), ReferenceLSTM(network)) {
        $0.loss(batch, from: states)
      }
    }
  }

  private func check(
    _ gradients: LSTMGradients, _ reference: ReferenceLSTM, loss: (ReferenceLSTM) -> Double
  ) {
    let shape = reference.shape
    #expect(abs(gradients.loss / loss(reference) - 1) < 1e-6)
    let differences = reference.differences(loss)
    for tensor in shape.tensors {
      let error = relativeError(
        Array(gradients.values[tensor.range]), Array(differences[tensor.range]))
      #expect(error < 1e-5, "\(tensor.name)")
    }
  }

  @Test(arguments: shapes) func `targets that do not count have no influence`(shape: LSTMShape) {
    let network = LSTMNetwork(shape: shape, seed: 3)
    let batch = LSTMBatch.random(shape, lanes: 4, steps: 9, seed: 4)
    let expected = network.gradients(of: batch)
    for wild in [Float.nan, .infinity, 1e30, -7] {
      var changed = batch
      for index in changed.targets.indices where changed.observed[index] == 0 {
        changed.targets[index] = wild
      }
      #expect(changed.targets != batch.targets)
      #expect(network.gradients(of: changed) == expected)
    }
    var touched = batch
    if let counted = touched.observed.firstIndex(of: 1) { touched.targets[counted] += 1 }
    #expect(network.gradients(of: touched) != expected)
  }

  @Test func `a batch without targets has no gradient`() {
    let shape = Self.shapes[0]
    let batch = LSTMBatch.random(shape, lanes: 2, steps: 3, observed: 0, seed: 5)
    let gradients = LSTMNetwork(shape: shape, seed: 1).gradients(of: batch)
    #expect(gradients.loss == 0 && gradients.values.allSatisfy { $0 == 0 })
  }

  @Test func `a lane in which nothing counts changes only the average`() {
    let shape = Self.shapes[1]
    let network = LSTMNetwork(shape: shape, seed: 6)
    let alone = LSTMBatch.random(shape, lanes: 1, steps: 6, observed: 1, seed: 7)
    var padded = LSTMBatch(shape: shape, lanes: 2, steps: 6)
    for step in 0..<6 {
      for column in 0..<2 {
        padded.inputs[step * 4 + column] = alone.inputs[step * 2 + column]
        padded.inputs[step * 4 + 2 + column] = 5
        padded.targets[step * 4 + column] = alone.targets[step * 2 + column]
        padded.observed[step * 4 + column] = 1
      }
    }
    let (one, two) = (network.gradients(of: alone), network.gradients(of: padded))
    #expect(abs(one.loss - two.loss) < 1e-7)
    #expect(relativeError(two.values, one.values.map(Double.init)) < 1e-5)
  }

  @Test func `state carried from chunk to chunk gives the forecasts of one long pass`() {
    let shape = Self.shapes[1]
    let network = LSTMNetwork(shape: shape, seed: 8)
    let (lanes, chunk) = (3, 5)
    let whole = LSTMBatch.random(shape, lanes: lanes, steps: 4 * chunk, seed: 9)
    let expected = network.forward(whole)
    var workspace = LSTMWorkspace(shape: shape, lanes: 4, steps: 6)
    // Stale numbers from another batch must not leak into this one.
    workspace.reset(lanes: 4)
    _ = workspace.meanLoss(
      network, LSTMBatch.random(shape, lanes: 4, steps: 6, seed: 10))
    workspace.reset(lanes: lanes)
    var forecasts: [Float] = []
    let row = lanes * shape.inputs
    for begin in stride(from: 0, to: 4 * chunk, by: chunk) {
      var batch = LSTMBatch(shape: shape, lanes: lanes, steps: chunk)
      batch.inputs = Array(whole.inputs[begin * row..<(begin + chunk) * row])
      workspace.forward(network, batch)
      forecasts += workspace.forecasts[..<(chunk * lanes * shape.outputs)]
      workspace.carry(after: chunk)
    }
    #expect(relativeError(forecasts, expected.forecasts.map(Double.init)) < 1e-6)
    for lane in 0..<lanes {
      let found = workspace.state(lane: lane, step: 0)
      #expect(relativeError(found.cells, expected.states[lane].cells.map(Double.init)) < 1e-6)
    }
  }
}
