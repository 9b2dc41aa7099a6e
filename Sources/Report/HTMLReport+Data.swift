internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// What reading the data found.
  var dataQuality: HTML {
    let ingest = content.ingest
    let missing =
      ingest.cells > 0 ? Double(ingest.missingCells) / Double(ingest.cells) : nil
    return """
      <section>
      <h2>Data</h2>
      <p class="note">Read \(counted(ingest.samples, "sample")) in \
      \(grouped(ingest.series)) series and \(counted(ingest.logLines, "log line")). \(percent(missing)) of the metric cells have no \
      value, \(grouped(ingest.gapCells)) of them in \(counted(ingest.gaps, "gap")) between values. \(ingest.skipped == 0 ? "Nothing was" : "\(grouped(ingest.skipped))") left out.</p>
      \(ingest.defects.isEmpty ? "" : defectTable)
      </section>
      """
  }

  private var defectTable: HTML {
    let rows: [HTML] = content.ingest.defects.map {
      """
      <tr><th scope="row">\($0.source)</th><td>\($0.reason)</td><td>\($0.effect.rawValue)</td>\
      <td class="n">\(grouped($0.count))</td><td class="code">\($0.example)</td></tr>

      """
    }
    return """
      <div class="scroll"><table>
      <thead><tr><th>Source</th><th>Reason</th><th>Effect</th><th class="n">Count</th>\
      <th>First seen at</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div>
      """
  }

  /// What was evaluated and how, with what identifies it.
  var configuration: HTML {
    let plan = result.plan
    var facts: [ReportContent.Fact] = content.splits.map { split in
      ReportContent.Fact(
        key: "\(split.name) time",
        value: split.ranges.map(interval).joined(separator: ", "))
    }
    if !content.splits.contains(where: { $0.ranges == plan.test }) {
      facts.append(
        .init(key: "evaluated time", value: plan.test.map(interval).joined(separator: ", ")))
    }
    facts += [
      .init(
        key: "tolerance",
        value: "\(plan.toleranceBefore) before, \(plan.toleranceAfter) after an incident"),
      .init(key: "longest notification", value: "\(plan.renotify)"),
      .init(
        key: "other services in an incident",
        value: plan.collateral == .neutral ? "not judged" : "judged as at any time"),
      .init(key: "calibration digest", value: result.calibrationDigest),
    ]
    let rows: [HTML] = (facts + content.facts).map {
      "<dt>\($0.key)</dt><dd class=\"code\">\($0.value)</dd>\n"
    }
    return """
      <section>
      <h2>Configuration</h2>
      <dl class="facts">
      \(rows)</dl>
      </section>
      """
  }
}
