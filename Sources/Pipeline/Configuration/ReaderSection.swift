public import Ingest
internal import LogTemplates
internal import Storage
public import Telemetry

extension PipelineConfiguration {
  /// Reads the `reader` section.
  static func reader(
    _ node: ConfigurationNode, folder: String
  ) throws -> IngestConfiguration {
    try node.check(keys: [
      "interval", "service_labels", "kinds", "log_masks", "start", "end", "earliest", "latest",
      "memory", "defect_budget", "sources", "incidents",
    ])
    let list = try node.required("sources")
    let sources = try list.elements.map { try source($0, folder: folder) }
    guard !sources.isEmpty else { throw list.expected("at least one source") }
    var configuration = IngestConfiguration(
      interval: try node.optional("interval")?.duration(atLeast: .seconds(1)) ?? .minutes(1),
      sources: sources)
    if let incidents = try node.optional("incidents") {
      configuration.incidents = try incidents.elements.map { element in
        try element.check(keys: ["path", "role"])
        return try incidentsSource(
          resolve(try element.required("path").string, in: folder),
          role: try element.optional("role")?.word() ?? .incident)
      }
    }
    if let labels = try node.optional("service_labels") {
      configuration.serviceLabels = try labels.elements.map { try $0.string }
      guard !configuration.serviceLabels.isEmpty else {
        throw labels.expected("at least one label")
      }
    }
    if let kinds = try node.optional("kinds") {
      for (metric, word) in try kinds.fields {
        guard let kind = MetricKind(rawValue: word) else {
          throw kinds.expected("gauge or counter for '\(metric)'")
        }
        configuration.kinds[metric] = kind
      }
    }
    configuration.logMasks = try node.optional("log_masks")?.logMasks ?? configuration.logMasks
    configuration.start = try node.optional("start")?.timestamp
    configuration.end = try node.optional("end")?.timestamp
    if let start = configuration.start, let end = configuration.end, start >= end {
      throw try node.required("end").expected("an instant after reader.start")
    }
    let limits = configuration.limits
    configuration.limits.earliest = try node.optional("earliest")?.timestamp ?? limits.earliest
    configuration.limits.latest = try node.optional("latest")?.timestamp ?? limits.latest
    if configuration.limits.earliest >= configuration.limits.latest {
      throw try (node.optional("latest") ?? node.required("earliest"))
        .expected("reader.earliest before reader.latest")
    }
    configuration.limits.memoryBytes =
      try node.optional("memory")?.bytes(1 << 20...1 << 40) ?? limits.memoryBytes
    configuration.defectBudget = try node.optional("defect_budget")?.defectBudget ?? .standard
    return configuration
  }

  private enum SourceType: String, CaseIterable {
    case prometheus, openmetrics, loki, csv, trainticket, smd, published, syslog, pattern
    case containerLogs = "container_logs"
    case grafanaCSV = "grafana_csv"
  }

  private static func source(
    _ node: ConfigurationNode, folder: String
  ) throws -> SourceConfiguration {
    let type: SourceType = try node.required("type").word()
    let path = resolve(try node.required("path").string, in: folder)
    switch type {
    case .prometheus:
      try node.check(keys: ["type", "path"])
      return .prometheus(path: path)
    case .openmetrics:
      try node.check(keys: ["type", "path", "time"])
      return .openMetrics(path: path, time: try node.optional("time")?.timestamp)
    case .loki:
      try node.check(keys: ["type", "path"])
      return .loki(path: path)
    case .containerLogs: return .containerLogs(try node.containerLogs(at: path))
    case .syslog: return .syslog(try node.syslog(at: path))
    case .pattern: return .pattern(try node.pattern(at: path))
    case .trainticket:
      try node.check(keys: ["type", "path"])
      return .trainTicket(path: path)
    case .smd:
      try node.check(keys: ["type", "path", "machine"])
      return .smd(path: path, machine: try node.required("machine").string)
    case .published:
      try node.check(keys: ["type", "path", "dataset", "part"])
      return .published(
        PublishedSource(
          dataset: try node.required("dataset").word(), path: path,
          part: try node.required("part").string))
    case .csv:
      try node.check(keys: csvKeys + ["layout"])
      var source = CSVSource(
        path: path, layout: try node.optional("layout")?.word() ?? .auto)
      try node.fill(&source)
      return .csv(source)
    case .grafanaCSV:
      try node.check(keys: csvKeys)
      var source = CSVSource.grafana(path: path)
      try node.fill(&source)
      return .csv(source)
    }
  }
}

