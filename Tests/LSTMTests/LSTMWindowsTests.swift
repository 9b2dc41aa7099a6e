import LSTM
import Testing

@Suite struct LSTMWindowsTests {
  static let shape = LSTMShape(inputs: 5, hidden: 9, layers: 2, outputs: 4)
  static let (windows, steps) = (3, 8)

  private let network = LSTMNetwork(shape: shape, seed: 1)
  private let inputs = numbers(steps * windows * shape.inputs, seed: 2)
  private let targets = numbers(windows * shape.outputs, seed: 3)

  /// The same windows as a batch in which only the targets after the last row count.
  private var batch: LSTMBatch {
    var batch = LSTMBatch(shape: Self.shape, lanes: Self.windows, steps: Self.steps)
    batch.inputs = inputs
    let begin = batch.targets.count - targets.count
    batch.targets.replaceSubrange(begin..., with: targets)
    for index in begin..<batch.observed.count { batch.observed[index] = 1 }
    return batch
  }

  @Test func `a forecast is that of streaming the window from a fresh state`() {
    var trained = LSTMWindows(network, windows: Self.windows, steps: Self.steps)
    let forecasts = trained.forecast(inputs)
    #expect(forecasts.count == targets.count)
    for window in 0..<Self.windows {
      let rows = (0..<Self.steps).flatMap { step in
        let begin = (step * Self.windows + window) * Self.shape.inputs
        return inputs[begin..<begin + Self.shape.inputs]
      }
      var state = LSTMState(for: Self.shape)
      let streamed = LSTMStepperTests.stream(network, rows, &state).suffix(Self.shape.outputs)
      let begin = window * Self.shape.outputs
      #expect(Array(forecasts[begin..<begin + Self.shape.outputs]) == Array(streamed))
    }
  }

  @Test func `training steps are gradients of the last forecast, moved along by Adam`() {
    var trained = LSTMWindows(
      network, windows: Self.windows, steps: Self.steps, learningRate: 0.01)
    var expected = network.parameters
    var adam = Adam(count: expected.count, learningRate: 0.01)
    for _ in 0..<5 {
      let gradients = LSTMNetwork(shape: Self.shape, parameters: expected).gradients(of: batch)
      adam.update(&expected, gradients: gradients.values, scale: 1)
      let loss = trained.trainStep(inputs, targets: targets)
      #expect(abs(loss / gradients.loss - 1) < 1e-6)
    }
    #expect(relativeError(trained.network.parameters, expected.map(Double.init)) < 1e-6)
  }

  @Test(arguments: [false, true])
  func `nothing depends on the number of threads`(layerNorm: Bool) {
    let shape = LSTMShape(inputs: 5, hidden: 9, layers: 2, outputs: 4, layerNorm: layerNorm)
    let network = LSTMNetwork(shape: shape, seed: 1)
    let inputs = numbers(6 * 70 * 5, seed: 4)
    func results(_ threads: Int) -> ([Float], [Float]) {
      var trained = LSTMWindows(network, windows: 70, steps: 6, threads: threads)
      _ = trained.trainStep(inputs, targets: numbers(70 * 4, seed: 5))
      return (trained.network.parameters, trained.forecast(inputs))
    }
    let expected = results(1)
    for threads in [2, 8] { #expect(results(threads) == expected) }
  }

  @Test func `forecasts between training steps change nothing`() {
    var plain = LSTMWindows(network, windows: Self.windows, steps: Self.steps)
    var interrupted = LSTMWindows(network, windows: Self.windows, steps: Self.steps)
    for _ in 0..<2 {
      _ = plain.trainStep(inputs, targets: targets)
      _ = interrupted.forecast(numbers(inputs.count, seed: 9))
      _ = interrupted.trainStep(inputs, targets: targets)
    }
    #expect(interrupted.network == plain.network && plain.network != network)
  }
}
