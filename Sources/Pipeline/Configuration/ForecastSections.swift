internal import Detection
internal import ErrorScores

extension ErrorScore {
  /// The keys that a section with a score has.
  static let keys = ["score", "score_window", "pruning", "shrinkage", "coverage"]

  private enum Word: String, CaseIterable { case smoothed, telemanom, mahalanobis, quantile }

  /// Reads the score of a forecaster's section; nil when it names none.
  static func read(_ node: ConfigurationNode) throws -> ErrorScore? {
    let word: Word? = try node.optional("score")?.word()
    for (key, owner) in [
      ("score_window", Word.telemanom), ("pruning", .telemanom), ("shrinkage", .mahalanobis),
      ("coverage", .quantile),
    ] where word != owner {
      if let found = try node.optional(key) {
        throw found.expected("no \(key) beside a score other than \(owner.rawValue)")
      }
    }
    switch word {
    case nil: return nil
    case .smoothed: return .smoothed
    case .telemanom:
      var configuration = DynamicThreshold.Configuration()
      configuration.window =
        try node.optional("score_window")?.integer(configuration.fewest...100_000)
        ?? configuration.window
      configuration.pruning =
        try node.optional("pruning")?.number(0...0.99) ?? configuration.pruning
      return .dynamicThreshold(configuration)
    case .mahalanobis:
      return .mahalanobis(try node.optional("shrinkage")?.word() ?? .ledoitWolf)
    case .quantile:
      return .exceedance(coverage: try node.optional("coverage")?.number(0.5...0.9999) ?? 0.99)
    }
  }
}

extension PipelineConfiguration.ModelsSection {
  /// Reads the `pca` and `autoregression` sections.
  ///
  /// - Parameter node: The `models` section.
  mutating func readBaselines(_ node: ConfigurationNode) throws {
    // Compared like with like, unless told otherwise.
    if let forecast {
      baselines.errors.smoothing = forecast.smoothing
      baselines.errors.score = forecast.score
    }
    for name in [ComponentsModel.name, WindowedComponentsModel.name] {
      guard let section = try node.optional(name) else { continue }
      try section.check(
        keys: name == ComponentsModel.name
          ? ["enabled", "explained", "components"] : ["enabled", "window"])
      if try section.optional("enabled")?.bool == true { members.insert(name) }
      baselines.components.explained =
        try section.optional("explained")?.number(0.01...1) ?? baselines.components.explained
      baselines.components.limit =
        try section.optional("components")?.integer(1...1000) ?? baselines.components.limit
      baselines.window = try section.optional("window")?.integer(1...1000) ?? baselines.window
    }
    guard let section = try node.optional(AutoregressionModel.name) else { return }
    try section.check(keys: ["enabled", "lags", "smoothing"] + ErrorScore.keys)
    if try section.optional("enabled")?.bool == true { members.insert(AutoregressionModel.name) }
    baselines.lags = try section.optional("lags")?.integer(1...1000) ?? baselines.lags
    baselines.errors.smoothing =
      try section.optional("smoothing")?.integer(1...10_000) ?? baselines.errors.smoothing
    baselines.errors.score = try ErrorScore.read(section) ?? baselines.errors.score
  }
}
