internal import DatasetStore
internal import Diagnostics
internal import Experiments
internal import IsolationForest
internal import LSTM
internal import Pipeline
internal import Registry
internal import Storage
internal import Telemetry

/// All that trials of a search have in common.
struct Study: Sendable {
  /// Identifies data, configuration and space: trials of one study can be told by their numbers.
  let digest: String
  let draft: ConfigurationDraft
  let space: SearchSpace
  let seed: UInt64
  let data: TrialData
  /// Of the whole dataset, for the record.
  let datasetDigest: String
  let environment: RunEnvironment

  /// Raised when the same trial comes to something else than before.
  private static let version = 1

  init(
    draft: ConfigurationDraft, space: SearchSpace, plan: TuningPlan, data: TrialData,
    datasetDigest: String, threads: Int
  ) throws {
    (self.draft, self.space, self.data, seed) = (draft, space, data, plan.seed)
    self.datasetDigest = datasetDigest
    environment = .current(threads: threads)
    var digest = SHA256Digest()
    digest.update(framed: "tune \(Self.version) \(Program.version)")
    digest.update(framed: data.dataset.contentDigest)
    digest.update(framed: data.split.json().text())
    let statements = try draft.statements(of: ["seed", "features", "models", "evaluation"])
    for statement in statements { digest.update(framed: statement) }
    for parameter in space.parameters {
      digest.update(framed: "\(parameter.key): \(parameter.domain.text)")
    }
    digest.update(framed: String(plan.seed))
    self.digest = digest.hexadecimal
  }

  func settings(_ trial: Int) -> [ConfigurationDraft.Setting] {
    space.settings(trial: trial, seed: seed)
  }

  func draft(of trial: Int) -> ConfigurationDraft {
    var draft = draft
    draft.settings = settings(trial)
    return draft
  }

  /// The configuration that a trial trains.
  func configuration(of trial: Int, share: Double) throws -> PipelineConfiguration {
    var configuration = try draft(of: trial).configuration()
    configuration.evaluation.split = .ranges(
      train: data.split.train, calibration: data.split.calibration, test: data.split.test)
    // What a time budget leaves depends on the machine.
    configuration.models.forecast?.maxDuration = nil
    configuration.scaleResources(by: share)
    return configuration
  }

  /// Trains and judges one trial.
  ///
  /// A configuration that cannot be trained is a result, for a space may hold such ones; a machine
  /// that fails, or a wish to stop, is not.
  func run(
    _ trial: Int, share: Double, threads: Int, stop: StopRequest
  ) async throws -> RunRecord {
    let (started, start) = (Timestamp.now, ContinuousClock.now)
    let times = FitTimes()
    var record = RunRecord(
      name: try draft.configuration().name, kind: .trial, started: started, wallSeconds: 0,
      configuration: try draft(of: trial).yaml(), datasetDigest: datasetDigest,
      artifactDigest: nil, seed: try draft.configuration().seed, environment: environment)
    record.trial = RunRecord.Trial(study: digest, number: trial, share: share)
    do {
      let configuration = try configuration(of: trial, share: share)
      let trained = try await Training(
        configuration: configuration, threads: threads, limits: TrainingLimits(stop: stop),
        progress: { _ in }, times: times)(data.dataset, digest: digest)
      let model = try TrainedModel(files: trained.files(), source: configuration.name)
      let judgement = try await JudgementStage(
        threads: threads, progress: { _ in }, comparesBaselines: false)(model, data.dataset)
      record.metrics = RunMetric.all(of: judgement.result)
      record.artifactDigest = try ModelArtifact.make(model, evaluation: nil).digest
    } catch let error as any DiagnosedError where error.kind == .invalidInput {
      record.failure = error.description
    }
    record.fitSeconds = times.seconds
    record.wallSeconds = (ContinuousClock.now - start) / .seconds(1)
    return record
  }
}

extension PipelineConfiguration {
  /// Gives training a share of its resources: epochs of networks and trees of forests.
  mutating func scaleResources(by share: Double) {
    guard share < 1 else { return }
    func scaled(_ count: Int) -> Int { max(1, Int((Double(count) * share).rounded(.up))) }
    models.forest = models.forest.map { forest in
      var forest = forest
      forest.trees = scaled(forest.trees)
      return forest
    }
    guard var forecast = models.forecast else { return }
    let epochs = scaled(forecast.network.epochs)
    forecast.network.epochs = epochs
    forecast.network.warmUp = min(forecast.network.warmUp, Double(epochs))
    if let tuning = forecast.fineTuning { forecast.fineTuning?.epochs = scaled(tuning.epochs) }
    models.forecast = forecast
  }
}
