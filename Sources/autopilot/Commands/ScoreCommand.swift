internal import ArgumentParser
internal import DatasetStore
internal import Diagnostics
internal import Features
internal import Ingest
internal import Pipeline
internal import Scoring
internal import Storage
internal import Telemetry

struct ScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score a dataset or exports with a published model.",
    discussion: """
      Writes one line per service and cell; 1.0 is where alerts begin, an empty field is no score. \
      The scores are those that evaluation computes, bit for bit.
      """)

  @Option(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "A dataset snapshot; or give exports with the options below.")
  var input: String?

  @OptionGroup var sources: SourceOptions
  @OptionGroup var budget: DefectBudgetOptions

  @Option(help: "The file to write; standard output by default.")
  var out: String?

  @Option(
    help: """
      Also write, for cells in which the isolation forest is at its boundary or above, which \
      features made them so and what was expected: a CSV file. With text output the three \
      strongest cells are summed up on standard error too.
      """)
  var explain: String?

  @Option(
    help: """
      The detector to explain, with --explain: isolation_forest by default, or lstm, \
      autoregression or pca_windowed, which name channels, or pca, when the model has it.
      """)
  var explainBy: String?

  @Option(help: "Features named for each cell at most, with --explain; 3 by default.")
  var causes: Int?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var expiry: ExpiryOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if explainBy != nil, explain == nil {
      throw ValidationError(
        "--explain-by says what --explain writes about; give --explain FILE too.")
    }
    if let causes {
      guard explain != nil else {
        throw ValidationError("--causes says how much --explain writes; give --explain FILE too.")
      }
      guard (1...1_000).contains(causes) else {
        throw ValidationError("--causes must be from 1 to 1000, not \(causes).")
      }
    }
    if let explain, let out, isSameFile(explain, out) {
      throw ValidationError("--explain and --out name the same file.")
    }
    if (input == nil) == sources.isEmpty {
      throw ValidationError("Give either --input SNAPSHOT or exports such as --prometheus FILE.")
    }
    if input != nil, sources.interval != nil {
      throw ValidationError("--interval goes with exports; a snapshot has its own.")
    }
    if !sources.incidents.isEmpty {
      throw ValidationError("Scores do not depend on incidents; leave --incidents out.")
    }
  }

  func run() async throws {
    try refuse(output: out, among: [input].compactMap { $0 } + sources.paths)
    try refuse(output: explain, among: [input].compactMap { $0 } + sources.paths)
    let loaded = try await trust.load(model)
    let trained = loaded.model
    let explained = explainBy ?? "isolation_forest"
    if explain != nil { try trained.requireExplained(by: explained) }
    let (table, explanations) = try await common.withProgress { progress in
      let dataset = try input.map { try DatasetFile.read($0) } ?? read(for: trained, progress)
      try expiry.check(
        loaded.artifact, model, dataUntil: dataset.grid.range.end, trust)
      let stage = ScoreStage(threads: common.threads, progress: progress)
      let table = try await stage(trained.scoring, dataset)
      let explanations =
        explain == nil
        ? nil
        : try await stage.explanations(
          trained.scoring, dataset, services: table.services, causes: causes ?? 3,
          by: explained)
      return (table, explanations)
    }
    warn(table)
    if let explain, let explanations {
      try FileSystem.writeFileAtomically(explanations.csv(), to: explain)
      if common.output == .text, !common.quiet { writeError(explanations.summary(strongest: 3)) }
    }
    let bytes =
      common.output == .json ? Array((table.json().text() + "\n").utf8) : table.csv()
    if let out {
      try FileSystem.writeFileAtomically(bytes, to: out)
    } else {
      writeOutput(bytes)
    }
  }

  /// Reads the exports as the model's training data was read.
  private func read(for model: TrainedModel, _ progress: @escaping ProgressSink) throws -> Dataset {
    var reader = try sources.reader(for: model)
    reader.defectBudget = try budget.applied(to: reader.defectBudget)
    return try ingest(reader, progress: progress)
  }

  /// Says on standard error what the scores do not cover.
  private func warn(_ table: ScoreTable) {
    for (items, meaning) in [
      (table.unknownServices, "services not in the model, not scored"),
      (table.absentServices, "services of the model without enough data, not scored"),
      (table.absentColumns, "inputs of the model not in the data, taken as missing"),
    ] where !items.isEmpty {
      let shown = items.prefix(5).joined(separator: ", ")
      writeError(
        "autopilot: warning: \(items.count) \(meaning): \(shown)\(items.count > 5 ? ", …" : "")")
    }
  }
}
