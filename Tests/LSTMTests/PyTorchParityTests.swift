import Foundation
import LSTM
import Storage
import Testing

/// Compares with `Fixtures/make_pytorch_fixture.py`: forecasts, states, loss, every gradient and
/// fifty steps of Adam with clipping, with masks, for every kind of head and with layer
/// normalisation.
@Suite struct PyTorchParityTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// The interpreter that AUTOPILOT_PEERS_PYTHON names, when it can import torch.
  static let peer: String? = {
    guard let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"],
      let status = try? run(python, ["-c", "import torch, safetensors"]), status == 0
    else { return nil }
    return python
  }()

  static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// The cases of the script; names tell the layers.
  static let cases = ["layers", "norm", "quantiles", "window"].flatMap { ["\($0)1", "\($0)2"] }

  @Test(arguments: cases) func `a saved run of PyTorch is reproduced`(name: String) throws {
    let file = Self.folder.appending(path: "pytorch.safetensors")
    try compare(file, name)
  }

  @Test(
    .enabled(
      if: peer != nil,
      "AUTOPILOT_PEERS_PYTHON does not name a Python that imports torch and safetensors"))
  func `a live run of PyTorch at production size is reproduced`() throws {
    let file = URL.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    let script = Self.folder.appending(path: "make_pytorch_fixture.py")
    let status = try Self.run(
      try #require(Self.peer),
      [
        script.path(), file.path(), "--seed", "7", "--inputs", "38", "--hidden", "64", "--steps",
        "40", "--lanes", "16",
        // At ten times this rate PyTorch in single and in double precision do not agree either:
        // the gradient of the pinball loss jumps.
        "--learning-rate", "0.001",
      ])
    try #require(status == 0)
    for name in Self.cases { try compare(file, name) }
  }

  private func compare(_ file: URL, _ name: String) throws {
    let saved = try TensorBundle(
      safetensors: [UInt8](Data(contentsOf: file)), source: file.lastPathComponent)
    let prefix = name + "."
    func sizes(_ name: String) throws -> [Int] {
      try #require(saved.tensors[prefix + name]).shape
    }
    func floats(_ name: String) throws -> [Float] {
      try saved.floats(prefix + name, shape: sizes(name))
    }
    func doubles(_ name: String) throws -> [Double] {
      try saved.doubles(prefix + name, shape: sizes(name))
    }
    let (rows, targets, h) = (try sizes("rows"), try sizes("targets"), try sizes("h0"))
    let (steps, lanes, layers) = (rows[0], rows[1], h[0])
    let shape = LSTMShape(
      inputs: rows[2], hidden: h[2], layers: layers, outputs: targets[3], horizon: targets[2],
      quantiles: try floats("quantiles").filter { $0 > 0 },
      layerNorm: saved.tensors[prefix + "norm_l0.weight"] != nil)
    var network = try LSTMNetwork(decoding: saved, prefix: prefix, shape: shape)
    var batch = LSTMBatch(
      shape: shape, lanes: lanes, steps: steps, headSteps: targets[0] == 1 ? .last : .all)
    batch.inputs = try floats("rows")
    batch.targets = try floats("targets")
    batch.observed = try floats("observed")

    /// PyTorch keeps states as [layers, lanes, hidden].
    func lane(_ number: Int, of values: [Float]) -> [Float] {
      (0..<layers).flatMap { layer in
        let begin = (layer * lanes + number) * shape.hidden
        return values[begin..<begin + shape.hidden]
      }
    }
    let (h0, c0) = (try floats("h0"), try floats("c0"))
    let states = (0..<lanes).map {
      LSTMState(for: shape, outputs: lane($0, of: h0), cells: lane($0, of: c0))
    }

    var worst: [String: Double] = [:]
    let result = network.forward(batch, from: states)
    worst["forecasts"] = relativeError(result.forecasts, try doubles("forecasts"))
    let (hn, cn) = (try doubles("hn"), try doubles("cn"))
    for layer in 0..<layers {
      for number in 0..<lanes {
        let begin = (layer * lanes + number) * shape.hidden
        let units = layer * shape.hidden..<(layer + 1) * shape.hidden
        let after = result.states[number]
        let h = relativeError(
          Array(after.outputs[units]), Array(hn[begin..<begin + shape.hidden]))
        let c = relativeError(Array(after.cells[units]), Array(cn[begin..<begin + shape.hidden]))
        worst["states"] = max(worst["states"] ?? 0, h, c)
      }
    }
    let gradients = network.gradients(of: batch, from: states)
    worst["loss"] = abs(gradients.loss / (try doubles("loss")[0]) - 1)
    for tensor in shape.tensors {
      worst["gradient of \(tensor.name)"] = relativeError(
        Array(gradients.values[tensor.range]), try doubles("gradient." + tensor.name))
    }

    let losses = try doubles("losses")
    try #require(losses.count == 50)
    var adam = Adam(
      count: shape.parameterCount, learningRate: try floats("learning_rate")[0])
    let limit = try floats("gradient_norm")[0]
    var parameters = network.parameters
    for (step, expected) in losses.enumerated() {
      let gradients = network.gradients(of: batch, from: states)
      worst["loss before Adam step \(step)"] = abs(gradients.loss / expected - 1)
      let length = norm(of: gradients.values)
      #expect(limit > 1 || length > Double(limit), "a case with a small limit must be clipped")
      adam.update(
        &parameters, gradients: gradients.values, scale: clippingScale(norm: length, limit: limit))
      network = LSTMNetwork(shape: shape, parameters: parameters)
    }
    // As vectors: where a gradient is all but zero, its rounding decides on Adam's step, in PyTorch too.
    for tensor in shape.tensors {
      worst["\(tensor.name) after Adam"] = relativeDistance(
        Array(network.parameters[tensor.range]), try doubles("after." + tensor.name))
    }
    for (quantity, error) in worst.sorted(by: { $0.key < $1.key }) {
      #expect(error < 1e-4, "\(quantity) in \(name)")
    }
  }
}
