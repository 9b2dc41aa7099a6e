import Foundation
import Testing

@Suite struct InterruptedTrainingTests {
  /// A configuration whose training takes long, with a checkpoint at every batch.
  static func slow(epochs: Int, seed: Int = 3) -> String {
    Workspace.configuration
      .replacingOccurrences(of: "seed: 3", with: "seed: \(seed)")
      .replacingOccurrences(
        of: "{hidden: 8, epochs: 5, smoothing: 3}",
        with: "{hidden: 24, epochs: \(epochs), patience: 1000, batch: 2, chunk: 20, stretch: 40, "
          + "schedule: {method: cosine}, warm_up: 1, weight_decay: 0.01, fine_tuning: {epochs: 2}, "
          + "checkpoint_minutes: 0, smoothing: 3}")
  }

  static let checkpoints = "out/checkpoints"

  /// Starts a run and waits until it has written checkpoints that were not there before.
  ///
  /// - Returns: Nil when the run ended before.
  static func start(
    in workspace: Workspace, waitingFor changes: Int
  ) throws -> (process: Process, errors: Pipe)? {
    let process = Tool.process(["run", "run.yaml", "-q"], in: workspace.path)
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    func state() -> [Data] {
      workspace.files(under: checkpoints).filter { $0.hasPrefix("lstm") }
        .compactMap { try? workspace.read("\(checkpoints)/\($0)") }
    }
    var (last, seen) = (state(), 0)
    try process.run()
    while seen < changes {
      guard process.isRunning else { return nil }
      usleep(500)
      let now = state()
      if now != last { (last, seen) = (now, seen + 1) }
    }
    return (process, errors)
  }

  static func expectEqual(_ workspace: Workspace, _ folder: String, to expected: String) throws {
    #expect(workspace.files(under: folder) == workspace.files(under: expected))
    for file in workspace.files(under: expected) {
      #expect(
        try workspace.read("\(folder)/\(file)") == workspace.read("\(expected)/\(file)"), "\(file)")
    }
  }

  /// Runs a command with the shortest time budget that lets training begin on this machine.
  static func budgeted(_ arguments: [String], in workspace: Workspace) throws -> ToolResult {
    for seconds in [4, 8, 16, 32] {
      let result = try Tool.run(
        arguments + ["--max-duration", "\(seconds)s", "-q"], in: workspace.path)
      if !result.errors.contains("over before the first batch") { return result }
    }
    return try Tool.run(arguments + ["--max-duration", "90s", "-q"], in: workspace.path)
  }

  @Test func `training that is killed again and again goes on and ends in the same bytes`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write("run.yaml", Self.slow(epochs: 12))
    let clean = try Tool.run(["run", "run.yaml", "--out", "clean", "-q"], in: workspace.path)
    #expect(clean.code == 0, "\(clean.errors)")
    var kills = 0
    // A run that is past its training ends by itself; so do all when the machine is slow enough.
    while kills < 8, let (process, _) = try Self.start(in: workspace, waitingFor: 2 + kills % 3) {
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal { kills += 1 }
    }
    #expect(kills > 2)
    let last = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    #expect(last.code == 0, "\(last.errors)")
    try Self.expectEqual(workspace, "out", to: "clean")
    #expect(!workspace.exists(Self.checkpoints))
  }

  @Test func `a terminated training keeps its state, says so and goes on`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write("run.yaml", Self.slow(epochs: 12))
    let clean = try Tool.run(["run", "run.yaml", "--out", "clean", "-q"], in: workspace.path)
    #expect(clean.code == 0, "\(clean.errors)")
    for signal in [SIGTERM, SIGINT] {
      let (process, errors) = try #require(try Self.start(in: workspace, waitingFor: 3))
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      #expect(process.terminationReason == .exit && process.terminationStatus == 1)
      #expect(text.contains("training was stopped; the same command goes on from out/checkpoints/"))
      #expect(!workspace.files(under: Self.checkpoints).isEmpty)
      #expect(!workspace.exists("out/registry"))
    }
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    try Self.expectEqual(workspace, "out", to: "clean")
  }

  @Test func `a time budget ends training with a model, and a later run goes on`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write("run.yaml", Self.slow(epochs: 10_000))
    let ended = try Self.budgeted(["run", "run.yaml", "--output", "json"], in: workspace)
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(ended.output.contains("The time budget ended the training of"))
    #expect(workspace.files(under: Self.checkpoints).contains("lstm-0.safetensors"))
    let pipeline = try #require(
      workspace.files(under: "out/registry").first { $0.hasSuffix("1/pipeline.json") })
    let record = String(
      decoding: try workspace.read("out/registry/\(pipeline)"), as: UTF8.self)
    #expect(record.contains("\"ended_by\": \"time_budget\""))

    try workspace.write("run.yaml", Self.slow(epochs: 10_000, seed: 4))
    let refused = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    #expect(refused.code == 4)
    #expect(refused.errors.contains("belongs to another training run: seed is"))
    #expect(refused.errors.contains("--restart"))
    let restarted = try Self.budgeted(["run", "run.yaml", "--restart"], in: workspace)
    #expect(restarted.code == 0, "\(restarted.errors)")

    let wrong = try Tool.run(["run", "run.yaml", "--max-duration", "soon"], in: workspace.path)
    #expect(wrong.code == 64 && wrong.errors.contains("a duration of at least 1s"))
  }

  @Test func `the train command keeps checkpoints beside its output`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    try workspace.write("run.yaml", Self.slow(epochs: 10_000))
    let ingest = try Tool.run(["ingest", "run.yaml", "--out", "data", "-q"], in: workspace.path)
    #expect(ingest.code == 0, "\(ingest.errors)")
    let snapshot = try #require(
      workspace.files(under: "data").first { $0.hasSuffix(".h5") })
    let train = ["train", "run.yaml", "--dataset", "data/\(snapshot)", "--out", "model"]
    let ended = try Self.budgeted(train, in: workspace)
    #expect(ended.code == 0, "\(ended.errors)")
    #expect(workspace.files(under: "model.checkpoints").contains("lstm-0.safetensors"))
    try workspace.write("run.yaml", Self.slow(epochs: 2))
    let refused = try Tool.run(train + ["--replace", "-q"], in: workspace.path)
    #expect(refused.errors.contains("epochs is 10000 there and 2 here"))
    let whole = try Tool.run(train + ["--replace", "--restart", "-q"], in: workspace.path)
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(!workspace.exists("model.checkpoints"))
  }
}
