internal import Detection
public import Ingest
internal import IsolationForest
internal import Registry
internal import Scoring
internal import Signing
internal import Storage
internal import Telemetry

extension PipelineConfiguration {
  /// Reads a configuration file. Paths in it are relative to its folder.
  ///
  /// - Parameter environment: What `${NAME}` in values stands for.
  /// - Throws: `ConfigurationError` naming the line, or `StorageError` when there is no such file.
  public init(readingFile path: String, environment: [String: String]) throws {
    let bytes = try FileSystem.readFile(at: path, limit: ConfigurationNode.sizeLimit)
    let root = folder(of: path)
    let node = try ConfigurationNode(
      parsing: String(decoding: bytes, as: UTF8.self), file: path, environment: environment)
    try self.init(node, folder: root)
  }

  /// Everything at its default.
  ///
  /// - Parameter reader: What is read; its interval decides how long windows are.
  public init(name: String, reader: IngestConfiguration) {
    (self.name, self.reader, seed) = (name, reader, 0)
    (features, models) = (FeaturesSection(), ModelsSection())
    (evaluation, registry) = (EvaluationSection(), RegistrySection())
    features.windows = Self.defaultWindows(reader.interval)
  }

  /// Reads a file that says what to train but not on what: `features`, `models` and `seed`.
  ///
  /// - Parameters:
  ///   - reader: What is read.
  ///   - environment: What `${NAME}` in values stands for.
  /// - Throws: `ConfigurationError` naming the line, or `StorageError` when there is no such file.
  public init(
    readingModelsFile path: String, reader: IngestConfiguration, environment: [String: String]
  ) throws {
    let bytes = try FileSystem.readFile(at: path, limit: ConfigurationNode.sizeLimit)
    let node = try ConfigurationNode(
      parsing: String(decoding: bytes, as: UTF8.self), file: path, environment: environment)
    try node.check(keys: ["seed", "features", "models"])
    self.init(name: "models", reader: reader)
    try readModels(node)
  }

  private static func defaultWindows(_ interval: TimeSpan) -> [TimeSpan] {
    [interval * 6, interval * 36]
  }

  private mutating func readModels(_ node: ConfigurationNode) throws {
    seed = UInt64(try node.optional("seed")?.integer(0...Int.max) ?? 0)
    if let section = try node.optional("features") {
      features = try FeaturesSection(section, interval: reader.interval)
    }
    if features.windows.isEmpty { features.windows = Self.defaultWindows(reader.interval) }
    models = try node.optional("models").map { try ModelsSection($0) } ?? ModelsSection()
  }

  /// Reads a parsed document; relative paths in it start at `folder`.
  public init(_ node: ConfigurationNode, folder: String) throws {
    try node.check(keys: [
      "name", "seed", "reader", "features", "models", "evaluation", "registry",
    ])
    self.init(
      name: try node.required("name").checked { try checkModelName($0) },
      reader: try Self.reader(node.required("reader"), folder: folder))
    try readModels(node)
    evaluation =
      try node.optional("evaluation").map { try EvaluationSection($0) } ?? EvaluationSection()
    if let section = try node.optional("registry") {
      try section.check(keys: ["path", "alias", "onnx", "sign_key", "trust"])
      registry.path = try section.optional("path").map { resolve(try $0.string, in: folder) }
      registry.signKey = try section.optional("sign_key").map {
        resolve(try $0.string, in: folder)
      }
      registry.trust = try section.optional("trust").map { try TrustPolicy($0, folder: folder) }
      registry.alias =
        try section.optional("alias")?.checked { try checkAlias($0) } ?? registry.alias
      registry.onnx = try section.optional("onnx")?.bool
    }
  }
}

