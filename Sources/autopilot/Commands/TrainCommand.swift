internal import ArgumentParser
internal import DatasetStore
internal import Pipeline
internal import Registry
internal import Storage

struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train and calibrate a model on a dataset snapshot.",
    discussion: """
      Writes an artifact folder that evaluate, publish and score take. A training that was stopped, \
      killed or out of time goes on from <out>.checkpoints.
      """)

  @Argument(help: "The configuration file; its reader section is not used.")
  var configuration: String

  @Option(help: "A dataset snapshot.")
  var dataset: String

  @Option(help: "The artifact folder to write.")
  var out: String

  @Flag(help: "Replace an artifact that is there.")
  var replace = false

  @OptionGroup var training: TrainingOptions
  @OptionGroup var common: CommonOptions

  func run() async throws {
    try refuse(output: replace ? nil : out, among: [configuration, dataset])
    try Artifact.refuseRegistry(around: out)
    let pipeline = training.applied(
      to: try PipelineConfiguration(
        readingFile: configuration, environment: processEnvironment()))
    let folder = "\(out).checkpoints"
    let artifact = try await training.withLimits(checkpoints: folder) { limits in
      // Two trainings with one output would go on from each other's checkpoints.
      let area = try StagingArea(root: folder)
      defer { area.close() }
      let snapshot = try DatasetFile.read(dataset)
      let model = try await common.withProgress { progress in
        try await Training(
          configuration: pipeline, threads: common.threads, limits: limits, progress: progress
        )(snapshot, digest: snapshot.contentDigest)
      }
      let artifact = try ModelArtifact.make(
        model, snapshot, onnx: pipeline.registry.onnx)
      try artifact.write(to: out, replacing: replace)
      if !model.endedByTime { try limits.removeCheckpoints() }
      return artifact
    }
    common.print(
      "model     \(out)  (sha256:\(artifact.digest.prefix(12)))\n",
      json: ["path": .string(out), "digest": .string(artifact.digest)])
  }
}
