internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Every incident in the test time with what became of it.
  var incidentTable: HTML {
    let listed = Set(result.incidents.map(\.id))
    let outside = content.incidents.count { !listed.contains($0.id) }
    let others = otherFinders(than: primary, in: result)
    let headings: [HTML] = others.map {
      "<th class=\"v\" title=\"\($0.name)\"><span>\($0.name)</span></th>"
    }
    return """
      <section>
      <h2>Incidents</h2>
      <p class="note">In the test time, as \(primary.name) saw them\
      \(others.isEmpty ? "" : "; on the right, who else found them").\
      \(outside > 0 ? " \(counted(outside, "incident")) outside the test time not listed." : "")</p>
      <div class="scroll"><table class="incidents">
      <thead><tr><th>Outcome</th><th>Incident</th><th>Service</th><th>Kind</th><th>Start</th>\
      <th class="n">Lasted</th><th class="n">Peak<br>score</th>\(headings)</tr></thead>
      <tbody>
      \(incidentRows(others))\
      </tbody></table></div>
      </section>
      """
  }

  private func incidentRows(_ others: [(name: String, found: Set<String>)]) -> [HTML] {
    let outcomes = outcomesByIncident(primary)
    let tested = Set(result.incidents.map(\.id))
    return result.incidents.map { incident in
      let finding = Finding(incident, outcomes: outcomes, tested: tested)
      let outcome = outcomes[incident.id]
      let marks: [HTML] = others.map {
        outcome == nil
          ? "<td class=\"v\"></td>"
          : $0.found.contains(incident.id)
            ? "<td class=\"v\" title=\"\($0.name)\">✓</td>" : "<td class=\"v no\">·</td>"
      }
      return """
        <tr><td class="outcome \(finding.word)">\(finding.glyph.map { "\($0) " } ?? "")\
        \(finding.sentence)\(outcome?.beganEarlier == true ? ", began before the test" : "")</td>\
        \(name(incident.id, as: "th scope=\"row\"", closing: "th"))\
        \(name(place(of: incident, outcome)))\(name(incident.kind))\
        <td class="t" title="\(instant(incident.start))">\(minute(incident.start))</td>\
        <td class="n">\(duration(incident.resolved - incident.start))</td>\
        <td class="n">\(rounded(outcome?.peak.map(Double.init)))</td>\(marks)</tr>

        """
    }
  }

  /// A cell for a name on one line; what is too long for it shows when pointed at.
  private func name(_ text: String, as opening: HTML = "td", closing: HTML = "td") -> HTML {
    "<\(opening) class=\"id\" title=\"\(text)\">\(text)</\(closing)>"
  }

  /// The service of an incident, and of the first alarm where that says more.
  private func place(of incident: Incident, _ outcome: IncidentOutcome?) -> String {
    guard let service = incident.service else {
      return "whole system" + (outcome?.foundBy.map { ", seen in \($0)" } ?? "")
    }
    return service
  }
}
