import Diagnostics
import Foundation
import LSTM
import Synchronization
import Testing

@Suite struct TimeLimitTests {
  /// A clock that moves by a second whenever it is read.
  static func ticking(limit: Int?, checkpoint: String? = nil) -> TrainingControl {
    let ticks = Mutex(0)
    var control = TrainingControl(checkpoint: checkpoint)
    control.timeLimit = limit.map { .seconds($0) }
    control.checkpointInterval = .seconds(1_000_000)
    control.clock = {
      ticks.withLock { ticks in
        ticks += 1
        return .seconds(ticks)
      }
    }
    return control
  }

  static let training = TrainingResumeTests.training
  static let validation = TrainingResumeTests.validation
  static let trainer = TrainingResumeTests.trainer(.stretches)

  @Test func `a run whose time is over returns the best weights so far and says so`() throws {
    let whole = try Self.trainer.train(Self.training, validation: Self.validation)
    let ended = try Self.trainer.train(
      Self.training, validation: Self.validation, control: Self.ticking(limit: 20))
    #expect(ended.record.ending == .timeBudget)
    let epochs = ended.record.epochs
    #expect((1..<3).contains(epochs))
    #expect(ended.record.trainLoss == Array(whole.record.trainLoss[..<epochs]))
    #expect(ended.record.validationLoss == Array(whole.record.validationLoss[..<epochs]))
    // Training to the best of those epochs comes to the same weights.
    var short = Self.trainer
    short.configuration.epochs = ended.record.bestEpoch + 1
    #expect(try short.train(Self.training).network == ended.network)
  }

  @Test func `time that ends within the first epoch leaves what was learned in it`() throws {
    let ended = try Self.trainer.train(
      Self.training, validation: Self.validation, control: Self.ticking(limit: 4))
    #expect(ended.record.ending == .timeBudget)
    #expect(ended.record.epochs == 1 && ended.record.validationLoss.isEmpty)
    #expect(ended.record.bestEpoch == 0)
    let shape = ended.network.shape
    #expect(ended.network != LSTMNetwork(shape: shape, seed: Self.trainer.seed))
  }

  @Test func `no time at all is an error`() {
    let error = #expect(throws: LSTMError.self) {
      try Self.trainer.train(Self.training, control: Self.ticking(limit: 0))
    }
    #expect(error == .noTime)
    #expect(error?.description.contains("--max-duration") == true)
  }

  @Test func `a later run goes on where time ended one and comes to the same bits`() throws {
    let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "state").path()
    let whole = try Self.trainer.train(Self.training, validation: Self.validation)
    var nights = 0
    var last = TrainingRecord.Ending.timeBudget
    while last == .timeBudget, nights < 100 {
      let result = try Self.trainer.train(
        Self.training, validation: Self.validation,
        control: Self.ticking(limit: 4, checkpoint: path))
      last = result.record.ending
      nights += 1
      guard last != .timeBudget else { continue }
      #expect(result.network == whole.network && result.record == whole.record)
    }
    #expect((4..<100).contains(nights))
  }

  @Test func `progress tells speed and time left, within long epochs too`() throws {
    let lines = Mutex<[String]>([])
    _ = try Self.trainer.train(
      Self.training, validation: Self.validation, control: Self.ticking(limit: nil)
    ) { event in
      lines.withLock { $0.append("\(event.completed)/\(event.total) \(event.detail)") }
    }
    let text = lines.withLock { $0 }
    #expect(text.contains { $0.hasPrefix("0/3 loss ") && $0.contains("so far") })
    #expect(text.contains { $0.hasPrefix("1/3 ") && $0.contains("validation") })
    // After the last batch nothing is left but to close the epoch.
    #expect(text.dropLast(2).allSatisfy { $0.contains("rows/s, at most ") && $0.contains("left") })
    let last = try #require(text.last)
    #expect(last.hasPrefix("3/3 ") && last.contains("rows/s") && !last.contains("left"))
  }
}
