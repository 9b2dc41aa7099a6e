internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Path points over all charts; about eight bytes each.
  private static let pointBudget = 100_000
  /// Charts of services where nothing happened.
  private static let quietLimit = 200

  /// Two colours in one stroke: below and above the alert boundary.
  static let gradients: HTML = """
    <svg class="defs" aria-hidden="true"><defs>
    \(gradient("stroke"))\(gradient("fill"))</defs></svg>
    """

  private static func gradient(_ id: String) -> HTML {
    let stop = fixed(Double(ScoreScale.boundary) / Double(ScoreScale.height), 3)
    return """
      <linearGradient id="\(id)" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="0" \
      y2="\(ScoreScale.height)"><stop offset="\(stop)" class="above"/>\
      <stop offset="\(stop)" class="below"/></linearGradient>

      """
  }

  /// One chart per service; those where nothing happened are folded away.
  var timelines: HTML {
    let figures = Dictionary(primary.services.map { ($0.service, $0) }) { first, _ in first }
    let isEventful = { (timeline: ReportContent.Timeline) in
      let figures = figures[timeline.service]
      return (figures?.trueNotifications ?? 0) + (figures?.falseAlarms ?? 0) > 0
        || result.incidents.contains { $0.service == timeline.service }
    }
    let eventful = content.timelines.filter(isEventful)
    let quiet = content.timelines.filter { !isEventful($0) }
    let drawn = eventful.count + min(quiet.count, Self.quietLimit)
    let buckets = max(60, min(1000, Self.pointBudget / max(1, drawn)))
    let chart = { (timeline: ReportContent.Timeline) in
      TimelineChart(timeline, report: self, figures: figures[timeline.service], buckets: buckets)
        .markup
    }
    return """
      <section>
      <h2>Scores over time</h2>
      <p class="note">\(primary.name), calibrated: a score of 1 is the alert boundary. The \
      scale is linear below it and compressed above. Times are UTC.</p>
      <ul class="legend"><li class="k-found">found incident</li>\
      <li class="k-missed">missed incident</li>\
      <li class="k-excluded">excluded</li><li class="k-untested">incident outside the test</li>\
      <li class="k-alarm">alarm</li></ul>
      \(eventful.map(chart))
      \(quiet.isEmpty ? "" : quietCharts(quiet, chart))
      </section>
      """
  }

  private func quietCharts(
    _ quiet: [ReportContent.Timeline], _ chart: (ReportContent.Timeline) -> HTML
  ) -> HTML {
    let shown = quiet.prefix(Self.quietLimit)
    let rest = quiet.count - shown.count
    let remark: HTML = rest > 0 ? "<p class=\"note\">\(grouped(rest)) more are not drawn.</p>" : ""
    return """
      <details><summary>\(counted(quiet.count, "service")) without an incident of its own and \
      without an alarm</summary>
      \(shown.map(chart))\
      \(remark)</details>
      """
  }
}
