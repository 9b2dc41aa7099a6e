internal import Evaluation
internal import Telemetry

/// An evaluation as one HTML page that needs no network, and no scripts but for zooming its charts.
public struct HTMLReport: Sendable {
  let content: ReportContent

  /// Makes a report.
  public init(_ content: ReportContent) { self.content = content }

  var result: EvaluationResult { content.evaluation }
  var primary: DetectorResult { primaryRow(of: result, named: content.primary) }

  /// The page. Equal content gives equal bytes; it holds no time but the data's.
  ///
  /// The page forbids connections, and scripts other than its own one, by its own policy, as a second
  /// line behind escaping.
  public func render() -> String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'; script-src \(HTML(markup: ZoomScript.policy))">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(content.title)</title>
      <style>\(ReportStyle.sheet)</style>
      </head>
      <body>
      \(Self.gradients)
      <main>
      \(header)
      \(comparison)
      \(incidentsComeFirst ? incidentTable + timelines : timelines + incidentTable)
      \(cards)
      \(falseAlarms)
      \(curves)
      \(slices)
      \(boundaries)
      \(labelChecks)
      \(drift)
      \(dataQuality)
      \(configuration)
      </main>
      \(ZoomScript.element)
      </body>
      </html>

      """
    return page.text
  }

  private var header: HTML {
    let (events, ranking) = (primary.events, primary.ranking)
    let sentences = verdict(on: primary, in: result)
    let total = events.found + events.missed
    let delays = events.ninetiethDelay.map { "90 % within \(delay($0))" } ?? "none to measure"
    return """
      <header>
      <p class="eyebrow">Incident detection report</p>
      <h1>\(content.title)</h1>
      <p class="verdict">\(sentences[0])</p>
      <p class="more">\(sentences.dropFirst().joined(separator: " "))</p>
      \(content.notes.isEmpty ? "" : care)
      <dl class="tiles">
      \(tile(
          "Incidents found", "\(events.found) / \(total)",
          "\(expectedByChance(primary)) by chance"))
      \(tile("Median delay", delay(events.medianDelay), delays))
      \(tile(
          "False alarms", rounded(events.falseAlarmsPerServiceDay),
          "per service and day, \(grouped(events.falseAlarms)) in all"))
      \(tile("Time in alert", percent(primary.timeInAlert), "of the scored test time"))
      \(tile("AUC-PR", fixed(ranking.averagePrecision, 3), "\(multiple(ranking.lift)) random"))
      </dl>
      </header>
      """
  }

  private var care: HTML {
    let items: [HTML] = content.notes.map { "<li>\($0)</li>\n" }
    return """
      <aside class="care"><h2>Read with care</h2><ul>
      \(items)</ul></aside>
      """
  }

  private func tile(_ name: String, _ value: String, _ remark: String) -> HTML {
    "<div><dt>\(name)</dt><dd><b>\(value)</b><span>\(remark)</span></dd></div>\n"
  }
}
