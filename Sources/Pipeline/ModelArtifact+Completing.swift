internal import Detection
internal import IsolationForest
public import Registry
internal import Scoring
internal import Storage
public import Telemetry

extension ModelArtifact {
  /// With more services than this, ONNX files are made on request only: they are several times as
  /// large as the weights.
  static let mostServicesInONNX = 16

  /// The artifact of a judged model: with its metrics, its card, a sample to check it by, and its
  /// networks and forests in ONNX. Equal inputs give equal bytes.
  ///
  /// - Parameters:
  ///   - dataset: The data that it was calibrated on.
  ///   - onnx: Whether to add ONNX files; nil adds them for few services.
  public static func make(
    _ model: TrainedModel, _ judgement: Judgement, _ dataset: Dataset, onnx: Bool? = nil
  ) throws -> Artifact {
    var files: [ArtifactFile] = [
      ArtifactFile(
        path: metricsFile, bytes: Array(judgement.json().text(indented: true).utf8)),
      ArtifactFile(path: ModelCard.file, bytes: Array(ModelCard.render(model, judgement).utf8)),
    ]
    if let sample = GoldenSample.make(model, dataset) {
      files.append(ArtifactFile(path: GoldenSample.file, bytes: sample))
    }
    if onnx ?? (model.scoring.services.count <= mostServicesInONNX) {
      files += try onnxFiles(model)
    }
    let bare = try make(model, evaluation: nil)
    return try Artifact(
      name: model.name, files: bare.files + files, properties: bare.manifest.properties)
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
