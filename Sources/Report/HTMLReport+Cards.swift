internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// More cards than this are not written: the incident table has them all.
  private static let mostCards = 200

  /// A card for each incident: who saw it when, why, and what the logs said.
  var cards: HTML {
    guard let findings = content.findings, !findings.stories.isEmpty else { return "" }
    let outcomes = outcomesByIncident(primary)
    let incidents = Dictionary(
      result.incidents.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let cards: [HTML] = findings.stories.prefix(Self.mostCards).map { story in
      guard let incident = incidents[story.incident], let outcome = outcomes[story.incident] else {
        return ""
      }
      return card(story, incident, outcome)
    }
    let rest = findings.stories.count - Self.mostCards
    return """
      <section>
      <h2>Incident by incident</h2>
      <p class="note">What the detectors say about the first alarmed cell of each incident, or about \
      the cell with the highest score where there was no alarm; what each score comes from; and log \
      lines that were much more or less frequent than in training.</p>
      \(cards)\(rest > 0 ? "<p class=\"note\">\(grouped(rest)) more are in detail.json.</p>" as HTML : "")
      </section>
      """
  }

  private func card(
    _ story: IncidentStory, _ incident: Incident, _ outcome: IncidentOutcome
  ) -> HTML {
    let state = outcome.isFound ? "found" : "missed"
    let voices: [HTML] = story.voices.map { voice in
      let causes: [HTML] = voice.causes.map { "<li class=\"code\">\($0)</li>" }
      return """
        <li\(voice.score >= 1 ? " class=\"loud\"" as HTML : "")><b>\(voice.detector)</b> \
        <span>\(rounded(Double(voice.score)))</span><ul>\(causes)</ul></li>
        """
    }
    return """
      <details class="card \(state)" id="incident-\(anchor(incident.id))"\
      \(outcome.isFound ? "" : " open" as HTML)>
      <summary><span class="outcome \(state)">\(outcome.isFound ? "✓" : "✗") \
      \(outcome.isFound ? "found \(delay(outcome.delay))" : "missed")</span> <b>\(incident.id)</b> \
      <span>\(incident.service ?? "whole system") · \(incident.kind) · \(minute(incident.start)) · \
      \(duration(incident.resolved - incident.start))</span></summary>
      <p>\(summary(story, incident, outcome))</p>
      <ul class="voices">\(voices)</ul>
      \(logs(story))
      \(zoomButton(story, incident))
      </details>

      """
  }

  private func zoomButton(_ story: IncidentStory, _ incident: Incident) -> HTML {
    """
    <p class="zoom-to"><button type="button" hidden data-zoom data-from="\
    \(String(incident.start.milliseconds))" data-to="\(String(incident.resolved.milliseconds))" \
    data-chart="chart-\(anchor(story.service))">show in the chart of \(story.service)</button></p>
    """
  }

  private func summary(
    _ story: IncidentStory, _ incident: Incident, _ outcome: IncidentOutcome
  ) -> String {
    if let found = outcome.found {
      let others = result.rows.filter { row in
        row.name != primary.name
          && row.outcomes.contains { $0.incident == incident.id && $0.isFound }
      }.map(\.name)
      return "\(primary.name) alarmed in \(story.service) at \(instant(found)), "
        + "\(delay(outcome.delay)) from its recorded start"
        + (others.isEmpty
          ? "; no other row found it." : "; so did \(others.joined(separator: ", ")).")
    }
    guard let peak = outcome.peak else { return "Its services have no scores." }
    let loud = story.voices.first.map {
      $0.score >= 1
        ? " \($0.detector) alone was above its boundary, with \(rounded(Double($0.score))): the mean of the "
          + "members was not."
        : " No detector that can explain itself was above its boundary there."
    }
    return "Missed: the highest score of \(primary.name) was \(rounded(Double(peak))), in "
      + "\(story.service) at \(instant(story.time)); alerts begin at 1.\(loud ?? "")"
  }

  private func logs(_ story: IncidentStory) -> HTML {
    guard !story.logs.isEmpty else { return "" }
    let rows: [HTML] = story.logs.map { change in
      """
      <tr><td>\(change.isNew ? "new" : "×\(rounded(Double(change.lines) / change.usual))")</td>\
      <td class="n">\(grouped(change.lines))</td><td class="n">\(rounded(change.usual))</td>\
      <td>\(change.level)</td><td class="code">\(String(change.text.prefix(400)))</td></tr>

      """
    }
    return """
      <div class="scroll"><table><thead><tr><th>Change</th><th class="n">Lines</th>\
      <th class="n">Usual</th><th>Level</th><th>Log line</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """
  }

  /// False alarms by service and what they come from.
  var falseAlarms: HTML {
    guard let findings = content.findings, !findings.falseAlarms.isEmpty else { return "" }
    let shown = findings.falseAlarms.prefix(30)
    let rows: [HTML] = shown.map { group in
      """
      <tr><th scope="row" class="id" title="\(group.service)">\(group.service)</th>\
      <td>\(group.signal ?? absent)</td><td class="n">\(grouped(group.count))</td>\
      <td class="t">\(minute(group.strongest))</td><td class="n">\(rounded(Double(group.peak)))</td>\
      <td class="code">\(group.cause ?? absent)</td></tr>

      """
    }
    let rest =
      findings.falseAlarms.dropFirst(30).reduce(0) { $0 + $1.count } + findings.unreadAlarms
    return """
      <section>
      <h2>False alarms</h2>
      <p class="note">Grouped by service and by the signal that the loudest detector names first at \
      their peak. Many of one kind are one thing to fix: a job that runs every night, a metric that is \
      not worth watching, an incident that nobody recorded.\
      \(rest > 0 ? " \(grouped(rest)) more in smaller groups are not shown." : "")</p>
      <div class="scroll"><table><thead><tr><th>Service</th><th>Signal</th><th class="n">Count</th>\
      <th>Strongest</th><th class="n">Score</th><th>What it came from</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      </section>
      """
  }
}

/// A name as it may stand in an anchor: what is not plain is written as its code.
func anchor(_ name: String) -> String {
  name.unicodeScalars.map { scalar in
    let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
    return isPlain || scalar == "-" ? String(scalar) : "_\(String(scalar.value, radix: 16))"
  }.joined()
}
