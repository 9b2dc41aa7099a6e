/// One kind of feature of the catalogue. Its raw value is the stable name that configurations,
/// artifacts and feature files use.
///
/// `CatalogueFeature+Documentation.swift` says what each means; a feature's meaning never changes
/// without a new `version`.
public enum CatalogueFeature: String, CaseIterable, Hashable, Sendable {
  case robustZ = "robust_z"
  case mean, deviation, minimum, maximum, trend, excess, roughness
  case sampleDeviation = "sample_deviation"
  case slope
  case quantile05 = "quantile_05"
  case quantile25 = "quantile_25"
  case median
  case quantile75 = "quantile_75"
  case quantile95 = "quantile_95"
  case quantile99 = "quantile_99"
  case ewma
  case ewmaDeviation = "ewma_deviation"
  case lag, difference
  case rateOfChange = "rate_of_change"
  case hourResidual = "hour_residual"
  case dayResidual = "day_residual"
  case missing
  case missingShare = "missing_share"
  case sinceValue = "since_value"
  case siblingRatio = "sibling_ratio"
  case errorRatio = "error_ratio"
  case saturation
  case daySine = "day_sine"
  case dayCosine = "day_cosine"
  case weekSine = "week_sine"
  case weekCosine = "week_cosine"
  case logLevelCount = "log_level_count"
  case logTemplateCount = "log_template_count"
  case logUnknownRate = "log_unknown_rate"
  case logNewTemplateRate = "log_new_template_rate"
  case logEntropy = "log_entropy"
  case logRareScore = "log_rare_score"
  case logErrorBurst = "log_error_burst"
  case logErrorRun = "log_error_run"
  case logInvariants = "log_invariants"
  case logNextSurprise = "log_next_surprise"
  case logNextSurpriseMaximum = "log_next_surprise_max"
  case logNextUnseen = "log_next_unseen"

  /// What a feature is computed for.
  public enum Scope: String, Sendable {
    /// Every channel: each metric and each thing that logs are counted by.
    case channel
    /// The service as a whole, or those of its metrics that belong together.
    case service
    /// The logs of a service that has them.
    case logs
  }

  /// The statistics of the `default` set, in the order in which they follow each other for every
  /// window.
  public static let defaultStatistics: [CatalogueFeature] = [
    .mean, .deviation, .minimum, .maximum, .trend, .excess, .roughness,
  ]

  /// Version of the meaning, stored with every model that uses the feature.
  public var version: Int { 1 }

  /// What the feature is computed for.
  public var scope: Scope {
    switch self {
    case .siblingRatio, .errorRatio, .saturation, .daySine, .dayCosine, .weekSine, .weekCosine:
      .service
    case .logLevelCount, .logTemplateCount, .logUnknownRate, .logNewTemplateRate, .logEntropy,
      .logRareScore, .logErrorBurst, .logErrorRun, .logInvariants, .logNextSurprise,
      .logNextSurpriseMaximum, .logNextUnseen:
      .logs
    default: .channel
    }
  }

  /// The shortest window in cells; nil for a feature without a window.
  public var shortestWindow: Int? {
    switch self {
    case .robustZ, .hourResidual, .dayResidual, .missing, .sinceValue: nil
    case .lag, .difference, .rateOfChange: 1
    case .logLevelCount, .logTemplateCount, .logUnknownRate, .logNewTemplateRate, .logEntropy,
      .logRareScore, .logInvariants, .logNextSurprise, .logNextSurpriseMaximum, .logNextUnseen:
      1
    default: scope == .service ? nil : 2
    }
  }

  /// The probability of a quantile.
  var probability: Double? {
    switch self {
    case .quantile05: 0.05
    case .quantile25: 0.25
    case .median: 0.5
    case .quantile75: 0.75
    case .quantile95: 0.95
    case .quantile99: 0.99
    default: nil
    }
  }

  /// Whether the feature needs the profiles of a service's days and weeks.
  var isSeasonal: Bool { self == .hourResidual || self == .dayResidual }

  /// Whether the feature needs to know what is usual in a service's logs.
  var needsLogProfile: Bool {
    self == .logRareScore || self == .logInvariants || needsTransitions
  }

  /// Whether the feature looks at what follows what in logs.
  var needsTransitions: Bool {
    self == .logNextSurprise || self == .logNextSurpriseMaximum || self == .logNextUnseen
  }
}

/// A feature of the catalogue with the window it is computed over.
public struct SelectedFeature: Hashable, Sendable {
  /// Longest window in cells.
  public static let longestWindow = 100_000

  /// The kind.
  public var feature: CatalogueFeature
  /// The window in cells; nil for a feature without one.
  public var window: Int?

  /// Selects a feature.
  ///
  /// - Precondition: A window if and only if the feature takes one, no shorter than its shortest.
  public init(_ feature: CatalogueFeature, window: Int? = nil) {
    let fits = (window == nil) == (feature.shortestWindow == nil)
    precondition(
      fits && (window ?? 0) >= (feature.shortestWindow ?? 0),
      "\(feature.rawValue) over a window of \(window.map(String.init) ?? "none")")
    (self.feature, self.window) = (feature, window)
  }

  /// Cells that the feature looks at, the current one included; for the exponentially weighted ones
  /// those that have all but e⁻⁶ of the weight.
  var reach: Int {
    switch feature {
    case .ewma, .ewmaDeviation: 3 * (window ?? 1)
    case .lag, .difference, .rateOfChange, .logNewTemplateRate: (window ?? 0) + 1
    // The first line of the window follows one of the cell before.
    case .logNextSurprise, .logNextSurpriseMaximum, .logNextUnseen: (window ?? 0) + 1
    default: window ?? 1
    }
  }

  /// Cells of history that are kept for the feature, the current one included. A quantile's sorted
  /// window forgets the cell before its first.
  var keptCells: Int {
    switch feature {
    case .ewma, .ewmaDeviation: 1
    default: feature.probability == nil ? reach : reach + 1
    }
  }
}
