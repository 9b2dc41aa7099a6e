extension CatalogueFeature {
  /// What a feature of logs means.
  var documentationOfLogs: FeatureDocumentation {
    switch self {
    case .logLevelCount:
      logs("Lines of each severity.", "ln(1 + lines / recorded cells)", unit: "ln lines per cell")
    case .logTemplateCount:
      logs(
        "Lines of each of the templates that were commonest in training, and of all other known "
          + "ones together.",
        "ln(1 + lines / recorded cells)", unit: "ln lines per cell")
    case .logUnknownRate:
      logs(
        "The share of lines unlike all that were logged in training.",
        "lines of no known template / lines, 0 without lines", unit: "share")
    case .logNewTemplateRate:
      logs(
        "The share of the cell's templates that the w cells before it did not have.",
        "templates in t but not in t−w…t−1 / templates in t, 0 without lines", unit: "share",
        memory: "w + 1 cells of counts",
        missing: "missing unless the cell and half of those before were recorded")
    case .logEntropy:
      logs(
        "How evenly lines spread over templates; 0 for a single one.", "−Σ p·ln p, p = c / Σc",
        unit: "nats")
    case .logRareScore:
      logs(
        "How rare the templates of the window were in training.",
        "Σ −ln((training lines + 1) / (all training lines + templates + 1)) over templates with "
          + "c > 0", unit: "nats")
    case .logErrorBurst:
      logs(
        "Errors in the cell against those in the window.", "ln(1 + e[t]) − ln(1 + mean(e))",
        unit: "ln lines per cell", missing: Self.missingWithCell)
    case .logErrorRun:
      logs(
        "For how long every recorded cell has had errors, up to w.",
        "recorded cells with e > 0 since the last one without", unit: "cells",
        missing: Self.missingWithCell)
    case .logNextSurprise:
      following(
        "How surprising it is which template follows which in a stream, on average.",
        "mean(−log₂ P(b|a)) over pairs of lines, "
          + "P(b|a) = (c(a,b) + d(a)·P(b)) / (c(a) + d(a)), P(b) = (c(b) + 1) / (c + templates + 1) "
          + "with counts c of pairs in training and d(a) different templates after a; P(b|a) = P(b) "
          + "where d(a) = 0", unit: "bits")
    case .logNextSurpriseMaximum:
      following(
        "How surprising the least expected pair of lines is.",
        "max(−log₂ P(b|a)), P as for `log_next_surprise`", unit: "bits")
    case .logNextUnseen:
      following(
        "The share of pairs of lines whose templates never followed each other in training.",
        "pairs with c(a,b) = 0 / pairs", unit: "share")
    default:
      logs(
        "Lines missing from pairs of templates whose counts kept a fixed ratio in training, such as "
          + "a request's first and last line.",
        "ln(1 + Σ |a·c₁ − b·c₂| / max(a, b)) over pairs with a·c₁ = b·c₂ in 90 % of the training "
          + "cells, a and b up to 4", unit: "ln lines")
    }
  }

  private func following(
    _ meaning: String, _ formula: String, unit: String
  ) -> FeatureDocumentation {
    logs(
      meaning, formula, unit: unit, memory: "w cells of sums",
      missing: "missing unless half of the window was recorded and has a pair of lines")
  }

  private static let missingWithCell =
    "missing unless the cell and half of the window were recorded"

  private func logs(
    _ meaning: String, _ formula: String, unit: String, memory: String = "w cells of counts",
    missing: String = "missing unless half of the window was recorded"
  ) -> FeatureDocumentation {
    FeatureDocumentation(meaning, formula, unit: unit, memory: memory, missing: missing)
  }
}
