import LSTM
import Storage
import Testing

@Suite struct LSTMNetworkTests {
  let shape = LSTMShape(inputs: 3, hidden: 4, layers: 2, outputs: 2)

  @Test func `tensors have PyTorch's names and shapes and fill the parameters`() {
    #expect(
      shape.tensors.map { "\($0.name) \($0.shape)" } == [
        "lstm.weight_ih_l0 [16, 3]", "lstm.weight_hh_l0 [16, 4]", "lstm.bias_ih_l0 [16]",
        "lstm.bias_hh_l0 [16]", "lstm.weight_ih_l1 [16, 4]", "lstm.weight_hh_l1 [16, 4]",
        "lstm.bias_ih_l1 [16]", "lstm.bias_hh_l1 [16]", "head.weight [2, 4]", "head.bias [2]",
      ])
    var end = 0
    for tensor in shape.tensors {
      #expect(tensor.range.lowerBound == end)
      #expect(tensor.range.count == tensor.shape.reduce(1, *))
      end = tensor.range.upperBound
    }
    #expect(end == shape.parameterCount)
  }

  @Test func `gain and bias of the normalisation come last`() {
    let normalising = LSTMShape(inputs: 3, hidden: 4, layers: 2, outputs: 2, layerNorm: true)
    #expect(normalising.tensors.dropLast(4) == shape.tensors[...])
    #expect(
      normalising.tensors.suffix(4).map { "\($0.name) \($0.shape)" } == [
        "norm_l0.weight [4]", "norm_l0.bias [4]", "norm_l1.weight [4]", "norm_l1.bias [4]",
      ])
    #expect(normalising.tensors.last?.range.upperBound == normalising.parameterCount)
    let network = LSTMNetwork(shape: normalising, seed: 1)
    #expect(network[tensor: "norm_l1.weight"] == [1, 1, 1, 1])
    #expect(network[tensor: "norm_l1.bias"] == [0, 0, 0, 0])
    // Options do not change how everything else starts.
    #expect(network.parameters.starts(with: LSTMNetwork(shape: shape, seed: 1).parameters))
  }

  @Test func `the head holds rows ahead, then quantiles, then channels`() {
    let shape = LSTMShape(
      inputs: 3, hidden: 4, layers: 1, outputs: 2, horizon: 3, quantiles: [0.1, 0.5, 0.9, 0.99])
    #expect(shape.headWidth == 24 && shape.targetWidth == 6)
    #expect(shape.forecastRange(ahead: 1, quantile: 0) == 0..<2)
    #expect(shape.forecastRange(ahead: 2, quantile: 3) == 14..<16)
    #expect(shape.pointRange() == 2..<4)
    #expect(shape.pointRange(ahead: 3) == 18..<20)
    #expect(self.shape.pointRange() == 0..<2)
  }

  @Test func `quantiles ascend within zero and one around the median`() {
    for valid in [[], [0.5], [0.05, 0.5, 0.95]] as [[Float]] {
      #expect(LSTMShape.areValid(quantiles: valid))
    }
    for invalid in [[0.1, 0.9], [0, 0.5], [0.5, 1], [0.9, 0.5], [0.5, 0.5], [0.5, .nan]]
      as [[Float]]
    {
      #expect(!LSTMShape.areValid(quantiles: invalid))
    }
  }

  @Test func `an encoder has no head`() {
    let encoder = LSTMShape(inputs: 3, hidden: 4, layers: 1, outputs: 0)
    #expect(encoder.tensors.map(\.name).last == "lstm.bias_hh_l0")
    #expect(encoder.tensors.last?.range.upperBound == encoder.parameterCount)
  }

  @Test func `fresh weights are uniform within the bound and forget gates start open`() throws {
    let network = LSTMNetwork(
      shape: LSTMShape(inputs: 38, hidden: 64, layers: 1, outputs: 38), seed: 5)
    let weights = try #require(network[tensor: "lstm.weight_hh_l0"])
    #expect(weights.allSatisfy { abs($0) <= 0.125 })
    let mean = weights.reduce(0, +) / Float(weights.count)
    let square = weights.reduce(0) { $0 + $1 * $1 } / Float(weights.count)
    #expect(abs(mean) < 0.003)
    #expect(abs(square - 0.125 * 0.125 / 3) < 0.0002)
    let bias = try #require(network[tensor: "lstm.bias_ih_l0"])
    for (index, value) in bias.enumerated() {
      #expect(abs(value - (64..<128 ~= index ? 1 : 0)) <= 0.126)
    }
    #expect(network[tensor: "lstm.weight_ih_l1"] == nil)
  }

  @Test func `the seed decides the weights`() {
    #expect(LSTMNetwork(shape: shape, seed: 1) == LSTMNetwork(shape: shape, seed: 1))
    #expect(LSTMNetwork(shape: shape, seed: 1) != LSTMNetwork(shape: shape, seed: 2))
  }

  @Test func `weights survive a safetensors round trip`() throws {
    let network = LSTMNetwork(shape: shape, seed: 3)
    var bundle = TensorBundle()
    network.encode(into: &bundle, prefix: "api.")
    #expect(bundle.tensors["api.lstm.weight_ih_l0"]?.shape == [16, 3])
    let file = try TensorBundle(safetensors: bundle.safetensors(), source: "w.safetensors")
    #expect(try LSTMNetwork(decoding: file, prefix: "api.", shape: shape) == network)
  }

  @Test func `a missing tensor or another shape is refused`() {
    var bundle = TensorBundle(source: "w.safetensors")
    LSTMNetwork(shape: shape, seed: 3).encode(into: &bundle)
    let wider = LSTMShape(inputs: 4, hidden: 4, layers: 2, outputs: 2)
    #expect(throws: StorageError.self) { try LSTMNetwork(decoding: bundle, shape: wider) }
    bundle.tensors["head.bias"] = nil
    #expect(
      throws: StorageError.invalidTensors(
        path: "w.safetensors", reason: "tensor 'head.bias' is missing")
    ) { try LSTMNetwork(decoding: bundle, shape: shape) }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a weight that is not finite is refused by name`(weight: Float) {
    var bundle = TensorBundle(source: "w.safetensors")
    LSTMNetwork(shape: shape, seed: 3).encode(into: &bundle)
    bundle.tensors["lstm.bias_hh_l1"] = TensorBundle.Tensor(
      shape: [16], values: .float(Array(repeating: 0, count: 15) + [weight]))
    let error = LSTMError.nonFiniteWeight(
      source: "w.safetensors", tensor: "lstm.bias_hh_l1", element: 15)
    #expect(throws: error) { try LSTMNetwork(decoding: bundle, shape: shape) }
    #expect(error.description.contains("w.safetensors"))
    #expect(!error.description.contains("\n"))
  }

  @Test func `wrong sizes trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = LSTMShape(inputs: 1, hidden: 1, layers: 5, outputs: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = LSTMNetwork(
        shape: LSTMShape(inputs: 1, hidden: 1, layers: 1, outputs: 1), parameters: [0])
    }
  }
}
