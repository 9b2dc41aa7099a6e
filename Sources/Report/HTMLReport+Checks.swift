internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Whether boundaries hold what calibration promised.
  var boundaries: HTML {
    guard let detail = content.findings?.detail else { return "" }
    let rows: [HTML] = detail.boundaries.map { check in
      let quantiles: [HTML] = (check.quietQuantiles ?? []).map {
        "<td class=\"n\">\(rounded($0))</td>"
      }
      let missing: [HTML] = BoundaryCheck.probabilities.map { _ in "<td class=\"n\">\(absent)</td>"
      }
      return """
        <tr\(check.detector == primary.name ? " class=\"primary\"" as HTML : "")>\
        <th scope="row">\(check.detector)</th><td class="n">\(percent(check.calibrationShare))</td>\
        <td class="n">\(percent(check.quietShare))</td>\
        \(check.quietQuantiles == nil ? missing : quantiles)</tr>

        """
    }
    let headings: [HTML] = BoundaryCheck.probabilities.map {
      "<th class=\"n\">\(percent($0))</th>"
    }
    return """
      <section>
      <h2>Do the boundaries hold?</h2>
      <p class="note">The share of cells that alarm in calibration and in the quiet test time, and \
      the scores that so many of the quiet test cells do not exceed. A boundary that lets far more \
      through in the test than in calibration met times it had not seen.</p>
      <div class="scroll"><table><thead><tr><th>Detector</th><th class="n">Alarmed in calibration</th>\
      <th class="n">Alarmed when quiet</th>\(headings)</tr></thead><tbody>
      \(rows)</tbody></table></div>
      </section>
      """
  }

  /// The outcomes in parts.
  var slices: HTML {
    guard let findings = content.findings else { return "" }
    let signals = signalSlices(findings.stories)
    let blocks: [HTML] = ResultSlice.Dimension.allCases.map { dimension -> HTML in
      let parts = findings.detail.slices.filter { $0.dimension == dimension }
      guard parts.count > 1 else { return "" }
      return slice("By \(dimension.rawValue)", parts)
    }
    return """
      <section>
      <h2>Parts</h2>
      <p class="note">Where \(primary.name) does well and where it does not. Parts with one or two \
      incidents say little.</p>
      <div class="parts">\(blocks)\(signals)</div>
      </section>
      """
  }

  private func slice(_ title: String, _ parts: [ResultSlice]) -> HTML {
    let hasAlarms = parts.contains { $0.falseAlarms != nil }
    let rows: [HTML] = parts.prefix(48).map { part in
      let share = part.incidents == 0 ? 0 : Double(part.found) / Double(part.incidents)
      return """
        <tr><th scope="row" class="id" title="\(part.name)">\(part.name)</th>\
        <td class="bar"><span class="meter"><i style="width:\(fixed(share * 100, 1))%"></i></span></td>\
        <td class="n">\(part.found) / \(part.incidents)</td><td class="n">\(delay(part.medianDelay))</td>\
        \(hasAlarms ? "<td class=\"n\">\(grouped(part.falseAlarms ?? 0))</td>" as HTML : "")</tr>

        """
    }
    return """
      <table><caption>\(title)\(parts.count > 48 ? ", the first 48 of \(parts.count)" : "")</caption>\
      <thead><tr><th></th><th></th><th class="n">Found</th><th class="n">Delay</th>\
      \(hasAlarms ? "<th class=\"n\">False<br>alarms</th>" as HTML : "")</tr></thead><tbody>
      \(rows)</tbody></table>
      """
  }

  /// Found incidents by the signal that gave them away.
  private func signalSlices(_ stories: [IncidentStory]) -> HTML {
    let outcomes = outcomesByIncident(primary)
    let found = stories.filter { outcomes[$0.incident]?.isFound == true }
    let signals = Dictionary(grouping: found) { $0.signal ?? absent }
    guard signals.count > 1 else { return "" }
    let rows: [HTML] = signals.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
      .prefix(20).map { signal, stories in
        "<tr><th scope=\"row\">\(signal)</th><td class=\"n\">\(stories.count)</td></tr>\n"
      }
    return """
      <table><caption>By the signal that gave it away</caption><thead><tr><th></th>\
      <th class="n">Found</th></tr></thead><tbody>
      \(rows)</tbody></table>
      """
  }

  /// What is odd about the labels, and how the figures would move with them.
  var labelChecks: HTML {
    guard let detail = content.findings?.detail else { return "" }
    let findings: [HTML] = detail.labels.prefix(60).map {
      "<li><b>\($0.reason.rawValue.replacing("_", with: " "))</b> \($0.text)</li>\n"
    }
    let best = detail.lags.compactMap(\.averagePrecision).max() ?? 0
    let bars: [HTML] = detail.lags.map { lag in
      let share = best > 0 ? (lag.averagePrecision ?? 0) / best : 0
      return """
        <tr\(lag.shift == .zero ? " class=\"primary\"" as HTML : "")><th scope="row" class="n">\
        \(lag.shift == .zero ? "as recorded" : delay(lag.shift))</th>\
        <td class="bar"><span class="meter"><i style="width:\(fixed(share * 100, 1))%"></i></span></td>\
        <td class="n">\(fixed(lag.averagePrecision, 3))</td>\
        <td class="n">\(lag.found) / \(lag.incidents)</td></tr>

        """
    }
    return """
      <section>
      <h2>Labels</h2>
      <p class="note">\(findings.isEmpty
        ? "Nothing odd was found about the recorded incidents of the test time."
        : "What is odd about the recorded incidents of the test time; figures can be no better than they are.")</p>
      \(findings.isEmpty ? "" : "<ul class=\"lint\">\(findings)</ul>" as HTML)
      <details><summary>How the figures would move if all incidents had been recorded earlier or later</summary>
      <p class="note">Higher figures beside the middle say that labels lag behind, or run ahead of, what the \
      scores see.</p>
      <table class="slim"><thead><tr><th class="n">Moved by</th><th></th><th class="n">AUC-PR</th>\
      <th class="n">Found</th></tr></thead><tbody>
      \(bars)</tbody></table></details>
      </section>
      """
  }

  /// Metrics whose distribution changed since training.
  var drift: HTML {
    guard let rows = content.findings?.drift, !rows.isEmpty else { return "" }
    let strong = rows.count { $0.stabilityIndex >= DriftRow.strong }
    let shown: [HTML] = rows.prefix(25).map { row in
      """
      <tr><th scope="row" class="id" title="\(row.service)">\(row.service)</th>\
      <td class="code">\(row.metric)</td>\
      <td class="n">\(row.stabilityIndex >= DriftRow.strong ? "▲ " : "")\(fixed(row.stabilityIndex, 2))</td>\
      <td class="n">\(fixed(row.kolmogorovSmirnov, 2))</td><td class="n">\(percent(row.missingBefore))</td>\
      <td class="n">\(percent(row.missingNow))</td></tr>

      """
    }
    return """
      <section>
      <h2>Drift since training</h2>
      <p class="note">How the metrics' values in the test time, incidents left out, are distributed \
      unlike those of training: population stability index and Kolmogorov-Smirnov distance. \
      \(strong == 0 ? "None of \(counted(rows.count, "metric")) is" : "\(grouped(strong)) of \(counted(rows.count, "metric")) are") \
      above \(fixed(DriftRow.strong, 2)), where much has changed by custom.</p>
      <details\(strong > 0 ? " open" as HTML : "")><summary>The \(min(25, rows.count)) that changed most</summary>
      <div class="scroll"><table><thead><tr><th>Service</th><th>Metric</th><th class="n">PSI</th>\
      <th class="n">KS</th><th class="n">Missing<br>in training</th><th class="n">Missing<br>in the test</th>\
      </tr></thead><tbody>
      \(shown)</tbody></table></div></details>
      </section>
      """
  }
}
