import Diagnostics
import Foundation
import LSTM
import Pipeline
import Telemetry
import Testing

@Suite struct ForecastTrainingTests {
  static func configuration(_ lstm: String) throws -> PipelineConfiguration {
    try PipelineConfiguration(
      ConfigurationNode(
        parsing: """
          name: small
          seed: 5
          reader: {interval: 5m, sources: [{type: prometheus, path: none.json}]}
          features: {windows: [30m], logs: false}
          models:
            isolation_forest: {enabled: false}
            lstm: {hidden: 6, epochs: 3, smoothing: 3, \(lstm)}
            false_alarm_rate: 0.01
          """, file: "small.yaml", environment: [:]), folder: ".")
  }

  static func message(_ lstm: String) -> String {
    do {
      _ = try configuration(lstm)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  static func train(
    _ lstm: String, threads: Int = 2, limits: TrainingLimits = TrainingLimits()
  ) async throws -> TrainedModel {
    try await Training(
      configuration: configuration(lstm), threads: threads, limits: limits, progress: { _ in }
    )(smallSystem(), digest: "digest")
  }

  @Test func `every option of training is configuration`() throws {
    let section = try #require(
      try Self.configuration(
        "windows: {lengths: [24, 12], stride: 6, loss: last}, batch: 16, learning_rate: 0.01, "
          + "warm_up: 0.5, schedule: {method: plateau, factor: 0.2, patience: 1, floor: 1e-4}, "
          + "weight_decay: 0.05, gradient_norm: 2, patience: 7, minimum_delta: 0.001, "
          + "fine_tuning: {learning_rate: 0.002, epochs: 4, patience: 2, freeze: [lstm.]}, "
          + "service_weights: {cart: 2}, max_duration: 90m, checkpoint_minutes: 0.5"
      ).models.forecast)
    var expected = LSTMConfiguration()
    (expected.hidden, expected.epochs, expected.batch) = (6, 3, 16)
    expected.windows = WindowPlan(lengths: [24, 12], stride: 6, loss: .last)
    (expected.learningRate, expected.warmUp, expected.weightDecay) = (0.01, 0.5, 0.05)
    expected.schedule = .plateau(factor: 0.2, patience: 1, floor: 1e-4)
    (expected.gradientNorm, expected.patience, expected.minimumDelta) = (2, 7, 0.001)
    #expect(section.network == expected)
    var tuning = PipelineConfiguration.FineTuningSection()
    (tuning.learningRate, tuning.epochs, tuning.patience) = (0.002, 4, 2)
    tuning.frozen = ["lstm."]
    #expect(section.fineTuning == tuning)
    #expect(section.serviceWeights == ["cart": 2])
    #expect(section.maxDuration == .minutes(90))
    #expect(section.checkpointInterval == .seconds(30))
  }

  @Test func `without options training is what it was`() throws {
    let section = try #require(try Self.configuration("").models.forecast)
    #expect(section.network.schedule == .constant && section.network.windows == nil)
    #expect(section.network.weightDecay == 0 && section.network.warmUp == 0)
    #expect(section.fineTuning == nil && section.maxDuration == nil)
    #expect(section.checkpointInterval == .minutes(10))
    let cosine = try Self.configuration("schedule: {method: cosine, floor: 1e-5}")
    #expect(cosine.models.forecast?.network.schedule == .cosine(floor: 1e-5))
    let windows = try Self.configuration("windows: {lengths: [30]}").models.forecast?.network
    #expect(windows?.windows == WindowPlan(lengths: [30], stride: 15))
  }

  @Test(arguments: [
    ("windows: {lengths: []}", "one or more lengths"),
    ("windows: {lengths: [5, 5]}", "none of them twice"),
    ("windows: {lengths: [5], loss: first}", "expected one of all, last"),
    ("windows: {lengths: [5]}, chunk: 9", "expected no chunk beside windows"),
    ("schedule: {method: linear}", "expected one of constant, cosine, plateau"),
    ("schedule: {method: cosine, factor: 0.5}", "no factor beside a method other than plateau"),
    ("schedule: {method: constant, floor: 0.1}", "no floor beside the method constant"),
    ("schedule: {method: cosine, floor: 0.1}", "expected a number from 0.0 to 0.002"),
    ("warm_up: 4", "expected a number from 0.0 to 3.0"),
    ("weight_decay: 2", "expected a number"),
    ("service_weights: {cart: 0}", "expected a number from 0.001"),
    ("fine_tuning: {rate: 1}", "unknown key 'models.lstm.fine_tuning.rate'"),
    ("max_duration: 0s", "at least 1s"),
  ])
  func `a wrong option says what is expected`(section: String, expected: String) {
    let text = Self.message(section)
    #expect(text.contains(expected), "\(text)")
  }

  @Test func `services are fine-tuned from the network they share`() async throws {
    let shared = try await Self.train("")
    let tuned = try await Self.train("fine_tuning: {epochs: 3}")
    #expect(shared.training.map(\.services) == [["cart", "payment"]])
    #expect(tuned.training.map(\.services) == [["cart", "payment"], ["cart"], ["payment"]])
    #expect(tuned.training[0] == shared.training[0])
    for summary in tuned.training[1...] {
      let base = try #require(summary.baseLoss)
      let lowest = try #require(summary.validationLoss.min())
      #expect((summary.bestEpoch == -1) == (lowest >= base))
    }
    #expect(tuned.training.contains { $0.bestEpoch >= 0 })
    // What is read back is what was trained, and threads change nothing.
    let files = tuned.files()
    #expect(try TrainedModel(files: files, source: "model").files() == files)
    #expect(try await Self.train("fine_tuning: {epochs: 3}", threads: 1).files() == files)
  }

  @Test func `an unknown tensor to freeze is an error that lists them`() async throws {
    await #expect(throws: LSTMError.self) {
      try await Self.train("fine_tuning: {freeze: [head.x]}")
    }
  }

