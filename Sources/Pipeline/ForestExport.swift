internal import IsolationForest
internal import Scoring
internal import Storage

/// A forest in ONNX.
public struct ExportedForest: Sendable {
  /// The service.
  public var service: String
  /// The file's name: the service's with what a file cannot be called replaced.
  public var name: String
  /// The file.
  public var bytes: [UInt8]
}

extension TrainedModel {
  /// The model's isolation forests as ONNX files. They take scaled features in the order of their
  /// metadata `columns` and give raw scores.
  ///
  /// - Parameter service: The only service to export; nil for all.
  /// - Throws: `PipelineError.noForest`, or `IsolationForestError.notExportable`.
  public func forestsInONNX(of service: String?) throws -> [ExportedForest] {
    var names: Set<String> = []
    return try forests(of: service).map { service, forest, columns in
      ExportedForest(
        service: service, name: fileName(service, among: &names) + ".onnx",
        bytes: try forest.onnx(
          names: columns, producer: ("autopilot", ModelArtifact.programVersion)))
    }
  }
}
