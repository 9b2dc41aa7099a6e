public import Telemetry

/// Public datasets that have an importer, by the name of their folder.
public enum PublishedDataset: String, Sendable, CaseIterable {
  /// Application Server Dataset: 12 servers with 19 metrics each.
  case asd
  /// Microsoft's service and client telemetry: one metric a series, labelled by domain experts.
  case cloudMonitoring = "cloud-monitoring"
  /// Metrics of online services in their own units: 12 services with 19 metrics each.
  case jumpstarter
  /// Event sequences of sessions, without times.
  case logSequences = "log-sequences"
  /// Samples of 2,000 raw log lines from eight systems.
  case loghub
  /// Mars Science Laboratory: 27 telemetry channels with their command flags.
  case msl
  /// Numenta Anomaly Benchmark: 58 series of one metric.
  case nab
  /// A day of the TrainTicket microservices: metrics, logs and injected faults.
  case nezhaTrainTicket = "nezha-trainticket"
  /// What a client library downloaded from a production Prometheus.
  case prometheusExport = "prometheus-export"
  /// Server Machine Dataset: 10 machines with 38 metrics each.
  case smd
}

/// One part of a published dataset: a machine, a service, a channel, a series or a system.
public struct PublishedSource: Hashable, Sendable {
  /// The dataset.
  public var dataset: PublishedDataset
  /// The dataset's folder.
  public var path: String
  /// The part, as `PublishedDataset.parts(in:)` names it.
  public var part: String
  /// What is between two rows of a dataset without times.
  public var interval: TimeSpan

  /// Makes a source; the interval is the catalogue's.
  public init(dataset: PublishedDataset, path: String, part: String) {
    (self.dataset, self.path, self.part) = (dataset, path, part)
    interval = dataset.interval(of: part)
  }
}

extension PublishedDataset {
  /// How to read one part: on the catalogue's grid.
  ///
  /// - Parameter path: The dataset's folder.
  public func configuration(part: String, in path: String) -> IngestConfiguration {
    let source: SourceConfiguration =
      switch self {
      case .smd: .smd(path: path, machine: part)
      case .nezhaTrainTicket: .trainTicket(path: path)
      case .prometheusExport: .prometheus(path: (try? file(part, in: path)) ?? "\(path)/\(part)")
      default: .published(PublishedSource(dataset: self, path: path, part: part))
      }
    return IngestConfiguration(interval: interval(of: part), sources: [source])
  }

  /// The time between the cells of a part's grid.
  ///
  /// What the publisher states where there is a statement; otherwise the commonest step of the
  /// times. Datasets without times have an axis made for them.
  public func interval(of part: String) -> TimeSpan {
    switch self {
    case .asd, .jumpstarter: .minutes(5)
    case .smd, .msl, .logSequences, .nezhaTrainTicket, .prometheusExport: .minutes(1)
    case .cloudMonitoring:
      ["data-ingress-rate", "service-unavailable"].contains { part.hasPrefix($0 + "/") }
        ? .minutes(1) : .hours(1)
    case .loghub: ["Hadoop", "OpenStack", "Spark"].contains(part) ? .minutes(1) : .hours(1)
    case .nab: nabInterval(of: part)
    }
  }
}

private func nabInterval(of part: String) -> TimeSpan {
  let name = part.split(separator: "/").last ?? ""
  if part.hasPrefix("realAdExchange/") || name.hasPrefix("ambient_temperature") {
    return .hours(1)
  }
  if name == "nyc_taxi" { return .minutes(30) }
  return name.hasPrefix("TravelTime_") ? .minutes(10) : .minutes(5)
}
