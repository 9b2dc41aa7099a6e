public import Evaluation
internal import Telemetry

/// An evaluation as plain text: the detectors side by side, then every incident.
public struct TerminalReport: Sendable {
  /// The most columns of a table.
  private static let width = 110
  /// More rows than this scroll the verdict out of sight.
  private static let incidentLimit = 60
  /// Names of other finders beyond this many columns are counted.
  private static let findersWidth = 32

  private let result: EvaluationResult
  private let primary: DetectorResult
  private let notes: [String]

  /// Makes a report.
  ///
  /// - Parameters:
  ///   - primary: The detector whose outcome the incidents show; by default the first row.
  ///   - notes: What a reader has to know before believing the figures, as sentences.
  /// - Precondition: The result has a row, and one named `primary`.
  public init(_ result: EvaluationResult, primary: String? = nil, notes: [String] = []) {
    self.result = result
    self.primary = primaryRow(of: result, named: primary)
    self.notes = notes
  }

  /// The report, ending in a line break. It has no colours and no control characters.
  ///
  /// Prose is wrapped at 100 columns, tables have at most 110.
  public var text: String {
    var parts = [wrapped(printable(verdict(on: primary, in: result).joined(separator: " "))), ""]
    if !notes.isEmpty {
      parts.append("Read with care:")
      parts += notes.map { wrapped("- " + printable($0), indent: "  ") } + [""]
    }
    parts += setting.map { wrapped($0, indent: "  ") }
    parts += ["", detectors.text(width: Self.width)]
    let named = incidents(naming: true)
    let table = named.naturalWidth <= Self.width ? named : incidents(naming: false)
    parts.append(table.text(width: Self.width) + unlisted)
    return parts.joined(separator: "\n")
  }

  /// What was judged.
  private var setting: [String] {
    let counts = result.counts
    var lines = [
      "\(counted(counts.services, "service")), \(grouped(counts.testCells)) cells of "
        + "\(duration(result.plan.grid.interval)) each, \(counted(counts.incidents, "incident"))"
        + (counts.excluded > 0 ? ", \(counts.excluded) excluded" : "")
        + (counts.incidentsWithoutScores > 0
          ? ", \(counts.incidentsWithoutScores) of services without scores" : ""),
      "test " + result.plan.test.map(interval).joined(separator: ", "),
      "prevalence \(percent(primary.ranking.prevalence)): the AUC-PR of random scores is "
        + fixed(primary.ranking.prevalence, 3),
    ]
    if haveUnequalCells(result) { lines.append(unequalCellsNote) }
    return lines
  }

  private var detectors: TerminalTable {
    // A column that says 100 % in every row says nothing.
    let isPartial = result.rows.contains { $0.coverage < 1 }
    var table = TerminalTable(
      [
        ("DETECTOR", .left), ("AUC-PR", .right), ("VS\nRANDOM", .right), ("VUS-PR", .right),
        ("FOUND", .right),
        ("BY\nCHANCE", .right), ("PRECISION", .right), ("F1", .right), ("MEDIAN\nDELAY", .right),
        ("FALSE PER\nSVC-DAY", .right), ("TIME IN\nALERT", .right), ("R@5%\nQUIET", .right),
      ] + (isPartial ? [("SCORED", .right)] : []))
    for row in result.rows {
      let events = row.events
      table.add(
        [
          row.name, fixed(row.ranking.averagePrecision, 3), multiple(row.ranking.lift),
          fixed(row.quality?.vusPrecisionRecall, 3),
          "\(events.found)/\(events.found + events.missed)", expectedByChance(row),
          fixed(events.precision, 2), fixed(events.f1, 2), delay(events.medianDelay),
          rounded(events.falseAlarmsPerServiceDay), percent(row.timeInAlert),
          fixed(events.recallAtFivePercentQuiet, 2),
        ] + (isPartial ? [percent(row.coverage)] : []))
    }
    return table
  }

  /// Other finders have room for their names or are counted, so that ids need not be cut.
  private func incidents(naming: Bool) -> TerminalTable {
    var table = TerminalTable([
      ("INCIDENT", .left), ("SERVICE", .left), ("KIND", .left), ("START", .leftWhole),
      ("LASTED", .right), (primary.name.uppercased(), .left),
      (naming ? "ALSO FOUND BY" : "OTHERS", .leftWhole),
    ])
    let outcomes = outcomesByIncident(primary)
    let tested = Set(result.incidents.map(\.id))
    let others = otherFinders(than: primary, in: result)
    for incident in result.incidents.prefix(Self.incidentLimit) {
      let finding = Finding(incident, outcomes: outcomes, tested: tested)
      let finders = others.filter { $0.found.contains(incident.id) }.map(\.name)
      let outcome = finding.word == "missed" ? "MISSED" : finding.sentence
      table.add([
        incident.id, incident.service ?? "(all)", incident.kind, minute(incident.start),
        duration(incident.resolved - incident.start), outcome,
        naming ? list(finders) : finders.isEmpty ? "" : "\(finders.count) of \(others.count)",
      ])
    }
    return table
  }

  /// What the table of incidents has no room for.
  private var unlisted: String {
    let rest = result.incidents.dropFirst(Self.incidentLimit)
    guard !rest.isEmpty else { return "" }
    let outcomes = outcomesByIncident(primary)
    let missed = rest.count { outcomes[$0.id]?.isFound == false }
    return "and \(counted(rest.count, "incident")) more, \(grouped(missed)) of them missed; "
      + "the HTML report and the JSON output list all\n"
  }

  /// Names as long as there is room, then their count.
  private func list(_ names: [String]) -> String {
    var text = ""
    for (index, name) in names.enumerated() {
      let longer = text.isEmpty ? name : "\(text), \(name)"
      let rest = names.count - index - 1
      guard index == 0 || displayWidth(longer) + (rest > 0 ? 4 : 0) <= Self.findersWidth else {
        return "\(text) +\(names.count - index)"
      }
      text = longer
    }
    return text
  }
}
