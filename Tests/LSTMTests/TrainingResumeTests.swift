import Foundation
import LSTM
import Storage
import Synchronization
import Testing

@Suite final class TrainingResumeTests {
  let folder: String

  init() throws {
    folder = URL.temporaryDirectory.appending(path: UUID().uuidString).path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var path: String { "\(folder)/state.safetensors" }

  static let training = [
    LSTMTrainerTests.laggedCopy(rows: 700, lag: 2, seed: 4),
    LSTMTrainerTests.laggedCopy(rows: 137, lag: 2, seed: 5),
  ]
  static let validation = [LSTMTrainerTests.laggedCopy(rows: 90, lag: 2, seed: 6)]

  enum Plan: String, CaseIterable {
    case stretches, windows, schedule, patience, fineTuning, everything
  }

  static func trainer(_ plan: Plan, threads: Int = 1) -> LSTMTrainer {
    var configuration = LSTMTrainerTests.small
    (configuration.epochs, configuration.batch) = (3, 2)
    switch plan {
    case .stretches, .fineTuning: break
    case .windows: configuration.windows = WindowPlan(lengths: [20, 7], stride: 11)
    case .schedule:
      configuration.schedule = .cosine(floor: 1e-4)
      (configuration.warmUp, configuration.weightDecay) = (0.5, 0.05)
    case .patience:
      configuration.schedule = .plateau(factor: 0.5, patience: 0, floor: 1e-4)
      (configuration.patience, configuration.minimumDelta) = (2, 0.05)
      configuration.epochs = 6
    case .everything:
      configuration.windows = WindowPlan(lengths: [20, 7], stride: 11, loss: .last)
      (configuration.layers, configuration.dropout, configuration.layerNorm) = (2, 0.3, true)
      (configuration.horizon, configuration.quantiles) = (2, [0.1, 0.5, 0.9])
      configuration.shardLanes = 1
    }
    var trainer = LSTMTrainer(configuration: configuration, seed: 8)
    trainer.threads = threads
    return trainer
  }

  static func fineTuning(_ plan: Plan) -> FineTuning? {
    guard plan == .fineTuning else { return nil }
    let shape = LSTMShape(inputs: 2, hidden: 12, layers: 1, outputs: 2)
    return FineTuning(base: LSTMNetwork(shape: shape, seed: 77), frozen: ["lstm.bias"])
  }

  /// Runs until `allowed` batches are over, counted over all runs.
  func run(
    _ plan: Plan, stopAfter allowed: Int
  ) throws -> (network: LSTMNetwork, record: TrainingRecord)? {
    let asked = Mutex(0)
    var control = TrainingControl(checkpoint: path)
    control.shouldStop = {
      asked.withLock { count in
        count += 1
        return count > allowed
      }
    }
    do {
      // Another number of threads after every stop.
      return try Self.trainer(plan, threads: 1 + allowed % 2).train(
        Self.training, validation: Self.validation, from: Self.fineTuning(plan), control: control)
    } catch let error as LSTMError {
      #expect(error == .stopped(checkpoint: path))
      return nil
    }
  }

  @Test(arguments: Plan.allCases)
  func `a run that is stopped after every batch ends in the same bits`(plan: Plan) throws {
    let whole = try Self.trainer(plan).train(
      Self.training, validation: Self.validation, from: Self.fineTuning(plan))
    var stops = 0
    var result: (network: LSTMNetwork, record: TrainingRecord)?
    while result == nil, stops < 1000 {
      // Zero, one or two batches and then a stop: the state goes through the file every time.
      result = try run(plan, stopAfter: [1, 2, 0, 1][stops % 4])
      stops += 1
    }
    #expect(stops > 10)
    #expect(result?.network == whole.network)
    #expect(result?.record == whole.record)
    // What is finished is not trained again.
    let again = try run(plan, stopAfter: 0)
    #expect(again?.network == whole.network)
    #expect(again?.record == whole.record)
  }

  @Test func `a checkpoint every batch changes nothing`() throws {
    var control = TrainingControl(checkpoint: path)
    control.checkpointInterval = .zero
    let trainer = Self.trainer(.stretches)
    let kept = try trainer.train(Self.training, validation: Self.validation, control: control)
    let plain = try trainer.train(Self.training, validation: Self.validation)
    #expect(kept.network == plain.network && kept.record == plain.record)
  }

  @Test func `a checkpoint is written no more often than asked`() throws {
    let ticks = Mutex(0)
    var control = TrainingControl(checkpoint: path)
    control.checkpointInterval = .seconds(1_000_000)
    control.clock = {
      ticks.withLock { ticks in
        ticks += 1
        return .seconds(ticks)
      }
    }
    let seen = Mutex<[Bool]>([])
    let path = path
    _ = try Self.trainer(.stretches).train(Self.training, control: control) { _ in
      seen.withLock { $0.append(FileManager.default.fileExists(atPath: path)) }
    }
    // Only the finished run is kept.
    #expect(seen.withLock { !$0.isEmpty && $0.allSatisfy { !$0 } })
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test func `a checkpoint of another run is refused with what differs`() throws {
    _ = try run(.stretches, stopAfter: 3)
    func difference(
      _ trainer: LSTMTrainer, _ training: [TrainingSequence] = TrainingResumeTests.training,
      validation: [TrainingSequence] = TrainingResumeTests.validation,
      from fineTuning: FineTuning? = nil
    ) -> String? {
      let error = #expect(throws: LSTMError.self) {
        try trainer.train(
          training, validation: validation, from: fineTuning,
          control: TrainingControl(checkpoint: path))
      }
      guard case .foreignCheckpoint(path, let name, _, _) = error else { return nil }
      return name
    }
    var trainer = Self.trainer(.stretches)
    trainer.seed = 9
    #expect(difference(trainer) == "seed")
    trainer = Self.trainer(.stretches)
    trainer.configuration.hidden = 13
    #expect(difference(trainer) == "hidden")
    trainer = Self.trainer(.stretches)
    trainer.configuration.schedule = .cosine(floor: 0)
    #expect(difference(trainer) == "schedule")
    trainer = Self.trainer(.stretches)
    #expect(difference(trainer, Array(Self.training.reversed())) == "training data")
    #expect(difference(trainer, validation: []) == "validation data")
    #expect(difference(trainer, from: Self.fineTuning(.fineTuning)) == "base model")
    let first = Self.training[0]
    let masked = TrainingSequence(
      rows: first.rows, observed: [false] + Array(repeating: true, count: first.observed.count - 1))
    #expect(difference(trainer, [masked, Self.training[1]]) == "training data")
    let weighted = TrainingSequence(rows: first.rows, observed: first.observed, weight: 2)
    #expect(difference(trainer, [weighted, Self.training[1]]) == "training data")
    let text = LSTMError.foreignCheckpoint(path: "c", name: "hidden", here: "13", there: "12")
      .description
    #expect(text.contains("hidden is 12 there and 13 here") && text.contains("--restart"))
  }

  @Test func `a damaged checkpoint is refused`() throws {
    _ = try run(.stretches, stopAfter: 3)
    let whole = try Data(contentsOf: URL(filePath: path))
    for (place, name) in [
      (whole.count - 5, "last bytes"), (whole.count / 2, "middle"), (9, "header"),
    ] {
      var damaged = whole
      damaged[place] ^= 0x10
      try damaged.write(to: URL(filePath: path))
      let error = #expect(throws: LSTMError.self, "\(name)") {
        try Self.trainer(.stretches).train(
          Self.training, validation: Self.validation, control: TrainingControl(checkpoint: path))
      }
      guard case .damagedCheckpoint = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
    }
    try whole.prefix(whole.count - 100).write(to: URL(filePath: path))
    #expect(throws: LSTMError.self) {
      try Self.trainer(.stretches).train(
        Self.training, validation: Self.validation, control: TrainingControl(checkpoint: path))
    }
  }
}
