internal import ArgumentParser
internal import Evaluation
internal import Experiments
internal import Ingest
internal import Pipeline
internal import Registry
internal import Report
internal import Storage

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Ingest, train, evaluate and publish, all from one YAML file.",
    discussion: """
      Writes a dataset snapshot, a report, scores and a registry into the output folder and points \
      the alias at the published version. Running it again with equal data, configuration and seed \
      publishes nothing new. A run that was stopped, killed or out of time in training goes on from \
      its checkpoints. What was finished is recorded in runs.sqlite, see 'autopilot runs'.
      """)

  @Argument(help: "The configuration file.")
  var configuration: String

  @Option(help: "Folder for datasets, results and the registry.")
  var out = "out"

  @OptionGroup var budget: DefectBudgetOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var mirror: MirrorOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    let watch = Stopwatch()
    var pipeline = try PipelineConfiguration(
      readingFile: configuration, environment: processEnvironment())
    pipeline.reader.defectBudget = try budget.applied(to: pipeline.reader.defectBudget)
    pipeline = training.applied(to: pipeline)
    let folder = "\(out)/\(FullRun.checkpointFolder)"
    let summary = try await training.withLimits(checkpoints: folder) { [pipeline] limits in
      try await common.withProgress { progress in
        try await FullRun(
          configuration: pipeline, output: out, threads: common.threads, limits: limits,
          stores: modelStores(), progress: progress)()
      }
    }
    let recorded = record(in: out) { try runRecord(of: summary, watch, seed: pipeline.seed) }
    await mirror.mirror(recorded.map { [$0] } ?? [], common: common)
    common.print(text(summary, recorded), json: json(summary, recorded))
  }

  private func runRecord(
    of summary: RunSummary, _ watch: Stopwatch, seed: UInt64
  ) throws -> RunRecord {
    var record = RunRecord(
      name: summary.published.name, kind: .run, started: watch.started,
      wallSeconds: watch.seconds,
      configuration: try ConfigurationDraft(
        readingFile: configuration, environment: processEnvironment()
      ).text,
      datasetDigest: summary.datasetDigest, artifactDigest: summary.published.digest, seed: seed,
      environment: .current(threads: common.threads))
    record.metrics = RunMetric.all(of: summary.result)
    record.fitSeconds = summary.fitSeconds
    (record.folder, record.registry) = (summary.folder, summary.registry)
    record.files = try FileSystem.contents(of: summary.folder)
    return record
  }

  private func text(_ summary: RunSummary, _ recorded: RecordedRun?) -> String {
    let state = summary.published.isNew ? "published" : "already published"
    return TerminalReport(summary.result, notes: summary.caveats).text + """

      \(wrapped(ingestLine(summary.ingest), indent: "          "))
      dataset   \(summary.datasetPath)
      report    \(summary.reportPath)
      model     \(summary.modelReference)  (version \(summary.published.version), \(state), \
      sha256:\(summary.published.digest.prefix(12)))
      \(recorded.map { "run       \($0.id)\n" } ?? "")
      """
  }

  private func json(_ summary: RunSummary, _ recorded: RecordedRun?) -> JSONValue {
    [
      "run": recorded.map { .string($0.id) } ?? .null,
      "dataset": ["path": .string(summary.datasetPath), "digest": .string(summary.datasetDigest)],
      "ingest": summary.ingest.json(),
      "report": .string(summary.reportPath),
      "folder": .string(summary.folder),
      "model": [
        "reference": .string(summary.modelReference),
        "version": .integer(summary.published.version),
        "digest": .string(summary.published.digest),
        "is_new": .bool(summary.published.isNew),
      ],
      "evaluation": summary.result.json(caveats: summary.caveats),
      "fit_seconds": .object(summary.fitSeconds.mapValues(JSONValue.number)),
    ]
  }
}
