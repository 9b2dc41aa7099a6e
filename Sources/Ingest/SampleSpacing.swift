/// Finds where the instants of a series, taken in ascending order, show that a clock was set or that
/// the scrape interval was changed.
///
/// Instants are regular after five distances in a row that differ by a tenth at most. When they are
/// regular again at another distance, the interval has changed. When they are regular again at the
/// same distance, but what lies between is no multiple of it (which missed scrapes would be), a clock
/// was set, or the scrape started afresh. Irregular instants show neither.
struct SampleSpacing {
  private static let regularRun = 5

  /// How often instants went on at another distance.
  private(set) var changes = 0
  /// How often instants went on at the same distance, but shifted.
  private(set) var shifts = 0
  /// The last instant.
  private var last: Int64?
  /// The distance at which instants were regular last; 0 before they were.
  private var regular: Int64 = 0
  /// The distance that the latest ones are like, and how many those are.
  private var candidate: Int64 = 0
  private var run = 0
  private var isShifted = false

  /// Takes the next instant, in milliseconds.
  @inline(__always)
  mutating func add(_ time: Int64) {
    defer { last = time }
    guard let last else { return }
    let distance = time &- last
    if abs(distance &- candidate) &* 10 <= candidate {
      run &+= 1
      if run == Self.regularRun { settle() }
    } else {
      leave(for: distance)
    }
  }

  private mutating func settle() {
    if regular > 0 {
      if abs(candidate - regular) * 10 > regular {
        changes += 1
      } else if isShifted {
        shifts += 1
      }
    }
    (regular, isShifted) = (candidate, false)
  }

  private mutating func leave(for distance: Int64) {
    (candidate, run) = (distance, 1)
    guard regular > 0 else { return }
    let rest = distance % regular
    if distance * 10 < regular * 9 || min(rest, regular - rest) * 10 > regular { isShifted = true }
  }
}
