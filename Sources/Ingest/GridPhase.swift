internal import Telemetry

/// Where the instants of samples lie within the interval, in memory that does not grow with them.
///
/// Offsets closer than 1/65,536 of the interval count as one.
struct OffsetTally {
  private let step: Int64
  private let width: Int64
  private var lowest: [Int64]
  private var highest: [Int64]
  private var last: (time: Int64, offset: Int64) = (0, -1)

  /// Makes an empty tally.
  ///
  /// - Precondition: `interval` is positive.
  init(interval: TimeSpan) {
    step = interval.milliseconds
    width = max(1, (step + 65_535) / 65_536)
    let buckets = Int((step + width - 1) / width)
    lowest = [Int64](repeating: .max, count: buckets)
    highest = [Int64](repeating: -1, count: buckets)
  }

  /// Adds an instant. One soon after the one before, as most are, costs no division.
  @inline(__always)
  mutating func add(_ time: Int64) {
    let distance = time &- last.time
    var offset: Int64
    if last.offset >= 0, 0...step ~= distance {
      offset = last.offset + distance
      if offset >= step { offset -= step }
      if offset == last.offset {
        last.time = time
        return
      }
    } else {
      offset = ((time % step) + step) % step
    }
    last = (time, offset)
    let bucket = Int(width == 1 ? offset : offset / width)
    lowest[bucket] = min(lowest[bucket], offset)
    highest[bucket] = max(highest[bucket], offset)
  }

  /// Adds instants that are `distance` apart, which is positive: after a while they repeat.
  mutating func add(_ times: ArraySlice<Int64>, step distance: Int64) {
    var (a, b) = (step, distance)
    while b != 0 { (a, b) = (b, a % b) }
    for time in times.prefix(Int(step / a)) { add(time) }
  }

  /// Where the cells of a grid end within the interval, in milliseconds from 0 to below the interval.
  ///
  /// Scrapes come at the interval's pace with some jitter, so their offsets modulo the interval form
  /// a cluster. Cells end at the last offset before the widest gap on the circle of offsets: no
  /// cluster is cut, and for an export on an exact grid cells end at the sample times themselves.
  /// Of equally wide gaps the one after the smallest offset is taken. When no gap reaches a tenth of
  /// the interval there is no cluster, and cells end at multiples of the interval since 1970.
  var phase: Int64 {
    let used = lowest.indices.filter { highest[$0] >= 0 }
    guard let first = used.first else { return 0 }
    var best: (gap: Int64, end: Int64) = (-1, 0)
    for (index, bucket) in used.enumerated() {
      let next = index + 1 < used.count ? lowest[used[index + 1]] : lowest[first] + step
      let gap = next - highest[bucket]
      if gap > best.gap { best = (gap, highest[bucket]) }
    }
    return best.gap * 10 >= step ? best.end : 0
  }
}

/// The grid of whole intervals, ending at `phase`, that covers a span of instants.
///
/// - Parameters:
///   - start: Cells that begin earlier are left out.
///   - end: Cells that end later are left out.
func grid(
  covering span: ClosedRange<Int64>, phase: Int64, interval: TimeSpan, start: Timestamp?,
  end: Timestamp?
) -> TimeGrid {
  let step = interval.milliseconds
  let cellEnd = { (time: Int64) in
    let shifted = time - phase
    let cells = shifted > 0 ? (shifted + step - 1) / step : -(-shifted / step)
    return cells * step + phase
  }
  var first = cellEnd(span.lowerBound)
  var last = cellEnd(span.upperBound)
  if let start, first - step < start.milliseconds { first = cellEnd(start.milliseconds + step) }
  if let end, last > end.milliseconds {
    last = cellEnd(end.milliseconds)
    if last > end.milliseconds { last -= step }
  }
  return TimeGrid(
    first: Timestamp(milliseconds: first), interval: interval,
    count: last < first ? 0 : Int((last - first) / step) + 1)
}
