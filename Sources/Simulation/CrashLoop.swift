internal import Telemetry

/// When a process that panics soon after every start is up.
///
/// Kubernetes starts it again after 10 s, and then after twice the last delay up to 5 min.
struct CrashLoop {
  /// What the loop does during a cell.
  struct Outcome: Equatable {
    /// Seconds after the first start at which a process panicked, or another was started.
    var panics: [Double] = []
    var starts: [Double] = []
    var secondsDown = 0.0
    /// How long the process has been up at the end of the cell; nil when it is down.
    var age: Double?
  }

  /// How long each process lives.
  static let life = 80.0
  private static let firstDelay = 10.0
  private static let longestDelay = 300.0

  /// The instant of the first start.
  var start: Timestamp
  /// When the loop is ended from outside.
  var end: Timestamp

  /// What happens in a cell. Outside of the loop the process counts as up.
  func outcome(in cell: TimeRange) -> Outcome {
    let (from, to) = ((cell.start - start).seconds, (cell.end - start).seconds)
    let last = (end - start).seconds
    var outcome = Outcome()
    var (begin, delay) = (0.0, Self.firstDelay)
    while begin < min(to, last) {
      let panic = begin + Self.life
      if panic < last {
        if panic > from, panic <= to { outcome.panics.append(panic) }
        outcome.secondsDown += max(0, min(panic + delay, to, last) - max(panic, from))
      }
      if to >= begin, to < panic { outcome.age = to - begin }
      begin = panic + delay
      if begin > from, begin <= to, begin < last { outcome.starts.append(begin) }
      delay = min(2 * delay, Self.longestDelay)
    }
    return outcome
  }
}
