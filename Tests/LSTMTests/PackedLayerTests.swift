import CLSTMKernels
import Foundation
import LSTM
import LinearAlgebra
import Testing

/// One layer in double precision, term by term.
private struct ReferenceLayer {
  let inputs, hidden: Int
  let parameters: [Float]
  let ranges: LSTMShape.LayerRanges

  /// Sums of a gate's unit for a row and the outputs before.
  func sum(_ row: Int, _ x: ArraySlice<Double>, _ h: ArraySlice<Double>) -> Double {
    var sum = Double(parameters[ranges.inputBias.lowerBound + row])
    sum += Double(parameters[ranges.recurrentBias.lowerBound + row])
    for (k, value) in x.enumerated() {
      sum += Double(parameters[ranges.inputWeights.lowerBound + row * inputs + k]) * value
    }
    for (k, value) in h.enumerated() {
      sum += Double(parameters[ranges.recurrentWeights.lowerBound + row * hidden + k]) * value
    }
    return sum
  }

  /// Outputs and cells after a step of one lane.
  func step(
    _ x: ArraySlice<Double>, _ h: ArraySlice<Double>, _ c: ArraySlice<Double>
  ) -> (outputs: [Double], cells: [Double]) {
    var (outputs, cells) = ([Double](), [Double]())
    for unit in 0..<hidden {
      let z = (0..<4).map { sum($0 * hidden + unit, x, h) }
      let remembered = c[c.startIndex + unit] / (1 + exp(-z[1]))
      let cell = remembered + tanh(z[2]) / (1 + exp(-z[0]))
      cells.append(cell)
      outputs.append(tanh(cell) / (1 + exp(-z[3])))
    }
    return (outputs, cells)
  }
}

/// A layer with random weights, and everything its passes need.
private struct Scene {
  let shape: LSTMShape
  let steps, lanes: Int
  let parameters: [Float]
  let rows: [Float]
  let gradient: [Float]
  var layer: PackedLayer
  var outputs, cells, gates, tanhCells: [Float]

  init(inputs: Int, hidden: Int, steps: Int, lanes: Int, path: ap_lstm_path? = nil) {
    (self.steps, self.lanes) = (steps, lanes)
    shape = LSTMShape(inputs: inputs, hidden: hidden, layers: 1, outputs: 1)
    var generator = Philox(seed: 3, purpose: "scene")
    func numbers(_ count: Int, _ scale: Float) -> [Float] {
      (0..<count).map { _ in (2 * generator.uniformFloat() - 1) * scale }
    }
    parameters = numbers(shape.parameterCount, 0.5)
    rows = numbers(steps * lanes * inputs, 2)
    gradient = numbers(steps * lanes * hidden, 1)
    let size = lanes * hidden
    outputs = numbers(size, 1) + Array(repeating: 0, count: steps * size)
    cells = numbers(size, 2) + Array(repeating: 0, count: steps * size)
    gates = Array(repeating: 0, count: 4 * steps * size)
    tanhCells = Array(repeating: 0, count: steps * size)
    layer = PackedLayer(inputs: inputs, hidden: hidden, path: path)
    layer.pack(parameters, shape.layerRanges(0))
    layer.packBackward(parameters, shape.layerRanges(0), passesDown: inputs == hidden)
  }

  var chunk: PackedLayer.Chunk { .init(steps: steps, lanes: lanes, rows: 0, state: 0) }

  mutating func forward() {
    layer.forward(
      chunk, rows, outputs: &outputs, cells: &cells, gates: &gates, tanhCells: &tanhCells)
  }

  /// Everything that the backward pass leaves.
  mutating func backward() -> [[Float]] {
    var (dh, dc) = (gradient, Array(repeating: Float(0.25), count: lanes * shape.hidden))
    var first = dc
    var gradients = Array(repeating: Float(9), count: shape.parameterCount)
    layer.backward(
      chunk, rows, outputs: outputs, cells: cells, tanhCells: tanhCells, gates: &gates,
      outputGradient: &dh, cellGradient: &dc, firstOutputGradient: &first, gradients: &gradients,
      shape.layerRanges(0))
    return [gates, dh, dc, first, gradients]
  }
}

/// Sizes around those of registers and tiles, and lanes around those of tiles.
private let sizes: [(inputs: Int, hidden: Int, steps: Int, lanes: Int)] = [
  (1, 1, 3, 1), (5, 3, 2, 1), (3, 8, 4, 7), (38, 64, 3, 13), (1, 7, 5, 2), (2, 9, 2, 3),
  (33, 33, 3, 5), (9, 9, 2, 300), (40, 40, 2, 1), (16, 16, 3, 5), (38, 80, 2, 1), (17, 33, 2, 2),
  (24, 24, 20, 40), (9, 40, 2, 1), (8, 128, 2, 9),
]

