internal import ArgumentParser
internal import Evaluation
internal import Pipeline
internal import Registry
internal import Storage

struct PublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Add a trained model to a registry as its next version.",
    discussion: """
      The version appears complete or not at all. Publishing an artifact that is already there \
      only moves the alias.
      """)

  @Option(help: "An artifact's folder, or <registry>/<name>@<alias or version>.")
  var model: String

  @Option(help: "An evaluation.json to publish with it.")
  var evaluation: String?

  @Option(help: "The registry's folder.")
  var registry = "out/registry"

  @Option(help: "The name in the registry; by default the artifact's own.")
  var name: String?

  @Option(help: "An alias to point at the version; may be repeated.")
  var alias: [String] = ["champion"]

  @OptionGroup var common: CommonOptions

  /// Largest evaluation file read, in bytes.
  private static let evaluationLimit = 256 << 20

  func run() throws {
    let loaded = try ModelArtifact.load(model)
    var artifact = loaded.artifact
    if let evaluation {
      let document = try JSONValue(
        parsing: FileSystem.readFile(at: evaluation, limit: Self.evaluationLimit),
        source: evaluation)
      let result = try EvaluationResult(json: document, source: evaluation)
      guard result.calibrationDigest == loaded.model.calibrationDigest else {
        throw PipelineError.foreignEvaluation(
          path: evaluation, expected: loaded.model.calibrationDigest,
          found: result.calibrationDigest)
      }
      artifact = try ModelArtifact.adding(document, to: artifact)
    }
    let version = try DirectoryRegistry(root: registry).publish(
      artifact, as: name, aliases: alias)
    let state = version.isNew ? "published" : "already published"
    common.print(
      "model     \(registry)/\(version.name)@\(version.version)  (\(state), "
        + "sha256:\(version.digest.prefix(12)))\n",
      json: [
        "reference": .string("\(registry)/\(version.name)@\(version.version)"),
        "version": .integer(version.version), "digest": .string(version.digest),
        "is_new": .bool(version.isNew), "aliases": .array(alias.map(JSONValue.string)),
      ])
  }
}
