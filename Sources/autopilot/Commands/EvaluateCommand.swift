internal import ArgumentParser
internal import DatasetStore
internal import Evaluation
internal import Pipeline
internal import Registry
internal import Report
internal import Storage

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model against labelled incidents.",
    discussion: """
      Scores the dataset, compares with random scores, a moving z-score and principal components, \
      and writes report.html, evaluation.json, scores.csv and ingest.json.
      """)

  @Option(help: "<registry>/<name>@<alias or version>, or an artifact's folder.")
  var model: String

  @Option(help: "A dataset snapshot that covers the model's training, calibration and test ranges.")
  var dataset: String

  @Option(help: "Folder for the results.")
  var out: String?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: out)
    let loaded = try await trust.load(model)
    let data = try DatasetFile.read(dataset)
    let judgement = try await common.withProgress { progress in
      try await JudgementStage(threads: common.threads, progress: progress)(loaded.model, data)
    }
    var written = ""
    if let out {
      let results = RunResults(
        model: loaded.model, artifactDigest: loaded.artifact.digest, dataset: data,
        judgement: judgement)
      try results.write(to: out)
      written = "\nreport    \(out)/\(RunResults.reportFile)\n"
    }
    common.print(
      TerminalReport(judgement.result, notes: judgement.caveats).text + written,
      json: judgement.json())
  }
}
