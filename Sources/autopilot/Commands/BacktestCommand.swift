internal import ArgumentParser
internal import DatasetStore
internal import Evaluation
internal import Ingest
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry

struct BacktestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract:
      "Refit along the time, as a nightly job would have, and test each model on what came next.",
    discussion: """
      Each fold is fitted on the time before it and sees nothing later than its own test. The split of \
      the configuration is not used. Writes report.html and backtest.json.
      """)

  @Argument(help: "The configuration file.")
  var configuration: String

  @Option(help: "A dataset snapshot; by default the configuration's sources are read.")
  var dataset: String?

  @Option(help: "Models that are fitted one after the other.")
  var folds = 4

  @Option(help: "Share of the time before the first test.")
  var first = 0.4

  @Option(help: "Last share of each fold's fitted time, on which thresholds are fixed.")
  var calibration = 0.3

  @Option(
    help: ArgumentHelp("Time between fitted time and test, such as 6h.", valueName: "duration"))
  var embargo: String?

  @Option(
    help: ArgumentHelp(
      "Longest time that a fold is fitted on, such as 28d; by default all before it.",
      valueName: "duration"))
  var history: String?

  @Option(help: "Folder for the results.")
  var out: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...100).contains(folds) else {
      throw ValidationError("--folds must be from 1 to 100, not \(folds).")
    }
    for (name, share) in [("first", first), ("calibration", calibration)]
    where !(0.01...0.95).contains(share) {
      throw ValidationError("--\(name) must be from 0.01 to 0.95, not \(share).")
    }
    _ = try (span(embargo, "embargo"), span(history, "history"))
  }

  func run() async throws {
    try refuse(output: out, among: [configuration] + [dataset].compactMap { $0 })
    let pipeline = try PipelineConfiguration(
      readingFile: configuration, environment: processEnvironment())
    var plan = BacktestPlan()
    (plan.folds, plan.first, plan.calibration) = (folds, first, calibration)
    plan.embargo = try span(embargo, "embargo") ?? .zero
    plan.history = try span(history, "history")
    let (result, data) = try await common.withProgress { [plan] progress in
      let data =
        try dataset.map { try DatasetFile.read($0) } ?? ingest(pipeline.reader, progress: progress)
      let result = try await Backtest(
        configuration: pipeline, plan: plan, threads: common.threads, progress: progress)(data)
      return (result, data)
    }
    var written = ""
    if let out {
      try FileSystem.createDirectories(at: out)
      try FileSystem.writeFileAtomically(
        Array(result.json().text(indented: true).utf8), to: "\(out)/backtest.json")
      try FileSystem.writeFileAtomically(
        Array(HTMLReport(content(result, data, pipeline)).render().utf8), to: "\(out)/report.html")
      written = "\nreport    \(out)/report.html\n"
    }
    common.print(text(result) + written, json: result.json())
  }

  private func span(_ text: String?, _ option: String) throws -> TimeSpan? {
    guard let text else { return nil }
    guard let span = TimeSpan(text), span >= .zero else {
      throw ValidationError("--\(option) must be a duration such as 6h, not '\(text)'.")
    }
    return span
  }

  private func content(
    _ result: BacktestResult, _ data: Dataset, _ pipeline: PipelineConfiguration
  ) -> ReportContent {
    ReportContent(
      title: "\(pipeline.name), walk-forward", evaluation: result.pooled,
      notes: result.dropped.isEmpty
        ? []
        : ["Some folds lack rows, which are left out: \(result.dropped.joined(separator: ", "))."],
      timelines: result.scores.map { .init(service: $0.service, scores: $0.scores) },
      splits: result.folds.enumerated().map { number, fold in
        .init(name: "fold \(number + 1)", ranges: fold.split.test)
      },
      incidents: data.incidents, ingest: data.report,
      facts: [
        .init(key: "Evaluated on dataset", value: data.contentDigest),
        .init(key: "Folds", value: "\(result.folds.count)"),
        .init(key: "Seed", value: "\(pipeline.seed)"),
      ], findings: ReportFindings(detail: result.detail))
  }

  private func text(_ result: BacktestResult) -> String {
    var table = TerminalTable([
      ("FOLD", .right), ("FITTED", .leftWhole), ("TESTED", .leftWhole), ("FOUND", .right),
      ("FALSE PER\nSERVICE-DAY", .right), ("AUC-PR", .right),
    ])
    for (number, fold) in result.folds.enumerated() {
      let row = fold.result?.rows.first
      table.add([
        "\(number + 1)",
        "\(minute(fold.split.train[0].start)) to \(minute(fold.split.calibration[0].end))",
        "\(minute(fold.split.test[0].start)) to \(minute(fold.split.test[0].end))",
        row.map { "\($0.events.found) / \($0.events.found + $0.events.missed)" } ?? "no incident",
        rounded(row?.events.falseAlarmsPerServiceDay), fixed(row?.ranking.averagePrecision, 3),
      ])
    }
    return table.text(width: 120) + "\n" + TerminalReport(result.pooled).text
  }
}
