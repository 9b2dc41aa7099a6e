import LSTM
import Testing

@Suite struct LSTMStepperTests {
  static let shapes = [
    LSTMShape(inputs: 3, hidden: 5, layers: 1, outputs: 3),
    LSTMShape(inputs: 38, hidden: 64, layers: 1, outputs: 38),
    LSTMShape(inputs: 7, hidden: 17, layers: 2, outputs: 4),
    LSTMShape(inputs: 2, hidden: 8, layers: 4, outputs: 1),
    LSTMShape(
      inputs: 3, hidden: 17, layers: 2, outputs: 2, horizon: 2, quantiles: [0.5, 0.9],
      layerNorm: true),
  ]

  /// Feeds rows one at a time, [T × F] to [T × O].
  static func stream(
    _ network: LSTMNetwork, _ rows: [Float], _ state: inout LSTMState
  ) -> [Float] {
    let shape = network.shape
    var forecasts: [Float] = []
    var output = [Float](repeating: .nan, count: shape.headWidth)
    var stepper = LSTMStepper(network)
    for begin in stride(from: 0, to: rows.count, by: shape.inputs) {
      var span = output.mutableSpan
      stepper.step(
        rows.span.extracting(begin..<begin + shape.inputs), state: &state, forecast: &span)
      forecasts += output
    }
    return forecasts
  }

  @Test(arguments: shapes) func `streaming equals the double-precision equations`(
    shape: LSTMShape
  ) {
    let network = LSTMNetwork(shape: shape, seed: 1)
    let rows = numbers(30 * shape.inputs, within: 3, seed: 2)
    var state = LSTMState.random(shape, seed: 3)
    var reference = ReferenceLSTM.unpacked(state, shape)
    let expected = ReferenceLSTM(network).forecasts(
      (0..<30).map { rows[$0 * shape.inputs..<($0 + 1) * shape.inputs].map(Double.init) },
      from: &reference)
    #expect(relativeError(Self.stream(network, rows, &state), expected.flatMap(\.self)) < 3e-6)
    #expect(relativeError(state.cells, reference.c.flatMap(\.self)) < 3e-6)
    #expect(relativeError(state.outputs, reference.h.flatMap(\.self)) < 3e-6)
  }

  @Test(arguments: shapes) func `streaming equals the batched forward pass`(shape: LSTMShape) {
    let network = LSTMNetwork(shape: shape, seed: 4)
    let (lanes, steps) = (3, 20)
    let batch = LSTMBatch.random(shape, lanes: lanes, steps: steps, seed: 5)
    let states = (0..<lanes).map { LSTMState.random(shape, seed: UInt64(10 + $0)) }
    let batched = network.forward(batch, from: states)
    for lane in 0..<lanes {
      func select(_ values: [Float], _ width: Int) -> [Float] {
        (0..<steps).flatMap { step in
          let begin = (step * lanes + lane) * width
          return values[begin..<begin + width]
        }
      }
      var state = states[lane]
      let streamed = Self.stream(network, select(batch.inputs, shape.inputs), &state)
      let expected = select(batched.forecasts, shape.headWidth).map(Double.init)
      #expect(relativeError(streamed, expected) < 5e-6)
      #expect(relativeError(state.cells, batched.states[lane].cells.map(Double.init)) < 5e-6)
    }
  }

  @Test(arguments: shapes) func `the same state and rows give the same bits`(shape: LSTMShape) {
    let network = LSTMNetwork(shape: shape, seed: 6)
    let rows = numbers(50 * shape.inputs, seed: 7)
    var whole = LSTMState(for: shape)
    let expected = Self.stream(network, rows, &whole)
    // Again with the state copied half-way, and with the rows at another place in memory.
    var first = LSTMState(for: shape)
    let half = 25 * shape.inputs
    let begin = Self.stream(network, Array(rows[..<half]), &first)
    let kept = first
    var second = first
    let end =
      Self.stream(network, [], &second) + Self.stream(network, Array(rows[half...]), &second)
    #expect(begin + end == expected)
    #expect(second == whole)
    #expect(first == kept && first != second)
  }

  @Test(arguments: shapes) func `series have the same bits alone and together`(
    shape: LSTMShape
  ) {
    let network = LSTMNetwork(shape: shape, seed: 10)
    let (count, steps) = (13, 6)
    let size = shape.layers * shape.hidden
    let states = (0..<count).map { LSTMState.random(shape, seed: UInt64($0)) }
    var (outputs, cells) = (states.flatMap(\.outputs), states.flatMap(\.cells))
    var alone = states
    var (stepper, single) = (LSTMStepper(network), LSTMStepper(network))
    for step in 0..<steps {
      // Now all, now some of them in another order.
      let places = step % 2 == 0 ? Array(0..<count) : [7, 2, 11]
      let rows = numbers(places.count * shape.inputs, within: 2, seed: UInt64(step))
      var forecasts = Array(repeating: Float.nan, count: places.count * shape.headWidth)
      var spans = forecasts.mutableSpan
      stepper.step(
        lanes: places.count, rows.span, at: { places[$0] * size }, outputs: &outputs,
        cells: &cells, forecasts: &spans)
      for (lane, place) in places.enumerated() {
        var forecast = Array(repeating: Float.nan, count: shape.headWidth)
        var span = forecast.mutableSpan
        single.step(
          rows.span.extracting(lane * shape.inputs..<(lane + 1) * shape.inputs),
          state: &alone[place], forecast: &span)
        let width = shape.headWidth
        #expect(forecast == Array(forecasts[lane * width..<(lane + 1) * width]))
        let own = place * size..<(place + 1) * size
        #expect(alone[place].outputs == Array(outputs[own]))
        #expect(alone[place].cells == Array(cells[own]))
      }
    }
  }

  @Test func `a reset state is as new`() {
    let shape = Self.shapes[2]
    let network = LSTMNetwork(shape: shape, seed: 8)
    let rows = numbers(10 * shape.inputs, seed: 9)
    var used = LSTMState(for: shape)
    let first = Self.stream(network, rows, &used)
    #expect(used != LSTMState(for: shape))
    used.reset()
    #expect(used == LSTMState(for: shape))
    #expect(Self.stream(network, rows, &used) == first)
  }

  @Test func `a NaN input shows in the forecast`() {
    let shape = Self.shapes[0]
    var state = LSTMState(for: shape)
    let forecast = Self.stream(LSTMNetwork(shape: shape, seed: 1), [0, .nan, 0], &state)
    #expect(forecast.allSatisfy { $0.isNaN })
  }

  @Test func `a row of another width traps`() async {
    await #expect(processExitsWith: .failure) {
      let shape = LSTMShape(inputs: 3, hidden: 5, layers: 1, outputs: 3)
      var state = LSTMState(for: shape)
      _ = LSTMStepperTests.stream(
        LSTMNetwork(shape: shape, seed: 1), [1, 2], &state)
    }
  }
}