  @Test func `weights of services change what is learned`() async throws {
    func files(_ section: String) async throws -> [String: [UInt8]] {
      var model = try await Self.train(section)
      // What was configured differs in any case.
      model.configurationDigest = nil
      return model.files()
    }
    let plain = try await files("")
    #expect(try await files("service_weights: {cart: 1, other: 9}") == plain)
    #expect(try await files("service_weights: {cart: 20}") != plain)
  }

  @Test func `a training asked to stop keeps its state and goes on to the same model`()
    async throws
  {
    let folder = URL.temporaryDirectory.appending(path: UUID().uuidString).path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let options = "fine_tuning: {epochs: 2}, checkpoint_minutes: 0"
    let stop = StopRequest()
    // Nothing is being trained yet that could keep its state.
    #expect(!stop.make())
    let error = await #expect(throws: LSTMError.self) {
      try await Self.train(options, limits: TrainingLimits(checkpoints: folder, stop: stop))
    }
    #expect(error == .stopped(checkpoint: "\(folder)/lstm-0.safetensors"))
    let limits = TrainingLimits(checkpoints: folder, stop: StopRequest())
    let whole = try await Self.train(options).files()
    #expect(try await Self.train(options, limits: limits).files() == whole)
    // From finished checkpoints as well.
    #expect(try await Self.train(options, limits: limits).files() == whole)
    try limits.removeCheckpoints()
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func `checkpoints of another configuration are refused unless restarted`() async throws {
    let folder = URL.temporaryDirectory.appending(path: UUID().uuidString).path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await Self.train("", limits: TrainingLimits(checkpoints: folder))
    let other = "batch: 7"
    let error = await #expect(throws: LSTMError.self) {
      try await Self.train(other, limits: TrainingLimits(checkpoints: folder))
    }
    #expect(error?.description.contains("batch is 32 there and 7 here") == true)
    try Data().write(to: URL(filePath: "\(folder)/notes.txt"))
    let limits = TrainingLimits(checkpoints: folder, restarts: true)
    #expect(try await Self.train(other, limits: limits).files() == Self.train(other).files())
    // What is not a checkpoint is not touched.
    try limits.removeCheckpoints()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["notes.txt"])
  }
}
