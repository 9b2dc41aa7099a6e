internal import Evaluation

/// The outline of a score over time as an SVG path.
///
/// Cells fall into buckets of equal number, one per unit of x, and each bucket shows its highest
/// score: a single alarmed cell among ten thousand stays visible. A bucket without scores is a gap.
package struct ScorePath {
  /// Units of x.
  package let width: Int
  /// The line; empty without scores.
  package private(set) var line = ""
  /// The line closed along the bottom, to fill.
  package private(set) var area = ""
  /// Level strokes along the bottom below buckets with an alarm: a score of 1.01 is one and hardly
  /// differs from 0.99 in height.
  package private(set) var alarms = ""
  private var openedAt: Int?
  private var alarmedAt: Int?
  private var level = 0

  /// Draws scores, of which NaN are absent.
  ///
  /// - Parameter buckets: The most units of x; positive.
  package init(_ scores: [Float], buckets: Int) {
    width = max(1, min(scores.count, buckets))
    for bucket in 0..<width {
      let cells = scores[bucket * scores.count / width..<(bucket + 1) * scores.count / width]
      let highest = cells.lazy.filter { !$0.isNaN }.max()
      if let highest {
        extend(to: ScoreScale.y(highest), at: bucket)
      } else {
        close(at: bucket)
      }
      mark(isAlarm: (highest ?? 0) >= alertBoundary, at: bucket)
    }
    close(at: width)
    mark(isAlarm: false, at: width)
  }

  private mutating func mark(isAlarm: Bool, at x: Int) {
    if isAlarm {
      alarmedAt = alarmedAt ?? x
    } else if let start = alarmedAt {
      alarms += "M\(start) \(ScoreScale.height - 4)H\(x)"
      alarmedAt = nil
    }
  }

  private mutating func extend(to y: Int, at x: Int) {
    if openedAt == nil {
      openedAt = x
      line += "M\(x) \(y)"
      area += "M\(x) \(ScoreScale.height)V\(y)"
    } else if y != level {
      line += "H\(x)V\(y)"
      area += "H\(x)V\(y)"
    }
    level = y
  }

  private mutating func close(at x: Int) {
    guard openedAt != nil else { return }
    line += "H\(x)"
    area += "H\(x)V\(ScoreScale.height)Z"
    openedAt = nil
  }
}
