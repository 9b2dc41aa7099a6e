/// What a feature of the catalogue means, for people.
public struct FeatureDocumentation: Sendable {
  /// One line that says what it tells.
  public var meaning: String
  /// How it is computed. x is the scaled value of the channel, t the current cell, w the window in
  /// cells, X a metric in its own unit.
  public var formula: String
  /// The unit of the result, before the scaling that all features get.
  public var unit: String
  /// What is kept per channel.
  public var memory: String
  /// What happens where values are missing.
  public var missing: String

  init(
    _ meaning: String, _ formula: String, unit: String = "scales", memory: String = "w values",
    missing: String = "missing unless half of the window and two values are present"
  ) {
    (self.meaning, self.formula, self.unit) = (meaning, formula, unit)
    (self.memory, self.missing) = (memory, missing)
  }
}

extension CatalogueFeature {
  /// What the feature means.
  public var documentation: FeatureDocumentation {
    switch self {
    case .robustZ, .mean, .deviation, .minimum, .maximum, .trend, .excess, .roughness,
      .sampleDeviation, .slope:
      documentationOfStatistic
    case .quantile05: quantileDocumentation("5 %", "0.05")
    case .quantile25: quantileDocumentation("25 %", "0.25")
    case .median: quantileDocumentation("half", "0.5")
    case .quantile75: quantileDocumentation("75 %", "0.75")
    case .quantile95: quantileDocumentation("95 %", "0.95")
    case .quantile99: quantileDocumentation("99 %", "0.99")
    case .siblingRatio, .errorRatio, .saturation, .daySine, .dayCosine, .weekSine, .weekCosine:
      documentationOfService
    case .logLevelCount, .logTemplateCount, .logUnknownRate, .logNewTemplateRate, .logEntropy,
      .logRareScore, .logErrorBurst, .logErrorRun, .logInvariants, .logNextSurprise,
      .logNextSurpriseMaximum, .logNextUnseen:
      documentationOfLogs
    default: documentationOfCourse
    }
  }

  private func quantileDocumentation(_ share: String, _ probability: String)
    -> FeatureDocumentation
  {
    FeatureDocumentation(
      "The value that \(share) of the window lies below.",
      "sorted x at rank \(probability)·(n − 1), linear between ranks",
      memory: "2w + 1 values")
  }

  private var documentationOfStatistic: FeatureDocumentation {
    switch self {
    case .robustZ:
      FeatureDocumentation(
        "How far the value is from its median in training.",
        "x[t] = (X[t] − median) / scale, within ±10⁹", memory: "1 value",
        missing: "missing where the value is")
    case .mean: FeatureDocumentation("The level of the window.", "mean(x)")
    case .deviation:
      FeatureDocumentation(
        "How widely values of the window scatter.", "sqrt(Σ(x − mean)² / n)")
    case .minimum: FeatureDocumentation("The smallest value of the window.", "min(x)")
    case .maximum: FeatureDocumentation("The largest value of the window.", "max(x)")
    case .trend:
      FeatureDocumentation(
        "The change that a straight line makes from one end of the window to the other.",
        "slope·(w − 1)")
    case .excess:
      FeatureDocumentation(
        "How far the current value stands out of the window.", "x[t] − mean(x)",
        missing: "as the mean, and where the current value is missing")
    case .roughness:
      FeatureDocumentation(
        "How much neighbouring values differ.", "mean(|x[i] − x[i−1]|) over neighbours",
        missing: "as the mean, and where no two neighbours are present")
    case .sampleDeviation:
      FeatureDocumentation(
        "How widely values scatter, estimated without bias in the variance.",
        "sqrt(Σ(x − mean)² / (n − 1))")
    default:
      FeatureDocumentation(
        "The rate at which a straight line through the window rises.",
        "Σ(x − mean)(i − mean i) / Σ(i − mean i)²", unit: "scales per cell")
    }
  }

