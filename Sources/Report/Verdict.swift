package import Evaluation
internal import Telemetry

/// The result in a few sentences that say nothing better than it is, the main one first.
package func verdict(on row: DetectorResult, in result: EvaluationResult) -> [String] {
  [findings(of: row), timeInAlert(of: row)] + chanceRemark(on: row)
    + rankingRemark(on: row, in: result)
}

private func findings(of row: DetectorResult) -> String {
  let events = row.events
  var text =
    "\(row.name) found \(events.found) of \(counted(events.found + events.missed, "incident"))"
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
  return text + "."
}

private func timeInAlert(of row: DetectorResult) -> String {
  "It was in alert for \(percent(row.timeInAlert)) of the scored test time."
}

/// What the same alarms would have found at other times, and whether that leaves any merit.
private func chanceRemark(on row: DetectorResult) -> [String] {
  guard let chance = row.events.chance, row.timeInAlert > 0 else { return [] }
  let found = Double(row.events.found)
  let expected = chance.recall * Double(row.events.found + row.events.missed)
  let average = "the same alarms at random times would find \(rounded(expected)) on average"
  let finding = "Finding \(row.events.found == 0 ? "none" : grouped(row.events.found))"
  if found <= expected { return ["\(finding) is no better than chance: \(average)."] }
  if chance.probability >= luckLimit {
    return [
      "\(finding) may be luck: \(average), and \(row.events.found) or more in "
        + "\(percent(chance.probability)) of placements."
    ]
  }
  return ["T" + average.dropFirst() + "."]
}

/// The p-value from which on recall is called luck: the customary 5 %.
private let luckLimit = 0.05
/// Below this multiple of the prevalence a ranking is called hardly better than a random one.
private let hardlyBetter = 1.25

private func rankingRemark(on row: DetectorResult, in result: EvaluationResult) -> [String] {
  guard let area = row.ranking.averagePrecision, let lift = row.ranking.lift else {
    return ["Its scores rank no incident, for it has none where incidents are."]
  }
  let figures =
    "an AUC-PR of \(fixed(area, 3)) at a prevalence of \(fixed(row.ranking.prevalence, 3))"
  var remarks = [
    lift <= 1
      ? "Its scores rank cells no better than random ones: \(figures)."
      : lift < hardlyBetter
        ? "Its scores rank cells hardly better than random ones: \(figures)."
        : "Its AUC-PR of \(fixed(area, 3)) is \(rounded(lift)) times what random scores reach."
  ]
  let better = result.rows
    .filter { $0.name != row.name && ($0.ranking.averagePrecision ?? 0) > area }
    .max { ($0.ranking.averagePrecision ?? 0) < ($1.ranking.averagePrecision ?? 0) }
  if let better {
    remarks.append(
      "\(better.name) ranks better, with \(fixed(better.ranking.averagePrecision, 3)).")
  }
  return remarks
}
