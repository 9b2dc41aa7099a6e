public import Features
internal import Models
internal import Scoring
public import Telemetry

/// What inputs and outputs need to know of the model in use.
public struct ModelInUse: Sendable {
  /// Its name.
  public let name: String
  /// Its version's number; 0 outside of a registry.
  public let version: Int
  /// SHA-256 of its manifest, in hexadecimal.
  public let digest: String
  /// Its services with their columns, and how features are made of them.
  public let features: FeatureModel
  /// Labels that named services in its training data, the most telling first.
  public let serviceLabels: [String]
  /// How named metrics behaved in it.
  public let metricKinds: [String: MetricKind]

  init(_ served: ServedModel) {
    (name, version, digest) = (served.name, served.version ?? 0, served.digest)
    features = served.scoring.features
    serviceLabels = served.model.serviceLabels
    metricKinds = served.model.metricKinds
  }
}

extension Scorer {
  /// The model in use; nil while there is none.
  public var modelInUse: ModelInUse? { gate.current.map { ModelInUse($0.model) } }

  /// The digest of the model in use, for those who wait for another.
  public var modelDigest: String? { gate.current?.model.digest }
}

extension ScorerMetrics {
  /// Counts state that could not be written or read.
  public func countStateError() { stateErrors.add() }
}