  private var documentationOfCourse: FeatureDocumentation {
    let previous = "missing where the current value or the one w cells before is"
    switch self {
    case .ewma:
      return FeatureDocumentation(
        "A level in which older values count less and less.",
        "m += a·(x − m), a = 2/(w + 1), starting at the first value", memory: "2 values",
        missing: "stays as it was; missing before the first value")
    case .ewmaDeviation:
      return FeatureDocumentation(
        "How widely values scatter around that level.",
        "sqrt(v), v = (1 − a)·(v + a·(x − m)²) with the m before, starting at 0",
        memory: "2 values", missing: "stays as it was; missing before the first value")
    case .lag:
      return FeatureDocumentation(
        "The value a window ago.", "x[t−w]", memory: "w + 1 values",
        missing: "missing where the value w cells before is")
    case .difference:
      return FeatureDocumentation(
        "The change since a window ago.", "x[t] − x[t−w]", memory: "w + 1 values",
        missing: previous)
    case .rateOfChange:
      return FeatureDocumentation(
        "The relative change since a window ago.", "(X[t] − X[t−w]) / |X[t−w]|",
        unit: "ratio", memory: "w + 1 values", missing: previous + ", or where that one is 0")
    case .hourResidual:
      return FeatureDocumentation(
        "How far the value is from what is usual at this hour of the day (UTC).",
        "x[t] − median of x in training at the hour, or 0 with fewer than 3 cells there",
        memory: "24 values", missing: "missing where the value is")
    case .dayResidual:
      return FeatureDocumentation(
        "How far the value is from what is usual on this day of the week (UTC).",
        "x[t] − median of x in training on the day, or 0 with fewer than 3 cells there",
        memory: "7 values", missing: "missing where the value is")
    case .missing:
      return FeatureDocumentation(
        "Whether the value is missing now.", "1 if x[t] is missing, else 0", unit: "0 or 1",
        memory: "none", missing: "never missing")
    case .missingShare:
      return FeatureDocumentation(
        "How much of the window is missing.", "missing cells / cells of the window so far",
        unit: "share", missing: "never missing")
    default:
      return FeatureDocumentation(
        "How long ago the last value came.", "t − last t with a value", unit: "cells",
        memory: "1 count", missing: "missing before the first value")
    }
  }

  private var documentationOfService: FeatureDocumentation {
    let calendar = "never missing"
    switch self {
    case .siblingRatio:
      return FeatureDocumentation(
        "A metric compared with the same metric's other label sets in the service.",
        "X[t] / mean of the siblings' X[t]", unit: "ratio", memory: "none",
        missing: "siblings that are missing are left out; missing where the metric is, where all "
          + "siblings are, or where their mean is 0")
    case .errorRatio:
      return FeatureDocumentation(
        "The share of requests that failed: by status label (5xx, error), or a metric of errors "
          + "beside one of requests.",
        "ΣX of failures / ΣX of all", unit: "share", memory: "none",
        missing: "columns that are missing are left out; missing where failures or all are, or "
          + "where the sum of all is not positive")
    case .saturation:
      return FeatureDocumentation(
        "How much of a limit is used, where a service has a metric and its limit: memory_used "
          + "and memory_max.",
        "X[t] / limit[t]", unit: "share", memory: "none",
        missing: "missing where either is, or where the limit is not positive")
    case .daySine:
      return FeatureDocumentation(
        "The time of day (UTC), with the cosine.", "sin(2π·t/24h)", unit: "−1 to 1",
        memory: "none", missing: calendar)
    case .dayCosine:
      return FeatureDocumentation(
        "The time of day (UTC), with the sine.", "cos(2π·t/24h)", unit: "−1 to 1",
        memory: "none", missing: calendar)
    case .weekSine:
      return FeatureDocumentation(
        "The time of the week (UTC), with the cosine.", "sin(2π·t/7d)", unit: "−1 to 1",
        memory: "none", missing: calendar)
    default:
      return FeatureDocumentation(
        "The time of the week (UTC), with the sine.", "cos(2π·t/7d)", unit: "−1 to 1",
        memory: "none", missing: calendar)
    }
  }
}
