internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Every detector over the same cells and incidents.
  var comparison: HTML {
    let counts = result.counts
    var remarks = [
      "\(counted(counts.incidents, "incident")) in \(counted(counts.services, "service"))",
      "\(grouped(counts.testCells)) test cells of \(duration(result.plan.grid.interval)) each",
      "prevalence \(percent(primary.ranking.prevalence))",
    ]
    if counts.incidentsWithoutScores > 0 {
      remarks.append(
        "\(counted(counts.incidentsWithoutScores, "incident")) of services without scores, "
          + "counted as missed")
    }
    if haveUnequalCells(result) { remarks.append(unequalCellsNote) }
    return """
      <section>
      <h2>Detectors side by side</h2>
      <p class="note">\(remarks.joined(separator: " · "))</p>
      <div class="scroll"><table class="numbers">
      <thead><tr><th>Detector</th><th class="bar">AUC-PR</th><th>vs<br>random</th>\
      <th>VUS-PR</th><th>AUC-ROC</th><th>Found</th>\
      <th>By<br>chance</th><th>Precision</th><th>F1</th><th>Delay</th>\
      <th>False per<br>service-day</th>\
      <th>Time in<br>alert</th><th>Recall at<br>5 % quiet</th>\
      \(isPartial ? "<th>Coverage</th>" as HTML : "")</tr></thead>
      <tbody>
      \(result.rows.map(comparisonRow))\
      </tbody></table></div>
      \(Self.explanation)
      </section>
      """
  }

  private func comparisonRow(_ row: DetectorResult) -> HTML {
    let events = row.events
    let area = row.ranking.averagePrecision ?? 0
    let isPrimary = row.name == primary.name
    return """
      <tr\(isPrimary ? " class=\"primary\"" as HTML : "")>\
      <th scope="row" class="id" title="\(row.name)">\(row.name)</th>\
      <td class="bar"><span class="meter"><i style="width:\(fixed(area * 100, 1))%"></i>\
      <b style="left:\(fixed((row.ranking.prevalence ?? 0) * 100, 1))%"></b></span>\
      \(fixed(row.ranking.averagePrecision, 3))\(interval(row))</td>\
      <td>\(multiple(row.ranking.lift))</td><td>\(fixed(row.quality?.vusPrecisionRecall, 3))</td>\
      <td>\(fixed(row.quality?.rocArea, 3))</td>\
      <td>\(events.found) / \(events.found + events.missed)</td><td>\(expectedByChance(row))</td>\
      <td>\(fixed(events.precision, 2))</td>\
      <td>\(fixed(events.f1, 2))</td><td>\(delay(events.medianDelay))</td>\
      <td>\(rounded(events.falseAlarmsPerServiceDay))</td>\
      <td>\(percent(row.timeInAlert))</td>\
      <td>\(fixed(events.recallAtFivePercentQuiet, 2))</td>\
      \(isPartial ? "<td>\(percent(row.coverage))</td>" as HTML : "")</tr>

      """
  }

  /// A column that says 100 % in every row says nothing.
  private var isPartial: Bool { result.rows.contains { $0.coverage < 1 } }

  private func interval(_ row: DetectorResult) -> HTML {
    guard let interval = row.intervals?.averagePrecision else { return "" }
    return "<small class=\"range\"> \(fixed(interval.low, 2))–\(fixed(interval.high, 2))</small>"
  }

  private static let explanation: HTML = """
    <details class="note"><summary>What the columns mean</summary><dl class="terms">
    <dt>AUC-PR</dt><dd>Area under the precision-recall curve (step-wise average precision) over \
    all scored cells: how well scores rank cells in incidents above quiet ones, at any \
    threshold. The mark in the bar is the prevalence. The small range holds 95 of 100 repetitions \
    with incidents drawn again, each with its share of the quiet time; ranges of two detectors may \
    overlap and their difference still be clear.</dd>
    <dt>VUS-PR, AUC-ROC</dt><dd>Means over the services with an incident: the volume under the \
    precision-recall surface, which credits scores that rise near an incident, and the area under \
    the receiver operating characteristic.</dd>
    <dt>vs random</dt><dd>AUC-PR in multiples of the prevalence, which random scores reach.</dd>
    <dt>Found</dt><dd>Incidents with an alarm of a service they concern, from the \
    tolerance before their start to the tolerance after their end.</dd>
    <dt>By chance</dt><dd>Incidents that the same alarms would find on average if all of them were \
    shifted together by a random time along the test: what time in alert buys without skill.</dd>
    <dt>Precision</dt><dd>The share of notifications that touch such a time. Long alarms are cut \
    into notifications. Those in excluded incidents or incidents of other services only are not \
    judged.</dd>
    <dt>Delay</dt><dd>The median time from the start of a found incident to the first alarm.</dd>
    <dt>Time in alert</dt><dd>The share of the scored test cells in alarm, over all services.</dd>
    <dt>Recall at 5 % quiet</dt><dd>Incidents found if the threshold let 5 % of the quiet cells \
    alarm.</dd>
    <dt>Coverage</dt><dd>The share of test cells that have a score.</dd>
    </dl></details>
    """
}
