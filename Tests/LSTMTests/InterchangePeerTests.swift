import Foundation
import LSTM
import Storage
import Testing

/// Networks, states and rows that other implementations get as well.
private struct Exchange {
  static let (lanes, steps) = (3, 20)
  static let shapes = [
    LSTMShape(inputs: 4, hidden: 7, layers: 1, outputs: 3),
    LSTMShape(inputs: 38, hidden: 64, layers: 2, outputs: 38),
    LSTMShape(inputs: 3, hidden: 16, layers: 4, outputs: 1),
  ]
  /// What `nn.LSTM` with a head cannot say.
  static let wider = [
    LSTMShape(inputs: 5, hidden: 9, layers: 2, outputs: 4, layerNorm: true),
    LSTMShape(
      inputs: 5, hidden: 9, layers: 1, outputs: 2, horizon: 2, quantiles: [0.1, 0.5, 0.9],
      layerNorm: true),
  ]

  let shape: LSTMShape
  let folder: TemporaryFolder
  let rows: [Float]
  let states: [LSTMState]

  init(_ shape: LSTMShape) throws {
    (self.shape, folder) = (shape, try TemporaryFolder())
    rows = numbers(Self.steps * Self.lanes * shape.inputs, within: 2, seed: 1)
    states = (0..<Self.lanes).map { LSTMState.random(shape, seed: UInt64(10 * $0 + 2)) }
  }

  /// Writes the rows, and the states in PyTorch's layout [layers × lanes × H].
  func write() throws -> URL {
    let sizes = [shape.layers, Self.lanes, shape.hidden]
    return try folder.write(
      TensorBundle(floats: [
        "rows": ([Self.steps, Self.lanes, shape.inputs], rows),
        "h0": (sizes, byLayer(states.map(\.outputs))), "c0": (sizes, byLayer(states.map(\.cells))),
      ]), to: "rows.safetensors")
  }

  /// Memory of lanes, each [layers × H], as [layers × lanes × H].
  func byLayer(_ memory: [[Float]]) -> [Float] {
    (0..<shape.layers).flatMap { layer in
      memory.flatMap { $0[layer * shape.hidden..<(layer + 1) * shape.hidden] }
    }
  }

  /// What streaming forecasts and remembers: [steps × lanes × O] and [layers × lanes × H].
  func streamed(
    _ network: LSTMNetwork, from start: [LSTMState]
  ) -> (forecasts: [Float], hn: [Float], cn: [Float]) {
    var states = start
    var byLane: [[Float]] = []
    for lane in 0..<Self.lanes {
      let own = (0..<Self.steps).flatMap { step in
        let begin = (step * Self.lanes + lane) * shape.inputs
        return rows[begin..<begin + shape.inputs]
      }
      byLane.append(LSTMStepperTests.stream(network, own, &states[lane]))
    }
    let forecasts = (0..<Self.steps).flatMap { step in
      byLane.flatMap { $0[step * shape.headWidth..<(step + 1) * shape.headWidth] }
    }
    return (forecasts, byLayer(states.map(\.outputs)), byLayer(states.map(\.cells)))
  }

  func path(_ name: String) -> URL { folder.url.appending(path: name) }
}

private func expectEqual(_ ours: some Collection<Float>, _ theirs: [Float], _ name: Comment) {
  #expect(ours.count == theirs.count, name)
  for (ours, theirs) in zip(ours, theirs) { #expect(abs(ours - theirs) < 1e-5, name) }
}

@Suite struct InterchangePeerTests {
  @Test(
    .enabled(if: Peer.has("torch, safetensors"), "needs a Python with torch and safetensors"),
    arguments: Exchange.shapes)
  func `PyTorch loads our weights by load_state_dict and forecasts the same`(
    shape: LSTMShape
  ) throws {
    let exchange = try Exchange(shape)
    let network = LSTMNetwork(shape: shape, seed: 3)
    let weights = try exchange.folder.write(
      network.pytorchTensors(lstm: ""), to: "weights.safetensors")
    try Peer.run(
      "torch_interchange.py", mode: "read",
      [weights, try exchange.write(), exchange.path("result.safetensors")])
    try compare(network, exchange)
  }

  @Test(
    .enabled(if: Peer.has("torch, safetensors"), "needs a Python with torch and safetensors"),
    arguments: Exchange.shapes)
  func `we load the weights of a PyTorch module and forecast the same`(shape: LSTMShape) throws {
    let exchange = try Exchange(
      LSTMShape(inputs: shape.inputs, hidden: shape.hidden, layers: shape.layers, outputs: 3))
    try Peer.run(
      "torch_interchange.py", mode: "write",
      [
        exchange.path("weights.safetensors"), try exchange.write(),
        exchange.path("result.safetensors"),
      ])
    let network = try LSTMNetwork(pytorch: exchange.folder.bundle("weights.safetensors"))
    #expect(network.shape == exchange.shape)
    try compare(network, exchange)
  }

  private func compare(_ network: LSTMNetwork, _ exchange: Exchange) throws {
    let theirs = try exchange.folder.bundle("result.safetensors")
    let ours = exchange.streamed(network, from: exchange.states)
    expectEqual(ours.forecasts, try theirs.values("forecasts"), "forecasts")
    expectEqual(ours.hn, try theirs.values("hn"), "outputs")
    expectEqual(ours.cn, try theirs.values("cn"), "cells")
  }

  @Test(
    .enabled(
      if: Peer.has("onnx, onnxruntime, safetensors"), "needs a Python with onnx and onnxruntime"),
    arguments: Exchange.shapes + Exchange.wider)
  func `onnxruntime forecasts the same, at once and step by step`(shape: LSTMShape) throws {
    let exchange = try Exchange(shape)
    let network = LSTMNetwork(shape: shape, seed: 3)
    let model = exchange.path("model.onnx")
    try Data(network.onnx(columns: ["a"], producer: ("test", "1"))).write(to: model)
    try Peer.run(
      "onnx_forecasts.py", [model, try exchange.write(), exchange.path("result.safetensors")])
    let theirs = try exchange.folder.bundle("result.safetensors")
    let ours = exchange.streamed(network, from: exchange.states)
    expectEqual(ours.forecasts, try theirs.values("forecasts"), "all forecasts")
    expectEqual(
      ours.forecasts.suffix(Exchange.lanes * shape.headWidth), try theirs.values("forecast"), "last"
    )
    expectEqual(ours.hn, try theirs.values("hn"), "outputs")
    expectEqual(ours.cn, try theirs.values("cn"), "cells")
    expectEqual(ours.forecasts, try theirs.values("streamed_forecasts"), "streamed")
    let fresh = exchange.streamed(
      network, from: Array(repeating: LSTMState(for: shape), count: Exchange.lanes))
    expectEqual(fresh.forecasts, try theirs.values("fresh_forecasts"), "without a state")
  }
}
