internal import Detection
internal import Evaluation
internal import Features
internal import Report
internal import Scoring
internal import Telemetry

/// The text that goes with a model: what it is for, what it was made of, and how good it is.
enum ModelCard {
  /// The file's name in an artifact.
  static let file = "MODEL_CARD.md"
  /// Services that are named.
  private static let mostServices = 40

  /// The card of a judged model; equal models and judgements give equal bytes.
  ///
  /// - Precondition: The result has a row.
  static func render(
    _ model: TrainedModel, _ result: EvaluationResult, caveats: [String]
  ) -> String {
    let row = result.row(named: ScoringModel.ensembleName) ?? result.rows[0]
    let sentences = verdict(on: row, in: result)
    return """
      ---
      library_name: autopilotops
      tags: [anomaly-detection, time-series, \(model.scoring.detectors.map { $0.name.replacing("_", with: "-") }.joined(separator: ", "))]
      model_name: "\(model.name)"
      metrics: [average_precision, recall, false_alarms_per_service_day]
      ---

      # \(plain(model.name))

      \(plain(sentences.joined(separator: " ")))

      ## Intended use

      Scores the telemetry of the services below, once every \
      \(model.scoring.features.definition.interval), and alerts where a score reaches 1. It was made for this \
      system as it was in the training time: elsewhere, and after a redesign, its scores mean nothing.

      ## Made of

      \(list(facts(model)))

      ## Results

      On \(counted(result.counts.incidents, "labelled incident")) in the test time, which neither fitting \
      nor thresholds had seen. Ranges hold 95 of 100 repetitions with incidents drawn again.

      \(table(result, row))

      ## Limits

      \(limits(model, caveats))

      ## Services

      \(services(model))

      """
  }

  private static func facts(_ model: TrainedModel) -> [(String, String)] {
    func ranges(_ ranges: [TimeRange]) -> String { ranges.map(interval).joined(separator: ", ") }
    return [
      ("dataset", "sha256:\(model.datasetDigest)"), ("seed", String(model.seed)),
      ("program", ModelArtifact.programVersion),
      ("detectors", model.scoring.detectors.map(\.name).joined(separator: ", ")),
      ("training time", ranges(model.split.train)),
      ("calibration time", ranges(model.split.calibration)),
      ("test time", ranges(model.split.test)),
      ("calibration cells allowed above the boundary", percent(model.falseAlarmRate)),
      ("meant to be used until", model.expires.map(\.description) ?? "no end was set"),
      (
        "missing values",
        "windows need half of their cells; a missing feature enters the networks as its training median, and "
          + "the forest as detectors.json says"
      ),
    ]
  }

  private static func table(_ result: EvaluationResult, _ row: DetectorResult) -> String {
    func range(_ interval: Interval?) -> String {
      interval.map { "\(fixed($0.low, 2)) to \(fixed($0.high, 2))" } ?? absent
    }
    let events = row.events
    return """
      | figure | value | range |
      | --- | --: | --- |
      | AUC-PR (prevalence \(percent(row.ranking.prevalence))) | \(fixed(row.ranking.averagePrecision, 3)) | \
      \(range(row.intervals?.averagePrecision)) |
      | VUS-PR | \(fixed(row.quality?.vusPrecisionRecall, 3)) | \(absent) |
      | incidents found | \(events.found) of \(events.found + events.missed) | \
      recall \(range(row.intervals?.recall)) |
      | found by the same alarms at random times | \(expectedByChance(row)) | \(absent) |
      | median delay | \(delay(events.medianDelay)) | \(absent) |
      | false alarms per service and day | \(rounded(events.falseAlarmsPerServiceDay)) | \(absent) |
      """
  }

  private static func limits(_ model: TrainedModel, _ caveats: [String]) -> String {
    let own = [
      "Known are \(counted(model.scoring.services.count, "service")); others are not scored.",
      "What drifted since training, and incidents of kinds that the test time did not hold, are not "
        + "covered by these results.",
    ]
    return (caveats + own).map { "- \(plain($0))" }.joined(separator: "\n")
  }

  private static func services(_ model: TrainedModel) -> String {
    let services = model.scoring.features.services
    let lines = services.prefix(mostServices).map {
      "- \(plain($0.service)): \(counted($0.metricColumns.count, "metric"))"
        + ($0.logs == nil ? "" : ", logs")
    }
    let rest = services.count - mostServices
    return (lines + (rest > 0 ? ["- and \(rest) more, in features.json"] : []))
      .joined(separator: "\n")
  }

  private static func list(_ facts: [(String, String)]) -> String {
    facts.map { "- \($0.0): \(plain($0.1))" }.joined(separator: "\n")
  }

  /// Text that cannot become markup or a second line.
  private static func plain(_ text: String) -> String { escapedForMarkdown(text) }
}
