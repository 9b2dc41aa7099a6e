internal import ArgumentParser
internal import DatasetStore
internal import Pipeline
internal import Scoring
internal import Storage

struct FeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
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

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (configuration == nil) == (model == nil) {
      throw ValidationError("Give either --configuration or --model.")
    }
  }

  func run() async throws {
    let data = try DatasetFile.read(dataset)
    let features = try configuration.map {
      try fitFeatures(
        data,
        configuration: PipelineConfiguration(readingFile: $0, environment: processEnvironment()))
    }
    let fitted = try features ?? ModelArtifact.load(model ?? "").model.scoring.features
    let counts = try await common.withProgress { progress in
      try writeFeatures(fitted, of: data, to: out, progress: progress)
    }
    common.print(
      "\(counts.services) services, \(counts.features) features in all, \(counts.rows) cells\n"
        + "features  \(out)\n",
      json: [
        "path": .string(out), "services": .integer(counts.services),
        "features": .integer(counts.features), "rows": .integer(counts.rows),
      ])
  }
}
