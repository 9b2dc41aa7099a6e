internal import Features
internal import Models
internal import Registry
internal import Scoring
internal import Storage
internal import Telemetry

/// A model that was verified, read and tried, ready to score.
final class ServedModel: Sendable {
  /// The model's name in its registry, or its own.
  let name: String
  /// The version's number; nil outside of a registry.
  let version: Int?
  /// SHA-256 of the manifest, in hexadecimal.
  let digest: String
  /// What scores.
  let scoring: ScoringModel
  /// How the model came to be; names of labels and such.
  let model: TrainedModel
  /// The end of the data it was made of.
  let dataEnd: Timestamp?
  /// Digest of what carried state depends on: scaling, detectors and weights, not calibration.
  let stateDigest: String
  /// Cells of history that windows reach back over.
  let historyLength: Int
  /// Distance of cells.
  let interval: TimeSpan
  /// Services of the model by place.
  let services: [ServiceFeatureModel]
  /// Places of services by name.
  let names: NameTable
  /// Places of each service's metric columns by name.
  let columns: [NameTable]
  /// The version as clients see it.
  let versionText: String

  init(_ loaded: LoadedModel, source: String) throws {
    let (model, artifact) = try ModelArtifact.read(loaded, source: source)
    self.model = model
    scoring = model.scoring
    name = loaded.registered?.name ?? model.name
    version = loaded.registered?.version
    digest = artifact.digest
    versionText = version.map(String.init) ?? String(digest.prefix(12))
    let split = model.split
    dataEnd = (split.train + split.calibration + split.test).map(\.end).max()
    let stateful = [
      ScoringModel.featuresFile, ScoringModel.detectorsFile, ScoringModel.weightsFile,
    ]
    stateDigest = SHA256Digest.hexadecimal(
      of:
        Array(
          artifact.files.filter { stateful.contains($0.path) }.sorted { $0.path < $1.path }
            .map { "\($0.path) \(SHA256Digest.hexadecimal(of: $0.bytes))" }.joined(separator: "\n")
            .utf8))
    historyLength = scoring.features.definition.historyLength
    interval = scoring.features.definition.interval
    services = scoring.features.services
    names = NameTable(services.map(\.service))
    columns = services.map { NameTable($0.metricColumns) }
  }

  /// Rows of each service that are kept, to start anew from when a model changes.
  var keptRows: Int { max(historyLength, 64) }
}