extension PipelineConfiguration.ModelsSection {
  init(_ node: ConfigurationNode) throws {
    try node.check(keys: [
      "isolation_forest", "lstm", "robust_deviation", "pca", "pca_windowed", "autoregression",
      "false_alarm_rate", "threshold", "incident_margin",
    ])
    if let section = try node.optional("isolation_forest") {
      let configuration = try IsolationForestConfiguration(section)
      forest = try section.optional("enabled")?.bool == false ? nil : configuration
    }
    if let section = try node.optional("lstm") {
      let configuration = try PipelineConfiguration.ForecastSection(section)
      forecast = try section.optional("enabled")?.bool == false ? nil : configuration
    }
    if let section = try node.optional("robust_deviation") {
      try section.check(keys: ["enabled"])
      usesDeviation = try section.optional("enabled")?.bool ?? true
    }
    try readBaselines(node)
    falseAlarmRate = try node.optional("false_alarm_rate")?.number(1e-6...0.5) ?? falseAlarmRate
    if let section = try node.optional("threshold") {
      threshold = try BoundaryRule(section, exceedance: falseAlarmRate)
    }
    incidentMargin = try node.optional("incident_margin")?.duration() ?? incidentMargin
    guard forest != nil || forecast != nil || usesDeviation || !members.isEmpty else {
      throw node.expected("at least one model that is enabled")
    }
  }
}

extension PipelineConfiguration.EvaluationSection {
  init(_ node: ConfigurationNode) throws {
    try node.check(keys: [
      "split", "tolerance_before", "tolerance_after", "renotify", "vus_window",
    ])
    if let section = try node.optional("split") { split = try SplitPlan(section) }
    rules.toleranceBefore =
      try node.optional("tolerance_before")?.duration() ?? rules.toleranceBefore
    rules.toleranceAfter =
      try node.optional("tolerance_after")?.duration() ?? rules.toleranceAfter
    rules.renotify =
      try node.optional("renotify")?.duration(atLeast: .seconds(1)) ?? rules.renotify
    rules.vusWindow = try node.optional("vus_window")?.integer(0...10_000) ?? rules.vusWindow
  }
}

extension SplitPlan {
  init(_ node: ConfigurationNode) throws {
    try node.check(keys: ["fractions", "published", "train", "calibration", "test"])
    let forms = [
      try node.optional("fractions") != nil, try node.optional("published") != nil,
      try ["train", "calibration", "test"].contains { try node.optional($0) != nil },
    ]
    guard forms.count(where: { $0 }) == 1 else {
      throw node.expected("one of fractions, published, or train with calibration and test")
    }
    if let section = try node.optional("fractions") {
      try section.check(keys: ["train", "calibration", "embargo"])
      let train = try section.required("train").number(0.01...0.98)
      let calibration = try section.required("calibration").number(0.01...0.98)
      guard train + calibration < 1 else {
        throw section.expected("train and calibration that leave a share for the test")
      }
      self = .fractions(
        train: train, calibration: calibration,
        embargo: try section.optional("embargo")?.duration() ?? .zero)
    } else if let section = try node.optional("published") {
      try section.check(keys: ["calibration", "embargo"])
      self = .published(
        calibration: try section.required("calibration").number(0.01...0.9),
        embargo: try section.optional("embargo")?.duration() ?? .zero)
    } else {
      func ranges(_ key: String) throws -> [TimeRange] {
        try node.required(key).elements.map { element in
          try element.check(keys: ["from", "to"])
          let from = try element.required("from").timestamp
          let to = try element.required("to").timestamp
          guard from < to else { throw element.expected("'from' before 'to'") }
          return TimeRange(start: from, end: to)
        }
      }
      let parts = (try ranges("train"), try ranges("calibration"), try ranges("test"))
      let all = (parts.0 + parts.1 + parts.2).sorted { $0.start < $1.start }
      for (earlier, later) in zip(all, all.dropFirst()) where earlier.overlaps(later) {
        throw node.expected(
          "ranges without overlap; \(later.start) lies before the end \(earlier.end) of another")
      }
      self = .ranges(train: parts.0, calibration: parts.1, test: parts.2)
    }
  }
}
