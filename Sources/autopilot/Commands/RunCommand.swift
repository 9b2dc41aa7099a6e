internal import ArgumentParser
internal import Evaluation
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
      its checkpoints.
      """)

  @Argument(help: "The configuration file.")
  var configuration: String

  @Option(help: "Folder for datasets, results and the registry.")
  var out = "out"

  @OptionGroup var budget: DefectBudgetOptions
  @OptionGroup var training: TrainingOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
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
    common.print(text(summary), json: json(summary))
  }

  private func text(_ summary: RunSummary) -> String {
    let state = summary.published.isNew ? "published" : "already published"
    return TerminalReport(summary.result, notes: summary.caveats).text + """

      \(wrapped(ingestLine(summary.ingest), indent: "          "))
      dataset   \(summary.datasetPath)
      report    \(summary.reportPath)
      model     \(summary.modelReference)  (version \(summary.published.version), \(state), \
      sha256:\(summary.published.digest.prefix(12)))

      """
  }

  private func json(_ summary: RunSummary) -> JSONValue {
    [
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
