internal import Evaluation
internal import Telemetry

/// One service's scores with the incidents that concern it.
struct TimelineChart {
  /// More glyphs than this above one chart would cover each other.
  private static let glyphLimit = 40

  private let service: String
  private let path: ScorePath
  private let figures: ServiceResult?
  private let bands: [Band]
  private let report: HTMLReport
  private let range: TimeRange

  private struct Band {
    let incident: Incident
    let finding: Finding
  }

  init(
    _ timeline: ReportContent.Timeline, report: HTMLReport, figures: ServiceResult?, buckets: Int
  ) {
    service = timeline.service
    path = ScorePath(timeline.scores, buckets: buckets)
    self.figures = figures
    self.report = report
    range = report.result.plan.grid.range
    let outcomes = outcomesByIncident(report.primary)
    let tested = Set(report.result.incidents.map(\.id))
    bands = report.content.incidents
      .filter { $0.concerns(timeline.service) }
      .map { Band(incident: $0, finding: Finding($0, outcomes: outcomes, tested: tested)) }
  }

  var markup: HTML {
    """
    <figure id="chart-\(anchor(service))" data-start="\(String(range.start.milliseconds))" \
    data-end="\(String(range.end.milliseconds))"><figcaption><b>\(service)</b>\
    <span class="zoom" hidden><button type="button" data-by="left" title="earlier">◀</button>\
    <button type="button" data-by="in" title="zoom in">+</button>\
    <button type="button" data-by="out" title="zoom out">−</button>\
    <button type="button" data-by="right" title="later">▶</button>\
    <button type="button" class="zoom-reset" data-by="all" hidden>whole time</button></span>\
    <span>\(caption)</span></figcaption>
    <div class="splits">\(splitLabels)</div>
    <div class="lane">\(bands.count > Self.glyphLimit ? [] : bands.map(glyph))</div>
    <div class="plot"><svg viewBox="0 0 \(path.width) \(ScoreScale.height)" data-width="\(path.width)" \
    preserveAspectRatio="none" role="img" aria-label="Scores of \(service)">
    \(untestedTime)\(bands.map(rectangle))\(dividers)\
    <path class="grid" d="M0 \(ScoreScale.y(10))H\(path.width)"/>\
    <path class="area" d="\(path.area)"/><path class="line" d="\(path.line)"/>\
    <path class="alarms" d="\(path.alarms)"/>\
    <path class="limit" d="M0 \(ScoreScale.boundary)H\(path.width)"/>
    </svg>\(emptyRemark)</div>
    <div class="scale">\(scaleLabels)</div>
    <div class="axis">\(ticks)</div></figure>

    """
  }

  private var emptyRemark: HTML {
    path.line.isEmpty ? "<p class=\"empty\">no scores</p>" : ""
  }

  private var caption: String {
    guard let figures else { return "" }
    var parts = [counted(figures.falseAlarms, "false alarm")]
    if figures.ignoredNotifications > 0 {
      parts.append("\(grouped(figures.ignoredNotifications)) not judged")
    }
    if figures.coverage < 1 { parts.append("coverage \(percent(figures.coverage))") }
    if let area = figures.ranking.averagePrecision {
      parts.insert("AUC-PR \(fixed(area, 2))", at: 0)
    }
    return parts.joined(separator: " · ")
  }

  /// The place of an instant, within 0...1.
  private func share(_ time: Timestamp) -> Double {
    let length = Double(max(1, range.length.milliseconds))
    return min(1, max(0, Double((time - range.start).milliseconds) / length))
  }

  private func x(_ time: Timestamp) -> String { fixed(share(time) * Double(path.width), 1) }
  private func left(_ time: Timestamp) -> String { fixed(share(time) * 100, 2) }

  private func width(_ start: Timestamp, _ end: Timestamp) -> String {
    fixed((share(end) - share(start)) * Double(path.width), 1)
  }

  private func rectangle(_ band: Band) -> HTML {
    let incident = band.incident
    guard incident.start < range.end, incident.resolved > range.start else { return "" }
    return """
      <rect class="\(band.finding.word)" x="\(x(incident.start))" y="0" \
      width="\(width(incident.start, incident.resolved))" height="\(ScoreScale.height)">\
      <title>\(incident.id) \(incident.kind): \(band.finding.sentence)</title></rect>
      """
  }

  private func glyph(_ band: Band) -> HTML {
    let incident = band.incident
    guard incident.start < range.end, incident.resolved > range.start,
      let glyph = band.finding.glyph
    else { return "" }
    let middle = (share(incident.start) + share(incident.resolved)) / 2
    return """
      <span class="\(band.finding.word)" style="left:\(fixed(middle * 100, 2))%" \
      title="\(incident.id): \(band.finding.sentence)">\(glyph)</span>
      """
  }

  /// Shades what is not tested on.
  private var untestedTime: HTML {
    let tests = report.result.plan.test.sorted { $0.start < $1.start }
    var gaps: [TimeRange] = []
    var from = range.start
    for test in tests {
      if test.start > from { gaps.append(TimeRange(start: from, end: min(test.start, range.end))) }
      from = max(from, test.end)
      if from >= range.end { break }
    }
    if from < range.end { gaps.append(TimeRange(start: from, end: range.end)) }
    let rectangles: [HTML] = gaps.map {
      """
      <rect class="unused" x="\(x($0.start))" y="0" width="\(width($0.start, $0.end))" \
      height="\(ScoreScale.height)"></rect>
      """
    }
    return "\(rectangles)"
  }

  private var dividers: HTML {
    let starts = report.content.splits.flatMap(\.ranges).map(\.start)
      .filter { $0 > range.start && $0 < range.end }
    guard !starts.isEmpty else { return "" }
    let path: [HTML] = starts.map { "M\(x($0)) 0V\(ScoreScale.height)" }
    return "<path class=\"divider\" d=\"\(path)\"/>"
  }

  private var splitLabels: HTML {
    let labels: [HTML] = report.content.splits.flatMap { split in
      split.ranges.filter(range.overlaps).map { part -> HTML in
        let width = fixed((share(part.end) - share(part.start)) * 100, 2)
        return """
          <span style="left:\(left(part.start))%;width:\(width)%">\(split.name)</span>
          """
      }
    }
    return "\(labels)"
  }

  private var scaleLabels: HTML {
    let labels: [HTML] = [1, 10].map { score in
      let top = Double(ScoreScale.y(Float(score))) / Double(ScoreScale.height) * 100
      return "<span style=\"top:\(fixed(top, 1))%\">\(score)</span>"
    }
    return "\(labels)"
  }

  private var ticks: HTML {
    let ticks: [HTML] = TimeAxis(range).ticks.map {
      "<span style=\"left:\(fixed($0.position * 100, 2))%\">\($0.label)</span>"
    }
    return "\(ticks)"
  }
}
