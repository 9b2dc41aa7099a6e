internal import IsolationForest
internal import Scoring

extension IsolationForestConfiguration {
  private enum SplitWord: String, CaseIterable {
    case random
    case averagedGain = "averaged_gain"
    case pooledGain = "pooled_gain"
  }

  private enum MissingWord: String, CaseIterable { case median, majority, both }

  /// Reads the `models.isolation_forest` section.
  init(_ node: ConfigurationNode) throws {
    try node.check(keys: [
      "enabled", "trees", "subsample", "depth_limit", "feature_share", "extension_level", "split",
      "candidates", "missing", "early_stopping",
    ])
    self.init()
    trees = try node.optional("trees")?.integer(1...10_000) ?? trees
    subsample = try node.optional("subsample")?.integer(2...1_000_000) ?? subsample
    depthLimit = try node.optional("depth_limit")?.integer(1...1_000)
    maxFeatures = try node.optional("feature_share")?.number(1e-6...1) ?? maxFeatures
    extensionLevel = try node.optional("extension_level")?.integer(0...10_000) ?? 0
    let word: SplitWord = try node.optional("split")?.word() ?? .random
    let candidates = try node.optional("candidates")
    let count = try candidates?.integer(1...1_000) ?? 10
    switch word {
    case .random:
      if let candidates { throw candidates.expected("no candidates beside split: random") }
    case .averagedGain: split = .averagedGain(candidates: count)
    case .pooledGain: split = .pooledGain(candidates: count)
    }
    switch try node.optional("missing")?.word() ?? MissingWord.median {
    case .median: missing = .reject
    case .majority: missing = .majority
    case .both: missing = .both
    }
    if missing == .both, extensionLevel > 0 {
      throw try node.required("missing").expected("median or majority beside extension_level")
    }
    earlyStopping = try node.optional("early_stopping").map {
      EarlyStopping(tolerance: try $0.number(1e-9...0.5))
    }
  }
}

extension BoundaryRule {
  private enum Method: String, CaseIterable { case quantile, contamination, tail }

  /// Reads the `models.threshold` section.
  ///
  /// - Parameter exceedance: The section's `false_alarm_rate`.
  init(_ node: ConfigurationNode, exceedance: Double) throws {
    try node.check(keys: ["method", "share", "start"])
    let method: Method = try node.required("method").word()
    let (share, start) = (try node.optional("share"), try node.optional("start"))
    if method != .contamination, let share {
      throw share.expected("no share beside a method other than contamination")
    }
    if method != .tail, let start {
      throw start.expected("no start beside a method other than tail")
    }
    switch method {
    case .quantile: self = .quantile(exceedance: exceedance)
    case .contamination:
      self = .contamination(share: try node.required("share").number(1e-6...0.5))
    case .tail:
      let place = try start?.number(0.5...0.999) ?? 0.98
      guard exceedance < 1 - place else {
        throw (start ?? node).expected(
          "a tail that starts below the quantile of models.false_alarm_rate (\(exceedance))")
      }
      self = .tail(exceedance: exceedance, start: place)
    }
  }
}
