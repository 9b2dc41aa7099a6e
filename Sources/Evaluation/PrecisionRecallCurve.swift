/// The precision-recall curve of a detector over the cells of all services, thinned for drawing.
public struct PrecisionRecallCurve: Hashable, Sendable {
  /// What alarming from a score on would give.
  public struct Point: Hashable, Sendable {
    /// The score from which on cells alarm.
    public var score: Float
    /// The share of positive cells that alarm.
    public var recall: Double
    /// The share of alarmed cells that are positive.
    public var precision: Double
  }

  /// The detector's name.
  public var detector: String
  /// By ascending recall; nothing is interpolated, every point is a threshold's. The points are the
  /// first threshold to reach each hundredth of recall, and the one at the alert boundary.
  public var points: [Point]
  /// The point of the alert boundary; nil where no cell reaches it.
  public var atBoundary: Point?
}

extension RankedCells {
  /// The curve; empty without a positive cell.
  func curve(steps: Int = 100) -> (points: [PrecisionRecallCurve.Point], atBoundary: Int?) {
    var points: [PrecisionRecallCurve.Point] = []
    var boundary: Int?
    var (next, last): (Int, PrecisionRecallCurve.Point?) = (1, nil)
    forEachStep { score, alarmed, found in
      let point = PrecisionRecallCurve.Point(
        score: score, recall: Double(found) / Double(positives),
        precision: Double(found) / Double(alarmed))
      // The last step that still alarms is the boundary's own point.
      if score < alertBoundary, boundary == nil, let before = last, before.score >= alertBoundary {
        if points.last != before { points.append(before) }
        boundary = points.count - 1
      }
      if found * steps >= next * positives {
        points.append(point)
        next = found * steps / max(1, positives) + 1
      }
      last = point
    }
    if boundary == nil, let last, last.score >= alertBoundary {
      if points.last != last { points.append(last) }
      boundary = points.count - 1
    }
    return (points, boundary)
  }
}

extension PrecisionRecallCurve {
  /// The curve of a detector; without points when nothing is positive.
  init(_ detector: DetectorScores, marks: CellMarks) {
    var keys: [UInt32] = []
    for (service, cells) in zip(detector.services, marks.services) {
      for (score, mark) in zip(service.scores, cells) where mark.isRanked && !score.isNaN {
        keys.append(RankedCells.key(score: score, positive: mark.contains(.positive)))
      }
    }
    let ranked = RankedCells(keys: keys)
    guard ranked.positives > 0 else {
      self.init(detector: detector.name, points: [], atBoundary: nil)
      return
    }
    let (points, boundary) = ranked.curve()
    self.init(detector: detector.name, points: points, atBoundary: boundary.map { points[$0] })
  }
}
