internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Every incident in the test time with what became of it.
  var incidentTable: HTML {
    let outside =
      content.incidents.count
      - Set(content.incidents.map(\.id))
      .intersection(result.incidents.map(\.id)).count
    return """
      <section>
      <h2>Incidents</h2>
      <p class="note">In the test time, as \(primary.name) saw them.\
      \(outside > 0 ? " \(counted(outside, "incident")) outside the test time not listed." : "")</p>
      <div class="scroll"><table>
      <thead><tr><th>Outcome</th><th>Incident</th><th>Service</th><th>Kind</th><th>Start</th>\
      <th class="n">Lasted</th><th>First alarm of</th><th class="n">Peak score</th>\
      <th>Also found by</th></tr></thead>
      <tbody>
      \(incidentRows)\
      </tbody></table></div>
      </section>
      """
  }

  private var incidentRows: HTML {
    let outcomes = outcomesByIncident(primary)
    let tested = Set(result.incidents.map(\.id))
    let rows: [HTML] = result.incidents.map { incident in
      let finding = Finding(incident, outcomes: outcomes, tested: tested)
      let outcome = outcomes[incident.id]
      let others = otherFinders(of: incident.id, than: primary, in: result)
      return """
        <tr><td class="outcome \(finding.word)">\(finding.glyph.map { "\($0) " } ?? "")\
        \(finding.sentence)\(outcome?.beganEarlier == true ? ", began before the test" : "")</td>\
        <th scope="row">\(incident.id)</th><td>\(incident.service ?? "whole system")</td>\
        <td>\(incident.kind)</td><td class="t">\(instant(incident.start))</td>\
        <td class="n">\(duration(incident.resolved - incident.start))</td>\
        <td>\(outcome?.foundBy ?? absent)</td>\
        <td class="n">\(rounded(outcome?.peak.map(Double.init)))</td>\
        <td>\(others.isEmpty ? absent : others.joined(separator: ", "))</td></tr>

        """
    }
    return "\(rows)"
  }
}
