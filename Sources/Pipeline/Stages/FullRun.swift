internal import DatasetStore
public import Diagnostics
public import Evaluation
internal import Ingest
public import Registry
internal import Scoring
internal import Signing
internal import Storage
public import Telemetry

/// What a run of the whole pipeline produced, and where it is.
public struct RunSummary: Sendable {
  /// The dataset snapshot's file.
  public var datasetPath: String
  /// The snapshot's content digest.
  public var datasetDigest: String
  /// What ingest found.
  public var ingest: IngestReport
  /// The evaluation.
  public var result: EvaluationResult
  /// What a reader has to know before believing it, as sentences.
  public var caveats: [String]
  /// Seconds that fitting each detector took, see `FitTimes`.
  public var fitSeconds: [String: Double]
  /// The published version.
  public var published: PublishedVersion
  /// The registry's folder or address.
  public var registry: String
  /// The alias that points at the version.
  public var alias: String
  /// The HTML report's file.
  public var reportPath: String
  /// The folder of the run's other results.
  public var folder: String

  /// The reference that `autopilot score --model` takes.
  public var modelReference: String { "\(registry)/\(published.name)@\(alias)" }
}

/// The whole pipeline: ingest, train, evaluate, report, publish.
///
/// The output folder is locked for the length of the run. Everything is prepared aside and appears
/// complete; a run killed at any moment leaves checkpoints that the next one goes on from, nothing
/// else that the next one does not remove, and the registry whole.
public struct FullRun: Sendable {
  private let configuration: PipelineConfiguration
  private let output: String
  private let threads: Int
  private let limits: TrainingLimits
  private let dataUntil: Timestamp?
  private let stores: StoreCatalogue
  private let stages: StageSink
  private let progress: ProgressSink

  /// The usual folder of checkpoints, in the output folder.
  public static let checkpointFolder = "checkpoints"

  /// Makes a run.
  ///
  /// - Parameters:
  ///   - output: The folder for datasets, results and, unless configured, the registry.
  ///   - threads: Services worked on at once; results do not depend on it.
  ///   - limits: Where checkpoints go, and what may stop the training.
  ///   - dataUntil: The instant that the data must reach, up to one cell.
  ///   - stores: Opens the registry.
  ///   - stages: Is told each stage before it begins.
  public init(
    configuration: PipelineConfiguration, output: String, threads: Int,
    limits: TrainingLimits = TrainingLimits(), dataUntil: Timestamp? = nil,
    stores: StoreCatalogue = .folders, stages: @escaping StageSink = { _ in },
    progress: @escaping ProgressSink
  ) {
    (self.configuration, self.output, self.stores) = (configuration, output, stores)
    (self.threads, self.limits, self.progress) = (threads, limits, progress)
    self.stages = stages
    self.dataUntil = dataUntil
  }

  /// Runs all stages.
  ///
  /// - Throws: The error of the stage that failed; nothing is published then.
  public func callAsFunction() async throws -> RunSummary {
    let area = try StagingArea(root: output)
    defer { area.close() }
    let registry = configuration.registry.path ?? "\(output)/registry"
    stages(.ingest)
    let dataset = try keepingReport(in: output) {
      try ingest(configuration.reader, progress: progress)
    }
    if let dataUntil, dataset.grid.range.end + dataset.grid.interval < dataUntil {
      throw PipelineError.dataEndsEarly(end: dataset.grid.range.end, needed: dataUntil)
    }
    // What would fail at the end fails before the work.
    let split = try configuration.evaluation.split.split(
      dataset.grid, publishedTestStart: dataset.publishedTestStart)
    _ = try configuration.featureFitting(dataset, split: split, threads: threads)
    if !StoreCatalogue.isRemote(registry) { try FileSystem.checkFolder(registry) }
    let store = try stores.open(registry)
    let signing = try Publication(configuration.registry)

    let digest = dataset.contentDigest
    stages(.train)
    let times = FitTimes()
    let trained = try await Training(
      configuration: configuration, threads: threads, limits: limits, progress: progress,
      times: times
    )(dataset, digest: digest)
    // What is judged is what will be read back, not what happens to be in memory.
    let model = try TrainedModel(files: trained.files(), source: configuration.name)
    stages(.evaluate)
    let judgement = try await JudgementStage(
      threads: threads, progress: progress, times: times)(model, dataset)
    let artifact = try ModelArtifact.make(
      model, judgement, dataset, onnx: configuration.registry.onnx)
    let findings = try await FindingsStage(threads: threads, progress: progress)(
      model, dataset, judgement)
    let results = RunResults(
      model: model, artifactDigest: artifact.digest, dataset: dataset, judgement: judgement,
      findings: findings)

    stages(.publish)
    let saved = try DatasetStore(root: "\(output)/datasets").save(dataset)
    let published = try await store.publish(
      artifact, as: nil, aliases: [configuration.registry.alias],
      signatures: try signing.signatures(of: artifact))
    let folder = "runs/\(configuration.name)-\(artifact.digest.prefix(12))"
    try results.write(to: folder, in: area)
    if !trained.endedByTime { try limits.removeCheckpoints() }
    return RunSummary(
      datasetPath: saved.path, datasetDigest: saved.digest, ingest: dataset.report,
      result: judgement.result, caveats: judgement.caveats,
      fitSeconds: times.seconds,
      published: published, registry: registry,
      alias: configuration.registry.alias,
      reportPath: "\(output)/\(folder)/\(RunResults.reportFile)", folder: "\(output)/\(folder)")
  }
}