@Suite struct PackedLayerTests {
  @Test(arguments: sizes)
  func `steps equal those in double precision`(
    inputs: Int, hidden: Int, steps: Int, lanes: Int
  ) {
    var scene = Scene(inputs: inputs, hidden: hidden, steps: steps, lanes: lanes)
    scene.forward()
    let reference = ReferenceLayer(
      inputs: inputs, hidden: hidden, parameters: scene.parameters,
      ranges: scene.shape.layerRanges(0))
    let (outputs, cells) = (scene.outputs.map(Double.init), scene.cells.map(Double.init))
    let rows = scene.rows.map(Double.init)
    for step in 0..<steps {
      for lane in 0..<lanes {
        let place = step * lanes + lane
        let before = place * hidden..<(place + 1) * hidden
        let expected = reference.step(
          rows[place * inputs..<(place + 1) * inputs], outputs[before], cells[before])
        let after = (place + lanes) * hidden
        for unit in 0..<hidden {
          #expect(abs(outputs[after + unit] - expected.outputs[unit]) < 3e-6)
          #expect(abs(cells[after + unit] - expected.cells[unit]) < 6e-6)
        }
      }
    }
  }

  @Test(arguments: sizes)
  func `every path gives the same bits`(inputs: Int, hidden: Int, steps: Int, lanes: Int) {
    func results(_ path: ap_lstm_path) -> [[Float]] {
      var scene = Scene(inputs: inputs, hidden: hidden, steps: steps, lanes: lanes, path: path)
      scene.forward()
      let forward = [scene.outputs, scene.cells, scene.gates, scene.tanhCells]
      return forward + scene.backward()
    }
    let expected = results(AP_LSTM_PORTABLE)
    for path in [AP_LSTM_NEON, AP_LSTM_AVX2, AP_LSTM_AVX512]
    where ap_lstm_has_path(path) != 0 {
      #expect(results(path) == expected, "path \(path.rawValue)")
    }
  }

  @Test(arguments: sizes)
  func `a lane has the same bits alone and beside others, kept or not`(
    inputs: Int, hidden: Int, steps: Int, lanes: Int
  ) {
    var scene = Scene(inputs: inputs, hidden: hidden, steps: steps, lanes: lanes)
    var (kept, last) = (scene.outputs, scene.cells)
    scene.forward()
    scene.layer.forward(scene.chunk, scene.rows, outputs: &kept, lastCells: &last)
    #expect(kept == scene.outputs)
    #expect(Array(last.prefix(lanes * hidden)) == Array(scene.cells.suffix(lanes * hidden)))
    for lane in [0, lanes - 1] {
      func own(_ values: [Float], _ width: Int) -> [Float] {
        var result: [Float] = []
        for begin in stride(from: lane * width, to: values.count, by: lanes * width) {
          result += values[begin..<begin + width]
        }
        return result
      }
      var outputs = own(scene.outputs, hidden)
      var cells = Array(own(scene.cells, hidden).prefix(hidden))
      let expected = outputs
      for index in hidden..<outputs.count { outputs[index] = 0 }
      scene.layer.forward(
        .init(steps: steps, lanes: 1, rows: 0, state: 0), own(scene.rows, inputs),
        outputs: &outputs, lastCells: &cells)
      #expect(outputs == expected)
    }
  }

  @Test(arguments: [(1, 1, 1), (17, 5, 9), (64, 38, 70), (33, 100, 300)])
  func `every path of the head gives the same bits`(hidden: Int, width: Int, rows: Int) {
    var generator = Philox(seed: 5, purpose: "head")
    func numbers(_ count: Int) -> [Float] {
      (0..<count).map { _ in generator.uniformFloat() - 0.5 }
    }
    let (weights, bias) = (0..<width * hidden, width * hidden..<width * (hidden + 1))
    let (parameters, top) = (numbers(bias.upperBound), numbers(rows * hidden))
    let errors = numbers(rows * width)
    func results(_ path: ap_lstm_path) -> [[Float]] {
      var head = PackedHead(hidden: hidden, width: width, path: path)
      head.pack(parameters, weights)
      head.packBackward(parameters, weights)
      var forecasts = [Float](repeating: 9, count: rows * width)
      head.forward(rows: rows, top, at: 0, parameters, bias: bias, into: &forecasts)
      var gradients = [Float](repeating: 9, count: bias.upperBound)
      var hiddenGradient = [Float](repeating: 9, count: rows * hidden)
      head.backward(
        rows: rows, errors, top, gradients: &gradients, hiddenGradient: &hiddenGradient,
        PackedHead.Places(top: 0, weights: weights, bias: bias, hidden: 0))
      return [forecasts, gradients, hiddenGradient]
    }
    let expected = results(AP_LSTM_PORTABLE)
    for path in [AP_LSTM_NEON, AP_LSTM_AVX2, AP_LSTM_AVX512]
    where ap_lstm_has_path(path) != 0 {
      #expect(results(path) == expected, "path \(path.rawValue)")
    }
    let (row, output) = (rows - 1, width - 1)
    var sum = Double(parameters[bias.lowerBound + output])
    var slope = 0.0
    for unit in 0..<hidden {
      sum += Double(parameters[output * hidden + unit]) * Double(top[row * hidden + unit])
    }
    for row in 0..<rows { slope += Double(errors[row * width + output]) }
    #expect(abs(sum - Double(expected[0][row * width + output])) < 1e-5)
    #expect(abs(slope - Double(expected[1][bias.lowerBound + output])) < 1e-4)
  }

