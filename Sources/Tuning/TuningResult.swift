internal import Pipeline
internal import Report
public import Storage
public import Telemetry

/// What a search found.
public struct TuningResult: Sendable {
  /// What was done.
  public let plan: TuningPlan
  /// Identifies the search's data, configuration and space.
  public let study: String
  /// What was searched over.
  public let keys: [String]
  /// Every trial with every share of the resources that it had.
  public let results: [TrialResult]
  /// The best trial with all resources.
  public let best: TrialResult
  /// The whole configuration with the best values.
  public let bestConfiguration: String
  /// What trials were judged on.
  public let validation: [TimeRange]
  /// Incidents in that time.
  public let incidents: Int
  /// Bytes that the largest trial was expected to take.
  public let estimatedMemory: Int
  /// Trials that were under way at once.
  public let together: Int
  /// What went wrong beside the search.
  public let warnings: [String]

  /// The name of the file with the best configuration.
  public static let bestFile = "best.yaml"
  /// The name of the file with all trials.
  public static let trialsFile = "trials.csv"

  /// Figures that the table shows beside the objective.
  private static let figures = [
    "vus_pr", "average_precision", "event_f1", "recall", "precision", TrialResult.falseAlarms,
  ]

  /// All trials by what they are worth, those with all resources first.
  private var ordered: [TrialResult] {
    plan.shares.reversed().flatMap { share in results.filter { $0.share == share }.ranked(plan) }
  }

  /// The value of a place in a trial; what the configuration says in the first.
  private func value(_ key: String, in trial: TrialResult) -> String? {
    trial.settings.first { $0.key == key }?.value
  }

  /// The bytes of `trials.csv`: a line a trial, the best first. Nothing in it depends on how long
  /// trials took or on how often the search was interrupted.
  public func csv() -> [UInt8] {
    var lines = [
      (["rank", "trial", "share", "state", "within_budget"] + Self.figures + keys)
        .map(csvField).joined(separator: ",")
    ]
    for (index, trial) in ordered.enumerated() {
      let state = trial.failure == nil ? "finished" : "failed"
      let fields =
        [String(index + 1), String(trial.number), trial.share.description, state]
        + [trial.failure == nil ? String(trial.isWithin(plan)) : ""]
        + Self.figures.map { trial.figures[$0]?.description ?? "" }
        + keys.map { value($0, in: trial) ?? "" }
      lines.append(fields.map(csvField).joined(separator: ","))
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Rows of the table for people.
  private static let shownRows = 20

  /// The trials as a table, and what to make of them.
  public var text: String {
    var table = TerminalTable(
      [
        ("TRIAL", .right), ("SHARE", .right), ("VUS-PR", .right), ("AUC-PR", .right),
        ("EVENT F1", .right), ("RECALL", .right), ("FALSE ALARMS\n/SERVICE/DAY", .right),
        ("VALUES", .left),
      ])
    for trial in ordered.prefix(Self.shownRows) {
      func figure(_ name: String, _ decimals: Int = 3) -> String {
        fixed(trial.figures[name], decimals)
      }
      table.add([
        String(trial.number), percent(trial.share), figure("vus_pr"),
        figure("average_precision"), figure("event_f1", 2), figure("recall", 2),
        figure(TrialResult.falseAlarms, 2)
          + (trial.failure == nil && !trial.isWithin(plan) ? " !" : ""),
        trial.failure.map { "failed: \($0)" } ?? words(trial),
      ])
    }
    let rest = results.count - Self.shownRows
    let failed = results.count { $0.failure != nil }
    var notes: [String] = []
    if rest > 0 { notes.append("\(rest) more in \(Self.trialsFile)") }
    if failed > 0 { notes.append("\(counted(failed, "trial")) failed") }
    if !best.isWithin(plan) {
      notes.append(
        "no trial keeps to \(rounded(plan.budget)) false alarms per service and day; the nearest "
          + "is taken")
    }
    if incidents < 5 {
      notes.append(
        "trials were judged on \(counted(incidents, "incident")) only: differences between the "
          + "best of them may be chance")
    }
    return table.text(width: 120) + notes.map { "note      \($0)\n" }.joined()
  }

  private func words(_ trial: TrialResult) -> String {
    trial.settings.isEmpty
      ? "the configuration as it is"
      : trial.settings.map { setting in
        "\(setting.key.split(separator: ".").suffix(2).joined(separator: "."))=\(setting.value)"
      }.joined(separator: " ")
  }

  /// The result as a JSON document.
  public func json() -> JSONValue {
    [
      "study": .string(study), "method": .string(plan.method.rawValue),
      "objective": .string(plan.objective.rawValue), "budget": .number(plan.budget),
      "seed": .string(String(plan.seed)), "incidents": .integer(incidents),
      "validation": .array(
        validation.map {
          ["from": .string($0.start.description), "to": .string($0.end.description)]
        }),
      "estimated_memory_bytes": .integer(estimatedMemory), "together": .integer(together),
      "best": json(best), "trials": .array(ordered.map(json)),
    ]
  }

  private func json(_ trial: TrialResult) -> JSONValue {
    [
      "number": .integer(trial.number), "share": .number(trial.share),
      "failure": trial.failure.map(JSONValue.string) ?? .null,
      "within_budget": .bool(trial.isWithin(plan)),
      "settings": .object(
        Dictionary(
          trial.settings.map { ($0.key, .string($0.value)) },
          uniquingKeysWith: { first, _ in first })
      ),
      "figures": .object(trial.figures.mapValues(JSONValue.number)),
      "seconds": .number(trial.seconds),
    ]
  }
}
