/// One notification: a run of alarmed test cells, of at most the longest length.
struct Notification {
  /// Its first cell.
  let start: Int
  /// What its cells touch.
  let touched: CellMark

  /// Whether an incident is what it is about.
  var isHit: Bool { touched.contains(.window) }
  /// Whether it is about nothing.
  var isFalse: Bool { !isHit && !touched.contains(.neutral) }
}

/// Cuts runs of alarmed test cells of one service into notifications of at most `longest` cells.
func notifications(_ scores: [Float], _ marks: [CellMark], longest: Int) -> [Notification] {
  var notifications: [Notification] = []
  var (length, touched) = (0, CellMark())
  func end(before cell: Int) {
    if length > 0 {
      notifications.append(Notification(start: cell - length, touched: touched))
    }
    (length, touched) = (0, [])
  }
  for (cell, (score, mark)) in zip(scores, marks).enumerated() {
    if score >= alertBoundary, mark.contains(.test) {
      length += 1
      touched.formUnion(mark)
      if length == longest { end(before: cell + 1) }
    } else {
      end(before: cell)
    }
  }
  end(before: min(scores.count, marks.count))
  return notifications
}

/// The notifications of one service, by what they touch.
struct NotificationCounts {
  let hits: Int
  let falseAlarms: Int
  let ignored: Int

  /// Counts notifications of at most `longest` cells.
  init(_ scores: [Float], _ marks: [CellMark], longest: Int) {
    let all = notifications(scores, marks, longest: longest)
    hits = all.count { $0.isHit }
    falseAlarms = all.count { $0.isFalse }
    ignored = all.count - hits - falseAlarms
  }
}
