internal import DatasetStore
public import Diagnostics
public import Gate
internal import Ingest
public import Pipeline
public import Registry
internal import Signing
internal import Storage
public import Telemetry

/// A nightly job: a new model for every instant that is due, which takes the champion's place when the
/// gate lets it.
///
/// For each instant the data up to it is read, a model trained, judged and published as challenger, and
/// compared with the champion. Everything is a function of data, configuration and instant, and every
/// step can be done again without effect: a job killed at any moment and started again ends in the same
/// state of the registry. One job works in a folder at a time; the lock is the system's and ends with
/// the process.
public struct RetrainRun: Sendable {
  private let configuration: PipelineConfiguration
  private let plan: RetrainPlan
  private let policy: GatePolicy
  private let output: String
  private let threads: Int
  private let limits: @Sendable (String) -> TrainingLimits
  private let stores: StoreCatalogue
  private let stages: @Sendable (Timestamp, JobStage) -> Void
  private let progress: ProgressSink

  /// Makes a job.
  ///
  /// - Parameters:
  ///   - output: The folder for datasets, results, state and, unless configured, the registry.
  ///   - limits: What may stop a training, given the folder for its checkpoints.
  ///   - stores: Opens the registry.
  ///   - stages: Is told each stage, and the instant of its model, before it begins.
  public init(
    configuration: PipelineConfiguration, plan: RetrainPlan, policy: GatePolicy, output: String,
    threads: Int, limits: @escaping @Sendable (String) -> TrainingLimits,
    stores: StoreCatalogue = .folders,
    stages: @escaping @Sendable (Timestamp, JobStage) -> Void = { _, _ in },
    progress: @escaping ProgressSink
  ) {
    (self.configuration, self.plan, self.policy) = (configuration, plan, policy)
    (self.output, self.threads, self.limits) = (output, threads, limits)
    (self.stores, self.stages) = (stores, stages)
    self.progress = progress
  }

  /// The folder that says that a job works in another one.
  public static func lock(of output: String) -> String { "\(output)/.retrain" }

  /// Works on all instants that are due.
  ///
  /// - Parameters:
  ///   - now: The time of day.
  ///   - finished: Told each outcome once it is on the disk, with what the gate found.
  /// - Returns: The outcomes; none when nothing is due.
  /// - Throws: An error of the environment at once. Data that cannot be used for an instant does not
  ///   keep later ones from being tried; its error is thrown at the end unless one of them succeeds.
  public func callAsFunction(
    now: Timestamp, finished: (RetrainOutcome, GateResult?) async throws -> Void
  ) async throws -> [RetrainOutcome] {
    try FileSystem.createDirectories(at: output)
    let lock = try StagingArea(root: Self.lock(of: output))
    defer { lock.close() }
    var state = try RetrainState(readingFrom: output)
    var done: [RetrainOutcome] = []
    var failure: (any Error)?
    for instant in plan.due(now: now, last: state.last) {
      do {
        let (outcome, gate) = try await outcome(for: instant)
        failure = nil
        stages(instant, .record)
        state.add(outcome)
        try state.write(to: output)
        try await finished(outcome, gate)
        done.append(outcome)
      } catch let error as any DiagnosedError where error.kind == .invalidInput {
        // A quiet night, or a gap, must not keep the nights after it from being tried.
        failure = error
      }
    }
    if let failure { throw failure }
    return done
  }

  private func outcome(for instant: Timestamp) async throws -> (RetrainOutcome, GateResult?) {
    var configuration = configuration
    configuration.reader.end = instant
    if let history = plan.history {
      configuration.reader.start = max(
        configuration.reader.start ?? instant - history, instant - history)
    }
    configuration.registry.alias = plan.challenger
    let summary = try await FullRun(
      configuration: configuration, output: output, threads: threads,
      limits: limits("\(output)/\(FullRun.checkpointFolder)"), dataUntil: instant,
      stores: stores, stages: { [stages] in stages(instant, $0) }, progress: progress)()
    stages(instant, .gate)
    let registry = try stores.open(summary.registry)
    let name = summary.published.name
    let current = try await registry.alias(named: plan.champion, of: name)
    func outcome(_ result: RetrainOutcome.Result, _ gate: GateResult?) -> (
      RetrainOutcome, GateResult?
    ) {
      (
        RetrainOutcome(
          instant: instant, result: result, version: summary.published.version,
          digest: summary.published.digest, champion: current?.target.version,
          folder: summary.folder), gate
      )
    }
    // The model is in use already: an earlier job was killed before it could write that down.
    if let current, current.target.digest == summary.published.digest {
      return (
        RetrainOutcome(
          instant: instant, result: .promoted, version: summary.published.version,
          digest: summary.published.digest, champion: current.before?.version,
          folder: summary.folder), nil
      )
    }
    let candidate = try await side("\(summary.registry)/\(name)@\(summary.published.version)")
    var baseline: GateSide?
    if let current {
      baseline = try await side("\(summary.registry)/\(name)@\(current.target.version)")
    }
    let dataset = try DatasetFile.read(summary.datasetPath)
    let gate = try await GateRun(
      policy, trust: configuration.registry.trust, threads: threads, progress: progress
    )(
      candidate: candidate, baseline: baseline, dataset: dataset)
    try FileSystem.writeFileAtomically(
      Array(gate.json().text(indented: true).utf8), to: "\(summary.folder)/gate.json")
    try FileSystem.writeFileAtomically(
      Array(gate.markdown().utf8), to: "\(summary.folder)/gate.md")
    switch gate.outcome {
    case .passed:
      stages(instant, .promote)
      try await registry.setAlias(
        plan.champion, of: name, to: summary.published.version,
        expecting: current.map { .version($0.target.version) } ?? .absent)
      return outcome(.promoted, gate)
    case .regression: return outcome(.regression, gate)
    case .inconclusive: return outcome(.inconclusive, gate)
    case .invalid: return outcome(.invalid, gate)
    case .integrity: return outcome(.integrity, gate)
    }
  }

  private func side(_ reference: String) async throws -> GateSide {
    try await GateSide(loading: reference, from: stores, trust: configuration.registry.trust)
  }
}
