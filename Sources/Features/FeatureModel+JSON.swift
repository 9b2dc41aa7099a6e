internal import LinearAlgebra
internal import LogTemplates
public import Storage
internal import Telemetry

extension FeatureModel {
  /// The model as a JSON document, for the artifact.
  public func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "version": .integer(
        definition.takesDailyCourse
          ? FeatureDefinition.versionWithCourses : definition.version),
      "interval": .string(definition.interval.description),
      "windows": .array(definition.windows.map(JSONValue.integer)),
      "tracked_templates": .integer(definition.trackedTemplates),
      "uses_logs": .bool(definition.usesLogs),
      "minimum_coverage": .number(definition.minimumCoverage),
      "services": .array(services.map { $0.json() }),
    ]
    if definition.logMasks != LogMaskRules() { members["log_masks"] = definition.logMasks.json }
    if definition.isFirstDefault {
      members["statistics"] = .array(
        CatalogueFeature.defaultStatistics.map { .string($0.rawValue) })
    } else {
      members["features"] = .array(definition.selected.map { $0.json() })
    }
    return .object(members)
  }

  /// Reads a model from an artifact's document.
  ///
  /// - Throws: `StorageError.unexpectedShape` naming the member that is wrong,
  ///   `FeatureError.unsupportedVersion` or `FeatureError.unsupportedFeature`,
  ///   `LogTemplateError.invalidMask`.
  public init(json document: JSONDocument) throws {
    let version = try document["version"].integer
    guard
      version == FeatureDefinition.currentVersion
        || version == FeatureDefinition.versionWithCourses
    else {
      throw FeatureError.unsupportedVersion(
        found: version, supported: FeatureDefinition.versionWithCourses)
    }
    guard let interval = TimeSpan(try document["interval"].string), interval > .zero else {
      throw try document["interval"].expected("a positive duration such as 5m")
    }
    let windows = try document["windows"].elements.map { try $0.integer }
    guard !windows.isEmpty,
      windows.allSatisfy({ (2...SelectedFeature.longestWindow).contains($0) }),
      zip(windows, windows.dropFirst()).allSatisfy(<)
    else { throw try document["windows"].expected("ascending whole numbers from 2") }
    let listed = try document.optional("features")?.elements.map { try SelectedFeature(json: $0) }
    let selected = listed ?? FeatureSet.default.features(windows: windows)
    for feature in selected.map(\.feature) where listed == nil && feature.version != 1 {
      throw FeatureError.unsupportedFeature(
        name: feature.rawValue, found: 1, supported: feature.version)
    }
    definition = FeatureDefinition(
      interval: interval, windows: windows, selected: selected,
      trackedTemplates: try document["tracked_templates"].integer,
      usesLogs: try document["uses_logs"].bool,
      logMasks: try document.optional("log_masks").map { try LogMaskRules($0) } ?? LogMaskRules(),
      minimumCoverage: try document["minimum_coverage"].number,
      takesDailyCourse: version == FeatureDefinition.versionWithCourses)
    let definition = definition
    services = try document["services"].elements.map {
      try ServiceFeatureModel(json: $0, definition: definition)
    }
  }
}

extension ServiceFeatureModel {
  fileprivate func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "service": .string(service),
      "metrics": .array(metricColumns.map(JSONValue.string)),
      "kinds": .array(metricKinds.map { .string($0.rawValue) }),
      "logs": logs?.json() ?? .null,
      "channel_median": .array(channelScaling.map { .number($0.median) }),
      "channel_scale": .array(channelScaling.map { .number($0.scale) }),
      "feature_median": .array(featureScaling.map { .number($0.median) }),
      "feature_scale": .array(featureScaling.map { .number($0.scale) }),
    ]
    if !courses.isEmpty {
      members["courses"] = .array(
        courses.map { $0.map { .array($0.quarters.map(JSONValue.float)) } ?? .null })
    }
    if !seasons.isEmpty { members["seasons"] = .array(seasons.map { $0.json() }) }
    members["log_profile"] = logProfile?.json()
    return .object(members)
  }

  fileprivate init(json document: JSONDocument, definition: FeatureDefinition) throws {
    let columns = try document["metrics"].elements.map { try $0.string }
    let kinds = try document["kinds"].elements.map { kind in
      guard let kind = MetricKind(rawValue: try kind.string) else {
        throw kind.expected("gauge or counter")
      }
      return kind
    }
    guard kinds.count == columns.count else {
      throw try document["kinds"].expected("\(columns.count) kinds")
    }
    self.init(
      service: try document["service"].string, metricColumns: columns, metricKinds: kinds,
      logs: try document.optional("logs").map { try LogChannels(json: $0) },
      channelScaling: [], featureScaling: [])
    let channelCount = channels.count
    channelScaling = try Self.scaling(document, "channel", count: channelCount)
    if definition.takesDailyCourse, let places = try document.optional("courses")?.elements {
      courses = try places.map { try Self.course($0) }
      guard courses.count == channelCount else {
        throw try document["courses"].expected("\(channelCount) courses, null for none")
      }
    }
    if definition.selected.contains(where: { $0.feature.isSeasonal }) {
      seasons = try document["seasons"].elements.map { try SeasonalProfile(json: $0) }
      guard seasons.count == channelCount else {
        throw try document["seasons"].expected("\(channelCount) profiles")
      }
    }
    if let logs, definition.selected.contains(where: { $0.feature.needsLogProfile }) {
      logProfile = try LogProfile(
        json: document["log_profile"], templates: logs.dictionary.templates.count,
        needsTransitions: definition.needsTransitions)
    }
    featureScaling = try Self.scaling(document, "feature", count: featureCount(definition))
  }

  private static func course(_ document: JSONDocument) throws -> DailyCourse? {
    if case .null = document.value { return nil }
    let quarters = try document.elements.map { Float(try $0.number) }
    guard quarters.count == DailyCourse.count, quarters.allSatisfy(\.isFinite) else {
      throw document.expected("\(DailyCourse.count) finite numbers, or null")
    }
    return DailyCourse(quarters: quarters)
  }

  private static func scaling(
    _ document: JSONDocument, _ prefix: String, count: Int
  ) throws -> [RobustSummary] {
    let medians = try document["\(prefix)_median"].elements.map { try $0.number }
    let scales = try document["\(prefix)_scale"].elements.map { try $0.number }
    guard medians.count == count, scales.count == count, medians.allSatisfy(\.isFinite),
      scales.allSatisfy({ $0 > 0 && $0.isFinite })
    else {
      throw try document["\(prefix)_scale"].expected(
        "\(count) finite medians and positive scales")
    }
    return zip(medians, scales).map { RobustSummary(median: $0, scale: $1) }
  }
}

extension LogChannels {
  fileprivate func json() -> JSONValue {
    ["templates": dictionary.json, "tracked": .array(tracked.map(JSONValue.integer))]
  }

  fileprivate init(json document: JSONDocument) throws {
    let dictionary = try TemplateDictionary(document["templates"])
    let tracked = try document["tracked"].elements.map { try $0.integer }
    guard tracked.allSatisfy(dictionary.templates.indices.contains),
      Set(tracked).count == tracked.count
    else { throw try document["tracked"].expected("distinct template numbers") }
    self.init(dictionary: dictionary, tracked: tracked)
  }
}
