/// Finds where the instants of a series, taken in ascending order, show that a clock was set or that
/// the scrape interval was changed.
///
/// Instants are regular after five distances in a row that differ by a tenth at most. When they are
/// regular again at another distance, the interval has changed. When they are regular again at the
/// same distance, but what lies between is no multiple of it (which missed scrapes would be), a clock
/// was set, or the scrape started afresh. Irregular instants show neither.
struct SampleSpacing {
  private static let regularRun: Int64 = 5

  /// How often instants went on at another distance.
  private(set) var changes = 0
  /// How often instants went on at the same distance, but shifted.
  private(set) var shifts = 0
  /// The last instant.
  private var last: Int64?
  /// The mean distance at which instants were regular last, 0 before they were, and by how much it
  /// may be wrong.
  private var regular: (distance: Int64, error: Int64) = (0, 0)
  /// The distance that the latest ones are like, how many those are, how far they differ from it, and
  /// the instant before them.
  private var candidate: Int64 = 0
  private var run: Int64 = 0
  private var deviation: Int64 = 0
  private var start: Int64 = 0
  private var isShifted = false

  /// Takes the next instant, in milliseconds.
  @inline(__always)
  mutating func add(_ time: Int64) {
    defer { last = time }
    guard let last else { return }
    let distance = time &- last
    let difference = abs(distance &- candidate)
    if difference &* 10 <= candidate {
      run &+= 1
      deviation = max(deviation, difference)
      if run == Self.regularRun { settle() }
    } else {
      leave(for: distance, at: last)
    }
  }

  private mutating func settle() {
    if regular.distance > 0 {
      if abs(candidate - regular.distance) * 10 > regular.distance {
        changes += 1
      } else if isShifted {
        shifts += 1
      }
    }
    (regular, isShifted) = ((candidate, deviation), false)
  }

  private mutating func leave(for distance: Int64, at time: Int64) {
    if run >= Self.regularRun {
      // Jitter counts at both ends of the run only.
      regular = ((time - start) / run, (2 * deviation + run - 1) / run)
    }
    (candidate, run, deviation, start) = (distance, 1, 0, time)
    guard regular.distance > 0 else { return }
    let steps = (distance + regular.distance / 2) / regular.distance
    let allowed = regular.distance / 10 + steps * regular.error
    if steps == 0 || abs(distance - steps * regular.distance) > allowed { isShifted = true }
  }
}
