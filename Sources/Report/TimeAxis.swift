package import Telemetry

/// Instants with round names along a stretch of time.
package struct TimeAxis {
  package struct Tick {
    /// Within 0...1.
    package let position: Double
    package let label: String
  }

  package let ticks: [Tick]

  private static let steps: [TimeSpan] =
    [.seconds(1), .seconds(5), .seconds(15), .minutes(1), .minutes(5), .minutes(15)]
    + [.minutes(30), .hours(1), .hours(2), .hours(3), .hours(6), .hours(12)]
    + [1, 2, 7, 14, 28, 91, 182, 364, 1820, 9100, 91_000].map { .days($0) }

  /// Names at most `limit` + 1 instants of a range.
  package init(_ range: TimeRange, limit: Int64 = 6) {
    let length = range.length.milliseconds
    guard length > 0, let last = Self.steps.last else {
      ticks = []
      return
    }
    let step = Self.steps.first { $0.milliseconds * limit >= length } ?? last
    let stride = step.milliseconds
    let start = range.start.milliseconds
    var time = start - (start % stride + stride) % stride
    if time < start { time += stride }
    var ticks: [Tick] = []
    while time <= range.end.milliseconds {
      ticks.append(
        Tick(
          position: Double(time - start) / Double(length),
          label: Self.label(Timestamp(milliseconds: time), step: step)))
      time += stride
    }
    self.ticks = ticks
  }

  /// The date at midnight, else the time of day.
  private static func label(_ time: Timestamp, step: TimeSpan) -> String {
    let text = time.description
    let date = text.prefix(10)
    guard step < .days(1), time.milliseconds % 86_400_000 != 0 else {
      return String(step >= .days(182) ? date.prefix(7) : date.dropFirst(5))
    }
    return String(text.dropFirst(11).prefix(step < .minutes(1) ? 8 : 5))
  }
}
