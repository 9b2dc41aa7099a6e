internal import Telemetry

/// Cuts the time of a grid into slices that hold few enough lines to be sorted in memory.
struct TimeSlices {
  /// Stretches that lines are counted by.
  private static let stretches: Int64 = 65_536

  private let start: Int64
  private let end: Int64
  /// Milliseconds of a stretch.
  private let width: Int64
  private var counts: [Int]

  init(of grid: TimeGrid) {
    start = grid.range.start.milliseconds + 1
    end = grid.range.end.milliseconds + 1
    width = max(1, (end - start + Self.stretches - 1) / Self.stretches)
    counts = [Int](repeating: 0, count: Int((end - start + width - 1) / width))
  }

  /// Notes a line.
  ///
  /// - Precondition: The instant lies on the grid.
  mutating func count(_ time: Int64) { counts[Int((time - start) / width)] += 1 }

  /// Ranges of milliseconds in ascending order that hold all lines, each at most `limit` of them, or
  /// those of a single stretch.
  func ranges(limit: Int) -> [Range<Int64>] {
    var ranges: [Range<Int64>] = []
    var (first, lines) = (0, 0)
    func cut(at stretch: Int) {
      guard lines > 0 else { return }
      ranges.append(start + Int64(first) * width..<min(end, start + Int64(stretch) * width))
    }
    for (stretch, count) in counts.enumerated() {
      if lines + count > limit, lines > 0 {
        cut(at: stretch)
        (first, lines) = (stretch, 0)
      }
      lines += count
    }
    cut(at: counts.count)
    return ranges
  }
}
