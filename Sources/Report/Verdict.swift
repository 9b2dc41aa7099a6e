internal import Evaluation
internal import Telemetry

/// The row that a report is about.
func primaryRow(of result: EvaluationResult, named name: String?) -> DetectorResult {
  precondition(!result.rows.isEmpty, "a report about no detector")
  guard let name else { return result.rows[0] }
  guard let row = result.row(named: name) else {
    preconditionFailure("no row '\(name)' among \(result.rows.map(\.name))")
  }
  return row
}

func outcomesByIncident(_ row: DetectorResult) -> [String: IncidentOutcome] {
  Dictionary(row.outcomes.map { ($0.incident, $0) }) { first, _ in first }
}

/// The names of the other detectors that found an incident, in the order of rows.
func otherFinders(
  of incident: String, than primary: DetectorResult, in result: EvaluationResult
) -> [String] {
  result.rows.filter { row in
    row.name != primary.name
      && row.outcomes.contains { $0.incident == incident && $0.isFound }
  }.map(\.name)
}

/// The result in two or three sentences that say nothing better than it is.
func verdict(on row: DetectorResult, in result: EvaluationResult) -> String {
  let events = row.events
  let total = counted(events.found + events.missed, "incident")
  var text = "\(row.name) found \(events.found) of \(total)"
  if let median = events.medianDelay {
    let early = TimeSpan(milliseconds: -median.milliseconds)
    text +=
      early > .zero
      ? ", half of them \(duration(early)) or more before their start"
      : ", half of them within \(duration(median)) of their start"
  }
  if let rate = events.falseAlarmsPerServiceDay {
    text +=
      events.falseAlarms == 0
      ? ", without a false alarm" : ", with \(rounded(rate)) false alarms per service and day"
  }
  text += "."
  guard let area = row.ranking.averagePrecision, let lift = row.ranking.lift else {
    return text + " Its scores rank no incident, for it has none where incidents are."
  }
  text += " Its AUC-PR of \(fixed(area, 3)) is \(rounded(lift)) times what random scores reach."
  let better = result.rows
    .filter { $0.name != row.name && ($0.ranking.averagePrecision ?? 0) > area }
    .max { ($0.ranking.averagePrecision ?? 0) < ($1.ranking.averagePrecision ?? 0) }
  if let better {
    text += " \(better.name) ranks better, with \(fixed(better.ranking.averagePrecision, 3))."
  }
  return text
}

/// Whether detectors have scores for different cells, so that their AUC-PR differ in more than
/// skill.
func haveUnequalCells(_ result: EvaluationResult) -> Bool {
  Set(result.rows.map(\.ranking.prevalence)).count > 1
}

let unequalCellsNote =
  "Not all detectors have scores for the same cells: compare multiples of random before AUC-PR."
