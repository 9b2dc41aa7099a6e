internal import Detection
internal import Diagnostics
internal import Features
public import Registry
internal import Scoring
public import Signing
public import Storage
internal import Telemetry

/// Models as artifacts, and artifacts as models.
public enum ModelArtifact {
  /// The version of this program, recorded in every artifact.
  public static let programVersion = Program.version
  /// Name of the file with the evaluation's result.
  public static let metricsFile = "metrics.json"

  /// Makes the artifact of a model that was not evaluated: equal models give equal bytes.
  public static func make(_ model: TrainedModel) throws -> Artifact {
    try Artifact(
      name: model.name, files: model.files().map { ArtifactFile(path: $0.key, bytes: $0.value) },
      properties: properties(of: model))
  }

  private static func properties(of model: TrainedModel) -> JSONValue {
    [
      "program_version": .string(programVersion),
      "dataset": .string(model.datasetDigest),
      "seed": .string(String(model.seed)),
      "detectors": .array(model.scoring.detectors.map { .string($0.name) }),
      "services": .array(model.scoring.services.map(JSONValue.string)),
      "interval": .string(model.scoring.features.definition.interval.description),
      "trained_until": .string(model.split.train.map(\.end).max()?.description ?? ""),
    ]
  }

  /// Finds, verifies and reads a model.
  ///
  /// - Parameters:
  ///   - reference: `<registry>/<name>@<alias or version>`, or an artifact's folder.
  ///   - stores: Opens registries.
  ///   - trust: Whose signatures it needs, which are verified before anything is parsed.
  /// - Throws: `SigningError` when it is not trusted, `RegistryError` when there is none or its
  ///   bytes are not what its manifest says, otherwise an error that names the file that cannot be
  ///   used.
  public static func load(
    _ reference: String, from stores: StoreCatalogue = .folders, trust: TrustPolicy? = nil
  ) async throws -> (model: TrainedModel, artifact: Artifact) {
    try read(
      await ModelReference(parsing: reference).load(from: stores, trust: trust), source: reference)
  }

  /// Reads a model that was verified.
  ///
  /// - Parameter reference: What to call it in errors when it is in no registry.
  public static func read(
    _ loaded: LoadedModel, source reference: String
  ) throws -> (model: TrainedModel, artifact: Artifact) {
    let files = Dictionary(
      loaded.artifact.files.map { ($0.path, $0.bytes) }, uniquingKeysWith: { first, _ in first })
    return (
      try TrainedModel(files: files, source: loaded.registered?.directory ?? reference),
      loaded.artifact
    )
  }

  /// The artifact with an evaluation's result added.
  public static func adding(_ evaluation: JSONValue, to artifact: Artifact) throws -> Artifact {
    let files =
      artifact.files.filter { $0.path != metricsFile } + [
        ArtifactFile(path: metricsFile, bytes: Array(evaluation.text(indented: true).utf8))
      ]
    return try Artifact(
      name: artifact.manifest.name, files: files, properties: artifact.manifest.properties)
  }
}
