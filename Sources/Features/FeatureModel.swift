internal import LinearAlgebra
internal import LogTemplates
internal import Telemetry

/// Features of all services of a system: the definition and what was fitted.
public struct FeatureModel: Hashable, Sendable {
  /// What is computed.
  public var definition: FeatureDefinition
  /// Per service, ascending by name.
  public var services: [ServiceFeatureModel]

  /// Makes a model from its parts.
  public init(definition: FeatureDefinition, services: [ServiceFeatureModel]) {
    (self.definition, self.services) = (definition, services)
  }

  /// The model of one service, if it was seen in training.
  public func service(named name: String) -> ServiceFeatureModel? {
    var (low, high) = (0, services.count)
    while low < high {
      let middle = (low + high) / 2
      if services[middle].service < name { low = middle + 1 } else { high = middle }
    }
    if low < services.count, services[low].service == name { return services[low] }
    // Of an artifact whose services are in another order.
    return services.first { $0.service == name }
  }

  /// Names of a service's features in order, [features].
  public func featureNames(of service: ServiceFeatureModel) -> [String] {
    service.channels.flatMap { definition.featureNames(ofChannel: $0) }
      + ServiceFeatures(definition, columns: service.metricColumns).names
      + LogFeatures(definition, logs: service.logs, profile: nil).names
  }
}

/// A channel that could not be made, and why.
public struct DroppedChannel: Hashable, Sendable {
  /// The service.
  public var service: String
  /// The metric, or `logs`.
  public var channel: String
  /// The share of the fit window's cells with a value.
  public var coverage: Double

  /// Makes a record.
  public init(service: String, channel: String, coverage: Double) {
    (self.service, self.channel, self.coverage) = (service, channel, coverage)
  }
}
