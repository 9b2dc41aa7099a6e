public import Evaluation
internal import Telemetry

/// One figure of one detector.
public struct RunMetric: Hashable, Sendable {
  /// The detector's name, such as `ensemble`.
  public var detector: String
  /// The figure's name, such as `vus_pr`.
  public var metric: String
  /// The figure.
  public var value: Double
  /// Its 95 % interval, where there is one.
  public var interval: Interval?

  /// Makes a figure.
  public init(detector: String, metric: String, value: Double, interval: Interval? = nil) {
    (self.detector, self.metric, self.value) = (detector, metric, value)
    self.interval = interval
  }

  /// `detector.metric`.
  public var name: String { "\(detector).\(metric)" }

  /// Whether a smaller value of a metric is the better one.
  public static func isLowerBetter(_ metric: String) -> Bool {
    lowerIsBetter.contains(metric)
  }

  private static let lowerIsBetter: Set<String> = [
    "false_alarms", "false_alarms_per_service_day", "incidents_missed", "median_delay_seconds",
    "ninetieth_delay_seconds", "time_in_alert", "chance_recall", "chance_probability",
    "lead_chance",
  ]

  /// All figures of an evaluation, rows and metrics in the order they are shown in.
  public static func all(of result: EvaluationResult) -> [RunMetric] {
    result.rows.flatMap { row in
      figures(of: row).compactMap { name, value, interval in
        value.flatMap {
          $0.isNaN
            ? nil : RunMetric(detector: row.name, metric: name, value: $0, interval: interval)
        }
      }
    }
  }

  private typealias Figure = (name: String, value: Double?, interval: Interval?)

  private static func figures(of row: DetectorResult) -> [Figure] {
    let events = row.events
    let quality = (row.quality?.namedFigures ?? []).map { ($0.name, $0.value, nil) as Figure }
    return quality + [
      ("average_precision", row.ranking.averagePrecision, row.intervals?.averagePrecision),
      ("mean_service_average_precision", row.meanServiceAveragePrecision, nil),
      ("prevalence", row.ranking.prevalence, nil), ("lift", row.ranking.lift, nil),
      ("recall", events.recall, row.intervals?.recall),
      ("precision", events.precision, nil), ("event_f1", events.f1, nil),
      ("incidents_found", Double(events.found), nil),
      ("incidents_missed", Double(events.missed), nil),
      ("false_alarms", Double(events.falseAlarms), nil),
      ("false_alarms_per_service_day", events.falseAlarmsPerServiceDay, nil),
      ("median_delay_seconds", events.medianDelay?.seconds, nil),
      ("ninetieth_delay_seconds", events.ninetiethDelay?.seconds, nil),
      ("recall_at_1_percent_quiet", events.recallAtOnePercentQuiet, nil),
      ("recall_at_5_percent_quiet", events.recallAtFivePercentQuiet, nil),
      ("chance_recall", events.chance?.recall, nil),
      ("chance_probability", events.chance?.probability, nil),
      ("coverage", row.coverage, nil), ("time_in_alert", row.timeInAlert, nil),
    ]
  }
}