  @Test func `the gradient is the slope of the loss`() {
    let base = Scene(inputs: 6, hidden: 6, steps: 4, lanes: 3)
    /// Σ outputs · gradient, with one number changed.
    func loss(_ change: (inout Scene) -> Void) -> Double {
      var scene = base
      change(&scene)
      scene.forward()
      let size = 3 * 6
      var sum = 0.0
      for (output, slope) in zip(scene.outputs[size...], base.gradient) {
        sum += Double(output) * Double(slope)
      }
      for cell in scene.cells.suffix(size) { sum += 0.25 * Double(cell) }
      return sum
    }
    func slope(_ step: Float, _ change: (inout Scene, Float) -> Void) -> Double {
      (loss { change(&$0, step) } - loss { change(&$0, -step) }) / (2 * Double(step))
    }
    var scene = base
    scene.forward()
    let results = scene.backward()
    let step = Float(1) / 128
    for unit in stride(from: 0, to: 18, by: 5) {
      let outputs = slope(step) { $0.outputs[unit] += $1 }
      #expect(abs(outputs - Double(results[3][unit])) < 2e-3)
      let cells = slope(step) { $0.cells[unit] += $1 }
      #expect(abs(cells - Double(results[2][unit])) < 2e-3)
    }
  }

  @Test func `a sum over many rows is made block by block`() {
    var scene = Scene(inputs: 4, hidden: 4, steps: 40, lanes: 30)
    scene.forward()
    let results = scene.backward()
    let ranges = scene.shape.layerRanges(0)
    let dz = results[0].map(Double.init)
    for row in [0, 7, 15] {
      var (bias, weight) = (0.0, 0.0)
      for place in 0..<1200 {
        bias += dz[place * 16 + row]
        weight += dz[place * 16 + row] * Double(scene.rows[place * 4 + 2])
      }
      #expect(abs(bias - Double(results[4][ranges.inputBias.lowerBound + row])) < 1e-4)
      let place = ranges.inputWeights.lowerBound + row * 4 + 2
      #expect(abs(weight - Double(results[4][place])) < 1e-4)
    }
    #expect(
      Array(results[4][ranges.inputBias]) == Array(results[4][ranges.recurrentBias]))
  }

  @Test func `what has faded below the smallest normal number counts as zero`() {
    for path in [AP_LSTM_PORTABLE, AP_LSTM_NEON, AP_LSTM_AVX2, AP_LSTM_AVX512]
    where ap_lstm_has_path(path) != 0 {
      var head = PackedHead(hidden: 1, width: 1, path: path)
      head.pack([1e10, 0], 0..<1)
      var forecasts: [Float] = [7]
      head.forward(rows: 1, [1e-39], at: 0, [1e10, 0], bias: 1..<2, into: &forecasts)
      #expect(forecasts == [0], "path \(path.rawValue)")
      head.forward(rows: 1, [1e-37], at: 0, [1e10, 0], bias: 1..<2, into: &forecasts)
      #expect(forecasts == [1e-37 * 1e10], "path \(path.rawValue)")
    }
    // Only there: nobody else's arithmetic changes.
    var small = Float.leastNormalMagnitude
    for _ in 0..<2 { small /= 2 }
    #expect(small > 0)
  }

  @Test func `what is not a number stays none`() {
    var scene = Scene(inputs: 2, hidden: 3, steps: 1, lanes: 2)
    var rows = scene.rows
    rows[0] = .nan
    scene.layer.forward(
      scene.chunk, rows, outputs: &scene.outputs, cells: &scene.cells, gates: &scene.gates,
      tanhCells: &scene.tanhCells)
    let after = scene.outputs.suffix(6)
    #expect(after.prefix(3).allSatisfy(\.isNaN) && after.suffix(3).allSatisfy(\.isFinite))
  }
}
