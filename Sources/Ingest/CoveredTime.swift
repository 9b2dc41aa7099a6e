internal import Telemetry

/// The time that what was read covers, and whose the two ends are.
struct CoveredTime {
  /// An end.
  struct End {
    /// Milliseconds since 1970.
    var time: Int64
    /// The number of the series, or of the service whose logs these are.
    var owner: Int
    /// The number of the file.
    var file: Int
  }

  /// The earliest instant.
  private(set) var first = End(time: .max, owner: 0, file: 0)
  /// The latest instant.
  private(set) var last = End(time: .min, owner: 0, file: 0)

  /// Both instants; nil when there is none.
  var span: ClosedRange<Int64>? { first.time <= last.time ? first.time...last.time : nil }

  /// Adds an instant.
  mutating func add(_ time: Int64, owner: Int, file: Int) {
    if time < first.time { first = End(time: time, owner: owner, file: file) }
    if time > last.time { last = End(time: time, owner: owner, file: file) }
  }

  /// The end that lies farther from where most of the data is.
  ///
  /// - Parameter middles: An instant from the midst of each series.
  func farEnd(middles: [Int64]) -> End {
    guard !middles.isEmpty else { return last }
    let middle = middles.sorted()[middles.count / 2]
    return middle - first.time > last.time - middle ? first : last
  }
}

/// The instants that a sample or a log line may have.
struct InstantBounds {
  let range: ClosedRange<Int64>

  init(_ limits: IngestLimits) {
    range = limits.earliest.milliseconds...limits.latest.milliseconds
  }

  /// Whether an instant lies within the bounds.
  func holds(_ time: Int64) -> Bool { range.contains(time) }

  /// Refuses an instant outside of the bounds before any grid is laid over it.
  ///
  /// - Parameters:
  ///   - owner: What has the instant: `series 'up'`.
  ///   - line: The line in the file, where it is known.
  @inline(__always)
  func check(
    _ time: Int64, of owner: @autoclosure () -> String, path: String, line: Int?
  ) throws(IngestError) {
    guard !range.contains(time) else { return }
    throw .strayInstant(
      place: line.map { "\(path):\($0)" } ?? path, owner: owner(),
      instant: Timestamp(milliseconds: time), earliest: Timestamp(milliseconds: range.lowerBound),
      latest: Timestamp(milliseconds: range.upperBound))
  }
}

/// A number of milliseconds as a whole one; what no 64 bits hold becomes an instant far outside of
/// all bounds.
///
/// - Precondition: Not NaN.
func wholeMilliseconds(_ milliseconds: Double) -> Int64 {
  Int64(min(max(milliseconds, -9e18), 9e18).rounded())
}
