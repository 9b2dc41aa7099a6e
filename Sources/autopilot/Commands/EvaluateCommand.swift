internal import ArgumentParser
internal import DatasetStore
internal import Evaluation
internal import Experiments
internal import Pipeline
internal import Registry
internal import Report
internal import Storage
internal import Telemetry

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model against labelled incidents.",
    discussion: """
      Scores the dataset, compares with random scores, a moving z-score and principal components, \
      and writes report.html, report.md, evaluation.json, detail.json, scores.csv and ingest.json. With \
      --out or --runs the evaluation is recorded in runs.sqlite, see 'autopilot runs'.
      """)

  @Option(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "A dataset snapshot that covers the model's training, calibration and test ranges.")
  var dataset: String

  @Option(help: "Folder for the results.")
  var out: String?

  @Option(help: "Folder of the record of runs; by default that of the results.")
  var runs: String?

  @OptionGroup var mirror: MirrorOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var expiry: ExpiryOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    try refuse(output: runs)
    let watch = Stopwatch()
    let times = FitTimes()
    let loaded = try await trust.load(model)
    let data = try DatasetFile.read(dataset)
    try expiry.check(
      loaded.artifact, model, dataUntil: data.grid.range.end, trust)
    let (judgement, findings) = try await common.withProgress { progress in
      let judgement = try await JudgementStage(
        threads: common.threads, progress: progress, times: times)(loaded.model, data)
      let findings = try await FindingsStage(threads: common.threads, progress: progress)(
        loaded.model, data, judgement)
      return (judgement, findings)
    }
    var written = ""
    var files: [String] = []
    if let out {
      let results = RunResults(
        model: loaded.model, artifactDigest: loaded.artifact.digest, dataset: data,
        judgement: judgement, findings: findings)
      files = try results.write(to: out)
      written = "\nreport    \(out)/\(RunResults.reportFile)\n"
    }
    let recorded = (runs ?? out).flatMap { folder in
      record(in: folder) {
        var record = RunRecord(
          name: loaded.model.name, kind: .evaluate, started: watch.started,
          wallSeconds: watch.seconds, configuration: loaded.model.history,
          datasetDigest: data.contentDigest, artifactDigest: loaded.artifact.digest,
          seed: loaded.model.seed, environment: .current(threads: common.threads))
        record.metrics = RunMetric.all(of: judgement.result)
        record.fitSeconds = times.seconds
        (record.folder, record.files) = (out, files)
        return record
      }
    }
    await mirror.mirror(recorded.map { [$0] } ?? [], common: common)
    written += recorded.map { "run       \($0.id)\n" } ?? ""
    common.print(
      TerminalReport(judgement.result, notes: judgement.caveats).text + written,
      json: judgement.json())
  }
}
