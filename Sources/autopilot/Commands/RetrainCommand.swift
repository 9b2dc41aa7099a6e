internal import ArgumentParser
internal import Diagnostics
internal import Foundation
internal import Gate
internal import Ingest
internal import Pipeline
internal import Retraining
internal import Storage
internal import Telemetry

struct RetrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retrain",
    abstract: "The nightly job: train on new data, and promote what the gate lets pass.",
    discussion: """
      Makes a model for every instant that is due since the last one (whole multiples of --every), \
      publishes it as challenger and compares it with the champion. Doing it again changes nothing; a \
      job that was killed goes on where it was. Ends as the last gate did: 0 promoted, 2 regression, 3 \
      inconclusive, 4 invalid data, 5 integrity.
      """)

  @Argument(help: "The configuration file.")
  var configuration: String

  @Option(help: "Folder for datasets, results, state and the registry.")
  var out = "out"

  @Option(
    help: ArgumentHelp("Distance of the instants that models are made for.", valueName: "duration"))
  var every = "1d"

  @Option(
    help: ArgumentHelp(
      "Time before such an instant that a model is made of; by default all there is.",
      valueName: "duration"))
  var history: String?

  @Option(help: "Missed instants that are caught up on, the latest ones.")
  var most = 7

  @Option(help: ArgumentHelp("The gate's policy; by default docs/gate.md's.", valueName: "file"))
  var policy: String?

  @Option(help: ArgumentHelp("The time of day, for tests and reruns.", valueName: "instant"))
  var now: String?

  @Option(
    help: ArgumentHelp(
      "Write metrics for a node exporter's textfile collector.", valueName: "file"))
  var metricsFile: String?

  @OptionGroup var messages: OutcomeOptions
  @OptionGroup var budget: DefectBudgetOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...1_000).contains(most) else {
      throw ValidationError("--most must be from 1 to 1000, not \(most).")
    }
    _ = try plan()
    _ = try instant()
  }

  func run() async throws {
    try refuse(output: out)
    var pipeline = try PipelineConfiguration(
      readingFile: configuration, environment: processEnvironment())
    pipeline.reader.defectBudget = try budget.applied(to: pipeline.reader.defectBudget)
    pipeline = training.applied(to: pipeline)
    let rules =
      try policy.map { try GatePolicy(readingFile: $0, environment: processEnvironment()) }
      ?? GatePolicy()
    try rules.checkSigners(pipeline.registry.trust)
    let plan = try plan()
    let moment =
      try instant()
      ?? Timestamp(
        milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    let clock = ContinuousClock()
    let start = clock.now
    let folder = "\(out)/\(FullRun.checkpointFolder)"
    func ended() -> (seconds: Double, at: Timestamp) {
      (seconds(clock.now - start), now == nil ? Self.timeOfDay : moment)
    }
    let outcomes: [RetrainOutcome]
    do {
      outcomes = try await training.withLimits(checkpoints: folder) { [pipeline] limits in
        // The log of a batch job shows which stage it was in.
        try await common.withProgressAndLines { progress, say in
          try await RetrainRun(
            configuration: pipeline, plan: plan, policy: rules, output: out,
            threads: common.threads, limits: { _ in limits.startingNow() }, stores: modelStores(),
            stages: { say("\($0)  \($1.rawValue)") }, progress: progress
          )(now: moment) { outcome, gate in
            if common.output == .text { writeOutput(text(outcome, gate)) }
            await messages.tell(document(outcome, gate, pipeline.name))
          }
        }
      }
    } catch {
      await tellFailure(error, of: pipeline.name, ended())
      throw error
    }
    try await writeMetrics(
      pipeline.name, state: RetrainState(readingFrom: out), ended(), failed: false)
    let state = try RetrainState(readingFrom: out)
    if outcomes.isEmpty, common.output == .text {
      writeOutput(
        "nothing is due: the model for \(state.last.map(\.description) ?? "no instant") is made\n")
    }
    if common.output == .json { writeOutput(state.json().text(indented: true)) }
    throw ExitCode(outcomes.last?.result.exitCode ?? 0)
  }

  private func document(
    _ outcome: RetrainOutcome, _ gate: GateResult?, _ model: String
  ) -> JSONValue {
    [
      "model": .string(model), "instant": .string(outcome.instant.description),
      "outcome": .string(outcome.result.rawValue), "version": .integer(outcome.version),
      "digest": .string(outcome.digest),
      "champion_before": outcome.champion.map(JSONValue.integer) ?? .null,
      "gate": gate?.json() ?? .null,
      "text": .string(
        "\(model) version \(outcome.version): \(gate?.sentence ?? outcome.result.rawValue)"),
    ]
  }

  /// Tells of a night without a model; whoever waits for the job has to hear of that, too.
  ///
  /// A job that was turned away because another one works says nothing: that one will.
  private func tellFailure(
    _ error: any Error, of model: String, _ ended: (seconds: Double, at: Timestamp)
  ) async {
    if case StorageError.busy(let path) = error, path == RetrainRun.lock(of: out) { return }
    let reason = (error as? any DiagnosedError)?.description ?? "\(error)"
    await messages.tell([
      "model": .string(model), "outcome": .string(RetrainMetrics.failure),
      "text": .string("\(model): no new model: \(reason)"),
    ])
    do {
      try await writeMetrics(
        model, state: (try? RetrainState(readingFrom: out)) ?? RetrainState(), ended, failed: true)
    } catch {
      // The job's own error says why it ended and comes last.
      writeError("autopilot: warning: metrics were not written: \(error)")
    }
  }

  private func writeMetrics(
    _ name: String, state: RetrainState, _ ended: (seconds: Double, at: Timestamp), failed: Bool
  ) async throws {
    let metrics = RetrainMetrics(
      model: name, state: state, seconds: ended.seconds, finished: ended.at, failed: failed)
    await messages.push(metrics.text(), model: name)
    if let metricsFile {
      try FileSystem.writeFileAtomically(Array(metrics.text().utf8), to: metricsFile)
    }
  }

  private func text(_ outcome: RetrainOutcome, _ gate: GateResult?) -> String {
    let champion = outcome.champion.map { "version \($0)" } ?? "none"
    return """
      \(outcome.instant)  version \(outcome.version)  \(outcome.result.rawValue), before it \(champion)
      \(gate.map { $0.text() } ?? "it is in use already\n")
      """
  }

  private static var timeOfDay: Timestamp {
    Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
  }

  private func plan() throws -> RetrainPlan {
    var plan = RetrainPlan()
    plan.every = try span(every, "every", least: .minutes(1))
    plan.history = try history.map { try span($0, "history", least: .minutes(1)) }
    plan.most = most
    return plan
  }

  private func span(_ text: String, _ option: String, least: TimeSpan) throws -> TimeSpan {
    guard let span = TimeSpan(text), span >= least else {
      throw ValidationError(
        "--\(option) must be a duration of at least \(least), such as 1d, not '\(text)'.")
    }
    return span
  }

  private func instant() throws -> Timestamp? {
    guard let now else { return nil }
    guard let instant = Timestamp(rfc3339: now) else {
      throw ValidationError("--now must be an instant such as 2026-11-23T00:00:00Z, not '\(now)'.")
    }
    return instant
  }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}
