internal import Telemetry

/// What the values of a series, taken in ascending order of time, say about its kind where neither
/// metadata nor the configuration does.
///
/// Both signs are weak, so that they are only told: a level may happen to grow for days, and a total
/// may start afresh often.
struct SampleBehaviour {
  private var last: Double?
  private var rises = 0
  /// Falls to less than a tenth, as when a total starts afresh.
  private var restarts = 0
  /// Other falls.
  private var falls = 0
  private var isNegative = false

  /// Takes the next value.
  @inline(__always)
  mutating func add(_ value: Double) {
    defer { last = value }
    if value < 0 { isNegative = true }
    guard let last, value != last else { return }
    if value > last {
      rises &+= 1
    } else if value >= 0, value * 10 < last {
      restarts &+= 1
    } else {
      falls &+= 1
    }
  }

  /// Whether a level behaves like a total: at least 20 rises of values that are not negative, no
  /// fall but to nearly 0, and few of those.
  var looksLikeCounter: Bool {
    rises >= 20 && falls == 0 && !isNegative && restarts * 10 <= rises
  }

  /// Whether a total behaves like a level: at least 20 falls that end far from 0, and more of them
  /// than a fifth of all changes.
  var looksLikeGauge: Bool { falls >= 20 && falls * 5 > rises + restarts + falls }
}
