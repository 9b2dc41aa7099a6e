internal import ArgumentParser
internal import DatasetStore
internal import Pipeline
internal import Registry
internal import Storage

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train and calibrate a model on a dataset snapshot.",
    discussion: "Writes an artifact folder that evaluate, publish and score take.")

  @Argument(help: "The configuration file; its reader section is not used.")
  var configuration: String

  @Option(help: "A dataset snapshot.")
  var dataset: String

  @Option(help: "The artifact folder to write.")
  var out: String

  @Flag(help: "Replace an artifact that is there.")
  var replace = false

  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: replace ? nil : out, among: [configuration, dataset])
    let pipeline = try PipelineConfiguration(
      readingFile: configuration, environment: processEnvironment())
    let snapshot = try DatasetFile.read(dataset)
    let artifact = try await common.withProgress { progress in
      let model = try await Training(
        configuration: pipeline, threads: common.threads, progress: progress
      )(snapshot, digest: snapshot.contentDigest)
      return try ModelArtifact.make(model, evaluation: nil)
    }
    try artifact.write(to: out, replacing: replace)
    common.print(
      "model     \(out)  (sha256:\(artifact.digest.prefix(12)))\n",
      json: ["path": .string(out), "digest": .string(artifact.digest)])
  }
}
