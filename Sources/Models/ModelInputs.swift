internal import Detection
internal import Features
internal import IsolationForest
internal import Scoring
public import Storage
public import Telemetry

/// What a model has to be fed with, as its manifest says: all that is needed to ask a Prometheus for it.
///
/// It can be read without the model's other files, so that whoever feeds a model can be set up, or see
/// that something is missing, before anything is loaded.
public struct ModelInputs: Hashable, Sendable {
  /// A metric of a service.
  public struct Metric: Hashable, Sendable {
    /// The column: a metric's name with the labels that tell it from its siblings within the service.
    ///
    /// `m:p50`, `m:p95`, `m:p99`, `m:rate` and `m:mean` are made of the histogram or summary `m`.
    public var name: String
    /// How samples become a value per cell; a counter's are increases per second.
    public var kind: MetricKind
    /// The base unit that the name states, of a counter before it is divided by seconds; nil where the
    /// name states none.
    public var unit: String?

    /// Describes a metric; its unit is that in its name.
    public init(name: String, kind: MetricKind) {
      (self.name, self.kind, unit) = (name, kind, Self.unit(in: name))
    }

    /// Base units of Prometheus and OpenMetrics, as names end in them.
    private static let units: Set<String> = [
      "seconds", "bytes", "bits", "ratio", "percent", "celsius", "meters", "grams", "joules",
      "watts",
      "volts", "amperes", "hertz", "cores",
    ]

    /// The unit that a metric's name states, by the convention of Prometheus: its last word but for
    /// what says how it is counted. Numbers and rates of observations have none.
    static func unit(in name: String) -> String? {
      let base = name.prefix { $0 != "{" && $0 != ":" }
      guard !name.dropFirst(base.count).hasPrefix(":rate") else { return nil }
      let words = base.split { $0 == "_" || $0 == "." }.map(String.init)
      let endings: Set<String> = ["total", "sum", "max", "min"]
      return words.last { !endings.contains($0) }.flatMap { units.contains($0) ? $0 : nil }
    }
  }

  /// Services that have the same metrics.
  public struct Group: Hashable, Sendable {
    /// The services, ascending.
    public var services: [String]
    /// Their metrics, in the order of the model.
    public var metrics: [Metric]
    /// Whether their log lines are read too.
    public var usesLogs: Bool

    /// Describes services.
    public init(services: [String], metrics: [Metric], usesLogs: Bool) {
      (self.services, self.metrics, self.usesLogs) = (services, metrics, usesLogs)
    }
  }

  /// What becomes of values that are missing.
  public struct MissingValues: Hashable, Sendable {
    /// The share of a window's cells that must have a value; else what is made of the window is missing.
    public var windowShare: Double
    /// By detector, what a missing feature counts as.
    ///
    /// `median`: the training median. `majority`: the side that most training rows took. `both`: both
    /// sides, weighed. `expected`: what the features present let expect. `left_out`: nothing.
    public var detectors: [String: String]

    /// Makes a policy.
    public init(windowShare: Double, detectors: [String: String]) {
      (self.windowShare, self.detectors) = (windowShare, detectors)
    }
  }

  /// The distance of cells.
  public var interval: TimeSpan
  /// The trailing windows, ascending.
  public var windows: [TimeSpan]
  /// The time before a cell that its features need, at most.
  public var lookBack: TimeSpan
  /// Labels that name the service of a series, the most telling first.
  public var serviceLabels: [String]
  /// The services, by what they have, in the order of their first ones.
  public var groups: [Group]
  /// What becomes of missing values.
  public var missing: MissingValues

  /// All services, ascending.
  public var services: [String] { groups.flatMap(\.services).sorted() }

  /// What a service has to have; nil for one that the model does not know.
  public func group(of service: String) -> Group? {
    groups.first { $0.services.contains(service) }
  }
}

