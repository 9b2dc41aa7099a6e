internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Path points over all charts; about eight bytes each.
  private static let pointBudget = 120_000
  /// Charts of a folded group.
  private static let foldedLimit = 200
  /// With more charts than this, those without an incident are folded and the incidents come first.
  private static let openLimit = 8

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

  /// Whether charts are too many to leaf through before the incidents.
  var incidentsComeFirst: Bool {
    let groups = chartGroups
    return groups.incident.count + groups.alarm.count > Self.openLimit
  }

  /// Timelines by what happened in their service during the test.
  private struct ChartGroups {
    /// Has an incident of its own or an alarm in one.
    var incident: [ReportContent.Timeline] = []
    /// Has other alarms; the most false ones first.
    var alarm: [ReportContent.Timeline] = []
    /// Has neither.
    var quiet: [ReportContent.Timeline] = []
  }

  private var figures: [String: ServiceResult] {
    Dictionary(primary.services.map { ($0.service, $0) }) { first, _ in first }
  }

  private var chartGroups: ChartGroups {
    let figures = figures
    let named = Set(result.incidents.compactMap(\.service))
    var groups = ChartGroups()
    for timeline in content.timelines {
      let figures = figures[timeline.service]
      if named.contains(timeline.service) || (figures?.trueNotifications ?? 0) > 0 {
        groups.incident.append(timeline)
      } else if (figures?.falseAlarms ?? 0) + (figures?.ignoredNotifications ?? 0) > 0 {
        groups.alarm.append(timeline)
      } else {
        groups.quiet.append(timeline)
      }
    }
    return groups
  }

  /// One chart per service; those where nothing happened are folded away.
  var timelines: HTML {
    var groups = chartGroups
    if !incidentsComeFirst {
      let open = Set((groups.incident + groups.alarm).map(\.service))
      groups.incident = content.timelines.filter { open.contains($0.service) }
      groups.alarm = []
    }
    let figures = figures
    groups.alarm.sort {
      let (a, b) = (figures[$0.service]?.falseAlarms ?? 0, figures[$1.service]?.falseAlarms ?? 0)
      return (b, $0.service) < (a, $1.service)
    }
    let drawn =
      groups.incident.count + min(groups.alarm.count, Self.foldedLimit)
      + min(groups.quiet.count, Self.foldedLimit)
    let buckets = max(60, min(2000, Self.pointBudget / max(1, drawn)))
    let chart = { (timeline: ReportContent.Timeline) in
      TimelineChart(timeline, report: self, figures: figures[timeline.service], buckets: buckets)
        .markup
    }
    return """
      <section>
      <h2>Scores over time</h2>
      <p class="note">\(primary.name), calibrated: a score of 1 is the alert boundary. The \
      scale is linear below it and compressed above. Times are UTC. Where scripts run, drag across a \
      chart to zoom into all of them; double click for the whole time.</p>
      <ul class="legend"><li class="k-found">found incident</li>\
      <li class="k-missed">missed incident</li>\
      <li class="k-excluded">excluded</li><li class="k-untested">incident outside the test</li>\
      <li class="k-alarm">alarm</li><li class="k-unused">not in the test</li></ul>
      \(groups.incident.map(chart))\
      \(folded(
        groups.alarm, "with alarms but no incident of \(groups.alarm.count == 1 ? "its" : "their") own, "
          + "most false alarms first", chart))\
      \(folded(groups.quiet, "without an incident of its own and without an alarm", chart))\
      </section>
      """
  }

  private func folded(
    _ timelines: [ReportContent.Timeline], _ what: String,
    _ chart: (ReportContent.Timeline) -> HTML
  ) -> HTML {
    guard !timelines.isEmpty else { return "" }
    let rest = timelines.count - Self.foldedLimit
    let remark: HTML = rest > 0 ? "<p class=\"note\">\(grouped(rest)) more are not drawn.</p>" : ""
    return """
      <details><summary>\(counted(timelines.count, "service")) \(what)</summary>
      \(timelines.prefix(Self.foldedLimit).map(chart))\
      \(remark)</details>

      """
  }
}
