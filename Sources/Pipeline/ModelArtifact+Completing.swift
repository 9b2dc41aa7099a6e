internal import Detection
public import Evaluation
internal import IsolationForest
public import Registry
internal import Scoring
public import Storage
public import Telemetry

extension ModelArtifact {
  /// With more services than this, ONNX files are made on request only: they are several times as
  /// large as the weights.
  static let mostServicesInONNX = 16

  /// Makes the artifact of a model: equal models and results give equal bytes.
  ///
  /// - Parameter evaluation: The result to publish with it, if it was evaluated.
  public static func make(_ model: TrainedModel, evaluation: EvaluationResult?) throws -> Artifact {
    let bare = try make(model)
    return try evaluation.map { try adding($0.json(), to: bare) } ?? bare
  }

  /// The artifact of a trained model: with a sample to check it by, and its networks and forests in
  /// ONNX. Equal inputs give equal bytes.
  ///
  /// - Parameters:
  ///   - dataset: The data that it was calibrated on.
  ///   - onnx: Whether to add ONNX files; nil adds them for few services.
  public static func make(
    _ model: TrainedModel, _ dataset: Dataset, onnx: Bool? = nil
  ) throws -> Artifact {
    var files: [ArtifactFile] = []
    if let sample = GoldenSample.make(model, dataset) {
      files.append(ArtifactFile(path: GoldenSample.file, bytes: sample))
    }
    if onnx ?? (model.scoring.services.count <= mostServicesInONNX) {
      files += try onnxFiles(model)
    }
    let bare = try make(model)
    return try Artifact(
      name: model.name, files: bare.files + files, properties: bare.manifest.properties)
  }

  /// The artifact of a judged model: that of the trained one with its metrics and its card.
  public static func make(
    _ model: TrainedModel, _ judgement: Judgement, _ dataset: Dataset, onnx: Bool? = nil
  ) throws -> Artifact {
    try adding(judgement.json(), of: model, to: make(model, dataset, onnx: onnx))
  }

  /// An artifact with the result of its model's evaluation, and the card that is made of it.
  ///
  /// - Parameter document: As `Judgement.json` makes it.
  /// - Throws: `StorageError` for another document.
  public static func adding(
    _ document: JSONValue, of model: TrainedModel, to artifact: Artifact
  ) throws -> Artifact {
    let result = try EvaluationResult(json: document, source: metricsFile)
    guard !result.rows.isEmpty else {
      throw StorageError.unexpectedShape(
        source: metricsFile, path: "detectors", expected: "at least one detector")
    }
    let caveats =
      try JSONDocument(document, source: metricsFile).optional("caveats")?.elements
      .map { try $0.string } ?? []
    let card = ModelCard.render(model, result, caveats: caveats)
    let judged = try adding(document, to: artifact)
    return try Artifact(
      name: judged.manifest.name,
      files: judged.files.filter { $0.path != ModelCard.file } + [
        ArtifactFile(path: ModelCard.file, bytes: Array(card.utf8))
      ], properties: judged.manifest.properties)
  }

  private static func onnxFiles(_ model: TrainedModel) throws -> [ArtifactFile] {
    var files: [ArtifactFile] = []
    if model.scoring.detectors.contains(where: { $0 is ForestModel }) {
      do {
        files += try model.forestsInONNX(of: nil).map {
          ArtifactFile(path: "onnx/\($0.name)", bytes: $0.bytes)
        }
      } catch IsolationForestError.notExportable {
        // Hyperplanes and divided rows have no form in ONNX; the weights are whole without it.
      }
    }
    if model.scoring.detectors.contains(where: { ($0 as? ForecastModel)?.groups.isEmpty == false })
    {
      files += try model.forecasters(of: nil, as: .onnx).map {
        ArtifactFile(path: "onnx/\($0.name)", bytes: $0.bytes)
      }
    }
    return files
  }
}
