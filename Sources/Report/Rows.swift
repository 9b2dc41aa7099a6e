package import Evaluation

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

/// The other detectors in the order of rows, each with the incidents that it found.
func otherFinders(
  than primary: DetectorResult, in result: EvaluationResult
) -> [(name: String, found: Set<String>)] {
  result.rows.filter { $0.name != primary.name }.map { row in
    (row.name, Set(row.outcomes.filter(\.isFound).map(\.incident)))
  }
}

/// Incidents found by the same alarms at random times, such as `3.2`.
package func expectedByChance(_ row: DetectorResult) -> String {
  rounded(row.events.chance.map { $0.recall * Double(row.events.found + row.events.missed) })
}

/// Whether detectors have scores for different cells, so that their AUC-PR differ in more than
/// skill.
func haveUnequalCells(_ result: EvaluationResult) -> Bool {
  Set(result.rows.map(\.ranking.prevalence)).count > 1
}

let unequalCellsNote =
  "Not all detectors have scores for the same cells: compare multiples of random before AUC-PR."
