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
      properties: properties(of: model), inputs: ModelInputs(of: model).json(),
      expires: model.expires)
  }

  /// The compiler and the kind of machine that made this program: equal bytes are promised on equal ones.
  static let toolchain: String = {
    #if compiler(>=6.4)
      let compiler = "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      let compiler = "Swift 6.3"
    #else
      let compiler = "Swift 6.2"
    #endif
    #if arch(x86_64)
      let processor = "x86_64"
    #elseif arch(arm64)
      let processor = "arm64"
    #else
      let processor = "another processor"
    #endif
    #if os(Linux)
      return "\(compiler), Linux, \(processor)"
    #elseif os(macOS)
      return "\(compiler), macOS, \(processor)"
    #else
      return "\(compiler), \(processor)"
    #endif
  }()

  private static func properties(of model: TrainedModel) -> JSONValue {
    func ranges(_ ranges: [TimeRange]) -> JSONValue {
      .array(
        ranges.map {
          ["from": .string($0.start.description), "to": .string($0.end.description)]
        })
    }
    return [
      "program_version": .string(programVersion), "toolchain": .string(toolchain),
      "configuration": model.configurationDigest.map(JSONValue.string) ?? .null,
      "dataset": .string(model.datasetDigest), "seed": .string(String(model.seed)),
      "detectors": .array(model.scoring.detectors.map { .string($0.name) }),
      "services": .array(model.scoring.services.map(JSONValue.string)),
      "interval": .string(model.scoring.features.definition.interval.description),
      "trained_until": .string(model.split.train.map(\.end).max()?.description ?? ""),
      "training": ranges(model.split.train), "calibration": ranges(model.split.calibration),
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
    try artifact.adding([
      ArtifactFile(path: metricsFile, bytes: Array(evaluation.text(indented: true).utf8))
    ])
  }
}
