public import Evaluation
internal import Telemetry

/// An evaluation as plain text: the detectors side by side, then every incident.
public struct TerminalReport: Sendable {
  private let result: EvaluationResult
  private let primary: DetectorResult

  /// Makes a report.
  ///
  /// - Parameter primary: The detector whose outcome the incidents show; by default the first row.
  /// - Precondition: The result has a row, and one named `primary`.
  public init(_ result: EvaluationResult, primary: String? = nil) {
    self.result = result
    self.primary = primaryRow(of: result, named: primary)
  }

  /// The report, ending in a line break. It has no colours and no control characters.
  public var text: String {
    let counts = result.counts
    var parts = [
      printable(verdict(on: primary, in: result)),
      "",
      "\(counted(counts.services, "service")), \(grouped(counts.testCells)) cells of "
        + "\(duration(result.plan.grid.interval)) each, \(counted(counts.incidents, "incident"))"
        + (counts.excluded > 0 ? ", \(counts.excluded) excluded" : "")
        + (counts.incidentsWithoutScores > 0
          ? ", \(counts.incidentsWithoutScores) of services without scores" : ""),
      "test " + result.plan.test.map(interval).joined(separator: ", "),
      "prevalence \(percent(primary.ranking.prevalence)): the AUC-PR of random scores is "
        + fixed(primary.ranking.prevalence, 3),
    ]
    if haveUnequalCells(result) { parts.append(unequalCellsNote) }
    parts += ["", detectors.text, incidents.text]
    return parts.joined(separator: "\n")
  }

  private var detectors: TerminalTable {
    var table = TerminalTable([
      ("DETECTOR", .left), ("AUC-PR", .right), ("VS RANDOM", .right), ("FOUND", .right),
      ("PRECISION", .right), ("RECALL", .right), ("F1", .right), ("DELAY", .right),
      ("P90", .right), ("FALSE/SVC-DAY", .right), ("R@1%", .right), ("R@5%", .right),
      ("COVERAGE", .right),
    ])
    for row in result.rows {
      let events = row.events
      table.add([
        row.name, fixed(row.ranking.averagePrecision, 3), multiple(row.ranking.lift),
        "\(events.found)/\(events.found + events.missed)", fixed(events.precision, 2),
        fixed(events.recall, 2), fixed(events.f1, 2), delay(events.medianDelay),
        delay(events.ninetiethDelay), rounded(events.falseAlarmsPerServiceDay),
        fixed(events.recallAtOnePercentQuiet, 2), fixed(events.recallAtFivePercentQuiet, 2),
        percent(row.coverage),
      ])
    }
    return table
  }

  private var incidents: TerminalTable {
    var table = TerminalTable([
      ("INCIDENT", .left), ("SERVICE", .left), ("KIND", .left), ("START", .left),
      ("LASTED", .right), (primary.name.uppercased(), .left), ("ALSO FOUND BY", .left),
    ])
    let outcomes = outcomesByIncident(primary)
    let tested = Set(result.incidents.map(\.id))
    for incident in result.incidents {
      let others = otherFinders(of: incident.id, than: primary, in: result)
      let finding = Finding(incident, outcomes: outcomes, tested: tested)
      let outcome = finding.word == "missed" ? "MISSED" : finding.sentence
      table.add([
        incident.id, incident.service ?? "(all)", incident.kind, instant(incident.start),
        duration(incident.resolved - incident.start), outcome, others.joined(separator: ", "),
      ])
    }
    return table
  }
}
