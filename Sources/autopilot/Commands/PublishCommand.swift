internal import ArgumentParser
internal import Evaluation
internal import Pipeline
internal import Registry
internal import Signing
internal import Storage

struct PublishCommand: AsyncParsableCommand {
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

  @Option(help: "The registry: a folder, s3://bucket/prefix or oci://host/repository.")
  var registry = "out/registry"

  @Option(help: "The name in the registry; by default the artifact's own.")
  var name: String?

  @Option(help: "An alias to point at the version; may be repeated.")
  var alias: [String] = ["champion"]

  @Option(help: ArgumentHelp("Sign the version with this private key.", valueName: "file"))
  var signKey: String?

  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  /// Largest evaluation file read, in bytes.
  private static let evaluationLimit = 256 << 20

  func run() async throws {
    // The policy is for what is published: what train wrote is not signed yet.
    let publication = try Publication(signKey: signKey, trust: trust.policy())
    let reference = try ModelReference(parsing: model)
    let found = try await reference.load(from: modelStores())
    let loaded = try ModelArtifact.read(found, source: model)
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
      artifact = try ModelArtifact.adding(document, of: loaded.model, to: artifact)
    }
    let version = try await modelStores().open(registry).publish(
      artifact, as: name, aliases: alias,
      signatures: try publication.signatures(
        of: artifact, as: name,
        adding: artifact == found.artifact ? found.signatures : []))
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