extension ConfigurationNode {
  /// A list of masks, each a mapping of `name` and `expression`.
  fileprivate var logMasks: LogMaskRules {
    get throws {
      let named = try elements.map { element in
        try element.check(keys: ["name", "expression"])
        let name = try element.required("name").string
        // One by one first, for an error with the rule's own line.
        let expression = try element.required("expression").checked {
          _ = try LogMaskRules(named: [.init(name: name, expression: $0)])
        }
        return LogMaskRules.Named(name: name, expression: expression)
      }
      do {
        return try LogMaskRules(named: named)
      } catch {
        throw expected("other masks: \(error)")
      }
    }
  }
}

extension ConfigurationNode {
  /// An allowance for all reasons, or a mapping of reasons and `total` to allowances.
  fileprivate var defectBudget: DefectBudget {
    get throws {
      var budget = DefectBudget.standard
      let wanted = "a share such as 1%, a number of items, or none"
      guard isMapping else {
        guard budget.add(try string) else { throw expected(wanted) }
        return budget
      }
      for (reason, allowance) in try fields {
        guard budget.add(reason == "total" ? allowance : "\(reason)=\(allowance)") else {
          throw try required(reason).expected(wanted)
        }
      }
      return budget
    }
  }
}

/// The incidents of a file: CSV, or YAML by its name's ending.
func incidentsSource(_ path: String, role: Incident.Role) throws -> IncidentsSource {
  guard [".yaml", ".yml", ".yaml.gz", ".yml.gz"].contains(where: path.hasSuffix) else {
    return IncidentsSource(path: path, role: role)
  }
  let bytes = try FileSystem.readPossiblyCompressed(
    at: path, limit: ConfigurationNode.sizeLimit
  ).bytes
  let root = try ConfigurationNode(
    parsing: String(decoding: bytes, as: UTF8.self), file: path, environment: [:])
  return IncidentsSource(
    path: path, role: role,
    records: try root.elements.map { element in
      try element.check(keys: [
        "id", "service", "kind", "type", "start", "detected", "resolved", "end", "severity", "note",
      ])
      return IncidentRecord(fields: try element.fields, place: element.place)
    })
}

/// What to read when exports are named on a command line; a CSV is long when its header says so.
///
/// - Parameter model: The model that is to score the exports, so that they are read as its training
///   data was.
/// - Throws: `ConfigurationError` or `StorageError` for incidents in YAML.
public func exportsReader(
  interval: TimeSpan, prometheus: [String], openMetrics: [String] = [], loki: [String],
  csv: [String], others: [SourceConfiguration] = [], incidents: [String], model: TrainedModel?
) throws -> IngestConfiguration {
  var configuration = IngestConfiguration(
    interval: interval,
    sources: prometheus.map { .prometheus(path: $0) } + openMetrics.map { .openMetrics(path: $0) }
      + loki.map { .loki(path: $0) } + csv.map { .csv(CSVSource(path: $0)) } + others,
    incidents: try incidents.map { try incidentsSource($0, role: .incident) })
  configuration.defectBudget = .standard
  if let model {
    configuration.serviceLabels = model.serviceLabels
    configuration.kinds = model.metricKinds
    configuration.logMasks = model.logMasks
  }
  return configuration
}
