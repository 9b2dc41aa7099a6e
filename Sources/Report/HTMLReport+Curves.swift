internal import Evaluation
internal import Telemetry

extension HTMLReport {
  /// Curves drawn at most: more would cover each other.
  private static let mostCurves = 5
  private static let side = 320

  /// Precision against recall, of the primary row and of the best others.
  var curves: HTML {
    guard let detail = content.findings?.detail else { return "" }
    let areas = Dictionary(
      result.rows.map { ($0.name, $0.ranking.averagePrecision ?? 0) },
      uniquingKeysWith: { first, _ in first })
    let drawn = detail.curves.filter { !$0.points.isEmpty }.sorted {
      let (a, b) = (
        $0.detector == primary.name ? 2 : areas[$0.detector] ?? 0,
        $1.detector == primary.name ? 2 : areas[$1.detector] ?? 0
      )
      return (b, $0.detector) < (a, $1.detector)
    }.prefix(Self.mostCurves)
    guard !drawn.isEmpty else { return "" }
    let lines: [HTML] = drawn.enumerated().map { index, curve in
      "<path class=\"curve c\(index)\" d=\"\(path(curve))\"/>\(boundary(curve, index))"
    }
    let legend: [HTML] = drawn.enumerated().map { index, curve in
      """
      <li><i class="c\(index)"></i>\(curve.detector) <span>\(fixed(areas[curve.detector], 3))</span></li>
      """
    }
    return """
      <section>
      <h2>Precision and recall</h2>
      <p class="note">Over the scored cells of all services, at every threshold; nothing is \
      interpolated. A dot is the alert boundary, the dashed line the prevalence, which random scores \
      reach. \(detail.curves.count > drawn.count ? "The best \(drawn.count) of \(detail.curves.count) rows." : "")</p>
      <div class="curves"><svg viewBox="-34 -8 \(Self.side + 46) \(Self.side + 42)" role="img" \
      aria-label="Precision-recall curves">
      \(frame)\(prevalenceLine)\(lines)</svg>
      <ul class="keys">\(legend)</ul></div>
      </section>
      """
  }

  private func x(_ recall: Double) -> String { fixed(recall * Double(Self.side), 1) }
  private func y(_ precision: Double) -> String { fixed((1 - precision) * Double(Self.side), 1) }

  private func path(_ curve: PrecisionRecallCurve) -> HTML {
    let steps: [HTML] = curve.points.enumerated().map { index, point in
      "\(index == 0 ? "M" : "L")\(x(point.recall)) \(y(point.precision))"
    }
    return "\(steps)"
  }

  private func boundary(_ curve: PrecisionRecallCurve, _ index: Int) -> HTML {
    guard let point = curve.atBoundary else { return "" }
    return """
      <circle class="c\(index)" cx="\(x(point.recall))" cy="\(y(point.precision))" r="4.5">\
      <title>\(curve.detector) at its boundary: recall \(fixed(point.recall, 2)), precision \
      \(fixed(point.precision, 2))</title></circle>
      """
  }

  private var prevalenceLine: HTML {
    guard let prevalence = primary.ranking.prevalence else { return "" }
    return "<path class=\"limit\" d=\"M0 \(y(prevalence))H\(Self.side)\"/>"
  }

  private var frame: HTML {
    let ticks: [HTML] = [0, 0.25, 0.5, 0.75, 1].map { share in
      """
      <path class="grid" d="M0 \(y(share))H\(Self.side)M\(x(share)) 0V\(Self.side)"/>\
      <text class="tick" x="-6" y="\(y(share))" dy="4" text-anchor="end">\(fixed(share, 2))</text>\
      <text class="tick" x="\(x(share))" y="\(Self.side + 16)" text-anchor="middle">\
      \(fixed(share, 2))</text>
      """
    }
    return """
      \(ticks)<text class="tick" x="\(Self.side / 2)" y="\(Self.side + 31)" text-anchor="middle">\
      recall of cells</text>
      """
  }
}
