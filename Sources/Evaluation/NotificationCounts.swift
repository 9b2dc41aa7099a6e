/// The notifications of one service, by what they touch.
struct NotificationCounts {
  private(set) var hits = 0
  private(set) var falseAlarms = 0
  private(set) var ignored = 0

  /// Cuts runs of alarmed test cells into notifications of at most `longest` cells and counts them.
  init(_ scores: [Float], _ marks: [CellMark], longest: Int) {
    var length = 0
    var touched: CellMark = []
    for (score, mark) in zip(scores, marks) {
      if score >= alertBoundary, mark.contains(.test) {
        length += 1
        touched.formUnion(mark)
        if length < longest { continue }
      }
      if length > 0 { count(touched) }
      (length, touched) = (0, [])
    }
    if length > 0 { count(touched) }
  }

  private mutating func count(_ touched: CellMark) {
    if touched.contains(.window) {
      hits += 1
    } else if touched.contains(.neutral) {
      ignored += 1
    } else {
      falseAlarms += 1
    }
  }
}
