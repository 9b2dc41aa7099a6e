internal import ArgumentParser
internal import DatasetStore
internal import Features
internal import Pipeline
internal import Scoring
internal import Storage
internal import Telemetry

struct FeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Compute a dataset's features, or say what each feature means.",
    discussion: """
      Without the name of a subcommand, `autopilot features` is `autopilot features compute`.
      """,
    subcommands: [
      ComputeFeaturesCommand.self, ListFeaturesCommand.self, ExplainFeatureCommand.self,
    ],
    defaultSubcommand: ComputeFeaturesCommand.self)
}

struct ComputeFeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compute",
    abstract: "Compute a dataset's features into an HDF5 file.",
    discussion: """
      Fits scaling on the configuration's training range, or takes a model's own, and writes the \
      features of every service and cell, named and scaled as the models see them.
      """)

  @Option(help: "A dataset snapshot.")
  var dataset: String

  @Option(help: "A configuration file, for its features and evaluation.split sections.")
  var configuration: String?

  @Option(help: "A model whose feature definition to use instead.")
  var model: String?

  @Option(help: "The file to write.")
  var out: String

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (configuration == nil) == (model == nil) {
      throw ValidationError("Give either --configuration or --model.")
    }
  }

  func run() async throws {
    try refuse(output: out, among: [dataset, configuration].compactMap { $0 })
    let data = try DatasetFile.read(dataset)
    let counts = try await common.withProgress { progress in
      try await writeFeatures(features(of: data), of: data, to: out, progress: progress)
    }
    common.print(
      "\(counts.services) services, \(counts.features) features in all, \(counts.rows) cells\n"
        + "features  \(out)\n",
      json: [
        "path": .string(out), "services": .integer(counts.services),
        "features": .integer(counts.features), "rows": .integer(counts.rows),
      ])
  }

  private func features(of data: Dataset) async throws -> FeatureModel {
    guard let configuration else {
      return try await trust.load(model ?? "").model.scoring.features
    }
    return try await fitFeatures(
      data,
      configuration: PipelineConfiguration(
        readingFile: configuration, environment: processEnvironment()), threads: common.threads)
  }
}
