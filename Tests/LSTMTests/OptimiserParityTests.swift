import Foundation
import LSTM
import Storage
import Testing

/// Compares with `Fixtures/make_optimiser_fixture.py`: fifty steps of Adam and AdamW, and the step
/// sizes of schedules.
@Suite struct OptimiserParityTests {
  static func fixture() throws -> TensorBundle {
    let file = PyTorchParityTests.folder.appending(path: "optimisers.safetensors")
    return try TensorBundle(
      safetensors: [UInt8](Data(contentsOf: file)), source: file.lastPathComponent)
  }

  @Test(arguments: ["adam", "adamw"], [1, 2])
  func `fifty steps come to PyTorch's weights`(optimiser: String, layers: Int) throws {
    let saved = try Self.fixture()
    let prefix = "\(optimiser)\(layers)."
    let rows = try #require(saved.tensors[prefix + "rows"]).shape
    let targets = try #require(saved.tensors[prefix + "targets"]).shape
    let shape = LSTMShape(inputs: rows[2], hidden: 7, layers: layers, outputs: targets[2])
    var network = try LSTMNetwork(decoding: saved, prefix: prefix, shape: shape)
    var batch = LSTMBatch(shape: shape, lanes: rows[1], steps: rows[0])
    batch.inputs = try saved.floats(prefix + "rows", shape: rows)
    batch.targets = try saved.floats(prefix + "targets", shape: targets)
    batch.observed = try saved.floats(prefix + "observed", shape: targets)
    var adam = Adam(
      count: shape.parameterCount, learningRate: 0.01,
      weightDecay: optimiser == "adamw" ? 0.1 : 0, decaying: shape.decaying())
    let losses = try saved.doubles(prefix + "losses", shape: [50])
    var parameters = network.parameters
    for expected in losses {
      let gradients = network.gradients(of: batch)
      #expect(abs(gradients.loss / expected - 1) < 1e-5)
      adam.update(
        &parameters, gradients: gradients.values,
        scale: clippingScale(norm: norm(of: gradients.values), limit: 0.05))
      network = LSTMNetwork(shape: shape, parameters: parameters)
    }
    for tensor in shape.tensors {
      let expected = try saved.doubles(prefix + "after." + tensor.name, shape: tensor.shape)
      let error = relativeError(Array(network.parameters[tensor.range]), expected)
      #expect(error < 2e-5, "\(tensor.name)")
    }
  }

  @Test func `weight decay shrinks matrices and leaves biases`() {
    let shape = LSTMShape(inputs: 2, hidden: 3, layers: 2, outputs: 2)
    var parameters = Array(repeating: Float(1), count: shape.parameterCount)
    var adam = Adam(
      count: shape.parameterCount, learningRate: 0.5, weightDecay: 0.5,
      decaying: shape.decaying())
    adam.update(
      &parameters, gradients: Array(repeating: 0, count: shape.parameterCount), scale: 1)
    for tensor in shape.tensors {
      let expected: Float = tensor.name.contains("bias") ? 1 : 0.75
      #expect(parameters[tensor.range].allSatisfy { $0 == expected }, "\(tensor.name)")
    }
  }

  /// The configuration of the fixture's schedules.
  static func configuration(
    _ schedule: LearningRateSchedule, warmUp: Double = 0
  ) -> LSTMConfiguration {
    var configuration = LSTMConfiguration()
    (configuration.learningRate, configuration.epochs) = (0.01, 12)
    (configuration.schedule, configuration.warmUp) = (schedule, warmUp)
    return configuration
  }

  @Test func `warming up and falling along a cosine has PyTorch's step sizes`() throws {
    let expected = try Self.fixture().doubles("warm_up_and_cosine", shape: [12])
    let rate = LearningRate(Self.configuration(.cosine(floor: 1e-3), warmUp: 3))
    for (epoch, value) in expected.enumerated() {
      #expect(abs(rate.value(at: Double(epoch)) / value - 1) < 1e-6)
    }
  }

  @Test func `a cosine falls within epochs as PyTorch's does`() throws {
    let expected = try Self.fixture().doubles("cosine_within_epochs", shape: [48])
    let rate = LearningRate(Self.configuration(.cosine(floor: 1e-3)))
    for (quarter, value) in expected.enumerated() {
      #expect(abs(rate.value(at: Double(quarter) / 4) / value - 1) < 1e-6)
    }
    #expect(abs(rate.value(at: 12) / 1e-3 - 1) < 1e-12)
  }

  @Test func `a plateau cuts the step size when PyTorch does`() throws {
    let saved = try Self.fixture()
    let losses = try saved.doubles("plateau.losses", shape: [nil])
    let expected = try saved.doubles("plateau.rates", shape: [losses.count])
    var rate = LearningRate(
      Self.configuration(.plateau(factor: 0.3, patience: 2, floor: 1e-3)))
    for (loss, value) in zip(losses, expected) {
      rate.observe(loss)
      #expect(abs(rate.value(at: 0) / value - 1) < 1e-6)
    }
    #expect(Set(expected).count == 3)
  }

  @Test(arguments: [LearningRateSchedule.constant, .cosine(floor: 1e-3)])
  func `the step size warms up from a hundredth of itself`(schedule: LearningRateSchedule) {
    let rate = LearningRate(Self.configuration(schedule, warmUp: 0.5))
    #expect(abs(rate.value(at: 0) / 1e-4 - 1) < 1e-6)
    #expect(abs(rate.value(at: 0.25) / 5.05e-3 - 1) < 1e-6)
    #expect(abs(rate.value(at: 0.5) / 1e-2 - 1) < 1e-6)
  }

  @Test(arguments: [
    LearningRateSchedule.cosine(floor: -1), .plateau(factor: 1, patience: 1, floor: 0),
    .plateau(factor: 0.5, patience: -1, floor: 0), .cosine(floor: 0.02),
  ])
  func `a schedule that cannot be is refused`(schedule: LearningRateSchedule) {
    #expect(throws: LSTMError.self) { try Self.configuration(schedule).validate() }
  }
}