extension ModelInputs {
  /// Describes what a model was fitted to be fed with.
  public init(of model: TrainedModel) {
    let (features, definition) = (model.scoring.features, model.scoring.features.definition)
    interval = definition.interval
    windows = definition.windows.map { definition.interval * $0 }
    lookBack = definition.interval * (definition.historyLength - 1)
    serviceLabels = model.serviceLabels
    var groups: [Group] = []
    var places: [Group: Int] = [:]
    for service in features.services {
      let metrics = zip(service.metricColumns, service.metricKinds).map(Metric.init)
      let key = Group(services: [], metrics: metrics, usesLogs: service.logs != nil)
      if let place = places[key] {
        groups[place].services.append(service.service)
      } else {
        places[key] = groups.count
        groups.append(
          Group(services: [service.service], metrics: metrics, usesLogs: key.usesLogs))
      }
    }
    self.groups = groups
    missing = MissingValues(
      windowShare: 0.5,
      detectors: Dictionary(
        model.scoring.detectors.map { ($0.name, Self.meaning(ofMissingIn: $0)) },
        uniquingKeysWith: { first, _ in first }))
  }

  private static func meaning(ofMissingIn detector: any DetectorModel) -> String {
    switch detector {
    case let forest as ForestModel:
      switch forest.held.values.first?.missing {
      case .majority: "majority"
      case .both: "both"
      case .reject, nil: "median"
      }
    case is ForecastModel, is AutoregressionModel: "median"
    case is ComponentsModel, is WindowedComponentsModel: "expected"
    default: "left_out"
    }
  }

  /// The inputs as a document; equal inputs give equal bytes.
  public func json() -> JSONValue {
    [
      "interval": .string(interval.description),
      "windows": .array(windows.map { .string($0.description) }),
      "look_back": .string(lookBack.description),
      "service_labels": .array(serviceLabels.map(JSONValue.string)),
      "groups": .array(groups.map { $0.json() }),
      "missing": [
        "window_share": .number(missing.windowShare),
        "detectors": .object(missing.detectors.mapValues(JSONValue.string)),
      ],
    ]
  }

  /// Reads a document.
  ///
  /// - Throws: `StorageError.unexpectedShape` with the place that is wrong.
  public init(json document: JSONDocument) throws {
    func span(_ place: JSONDocument) throws -> TimeSpan {
      guard let span = TimeSpan(try place.string) else {
        throw place.expected("a duration such as 5m")
      }
      return span
    }
    interval = try span(document["interval"])
    guard interval > .zero else { throw try document["interval"].expected("a positive duration") }
    windows = try document["windows"].elements.map(span)
    lookBack = try span(document["look_back"])
    serviceLabels = try document["service_labels"].elements.map { try $0.string }
    groups = try document["groups"].elements.map { try Group(json: $0) }
    let names = groups.flatMap(\.services)
    guard Set(names).count == names.count else {
      throw try document["groups"].expected("each service once")
    }
    missing = MissingValues(
      windowShare: try document["missing"]["window_share"].number,
      detectors: Dictionary(
        try document["missing"]["detectors"].members.map { ($0.key, try $0.value.string) },
        uniquingKeysWith: { first, _ in first }))
  }
}

extension ModelInputs.Group {
  fileprivate func json() -> JSONValue {
    [
      "services": .array(services.map(JSONValue.string)), "logs": .bool(usesLogs),
      "metrics": .array(
        metrics.map { metric in
          var members: [String: JSONValue] = [
            "name": .string(metric.name), "kind": .string(metric.kind.rawValue),
          ]
          if let unit = metric.unit { members["unit"] = .string(unit) }
          return .object(members)
        }),
    ]
  }

  fileprivate init(json document: JSONDocument) throws {
    services = try document["services"].elements.map { try $0.string }
    usesLogs = try document["logs"].bool
    metrics = try document["metrics"].elements.map { place in
      guard let kind = MetricKind(rawValue: try place["kind"].string) else {
        throw try place["kind"].expected("gauge, counter or state")
      }
      var metric = ModelInputs.Metric(name: try place["name"].string, kind: kind)
      metric.unit = try place.optional("unit")?.string
      return metric
    }
  }
}
