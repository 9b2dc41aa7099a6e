internal import LinearAlgebra
public import Telemetry

/// What a channel usually is at a time of the day (UTC), in quarters of an hour: medians of its scaled
/// values over the fit window.
///
/// It is taken off the channel before anything is computed from it, so that a peak that comes every
/// day hides none that does not, and its absence is seen. A channel gets a course only when the
/// course of the first half of its fit window brings the second half nearer to its median.
public struct DailyCourse: Hashable, Sendable {
  /// Quarters of an hour in a day.
  static let count = 96
  /// Days of fitted values that a course needs.
  static let fewestDays = 4.0
  /// Fitted cells that a time of the day needs, together with the quarters beside it; others expect
  /// 0, the channel's median.
  static let fewestCells = 3
  /// A course is worth having when it leaves at most this share of the mean distance to the median.
  static let leastGain = 0.9

  /// Medians from midnight on, [96], finite.
  public var quarters: [Float]

  /// Makes a course from its parts.
  ///
  /// - Precondition: 96 quarters.
  public init(quarters: [Float]) {
    precondition(quarters.count == Self.count, "\(quarters.count) quarters")
    self.quarters = quarters
  }

  /// Fits a course; nil when there are too few days, or when it would not help.
  ///
  /// - Parameters:
  ///   - values: The channel's scaled values, [cells]; NaN are left out.
  ///   - times: The cells' instants.
  ///   - isFitted: Per cell, whether it belongs to the fit window.
  ///   - interval: The distance between cells.
  init?(fitting values: [Float], times: [Timestamp], isFitted: [Bool], interval: TimeSpan) {
    let cells = values.indices.filter { isFitted[$0] && !values[$0].isNaN }
    let days = Double(cells.count) * Double(interval.milliseconds) / 86_400_000
    guard days >= Self.fewestDays else { return nil }
    let quarters = times.map(Self.quarter)
    func course(_ cells: ArraySlice<Int>) -> [Float] {
      var found = Array(repeating: [Double](), count: Self.count)
      for cell in cells { found[quarters[cell]].append(Double(values[cell])) }
      return found.indices.map { quarter in
        let before = found[(quarter + Self.count - 1) % Self.count]
        let near = before + found[quarter] + found[(quarter + 1) % Self.count]
        return near.count < Self.fewestCells ? 0 : Float(quantile(ofSorted: near.sorted(), 0.5))
      }
    }
    let (first, second) = (cells[..<(cells.count / 2)], cells[(cells.count / 2)...])
    let earlier = course(first)
    let plain = second.map { Double(values[$0]) }
    let rest = second.map { Double(values[$0] - earlier[quarters[$0]]) }
    guard meanDistance(rest) <= Self.leastGain * meanDistance(plain) else { return nil }
    let whole = course(cells[...])
    guard whole.contains(where: { $0 != 0 }) else { return nil }
    self.init(quarters: whole)
  }

  /// What is expected of a cell, in units of the channel's scale.
  func expected(at time: Timestamp) -> Float { quarters[Self.quarter(of: time)] }

  /// The quarter of an hour that a cell belongs to: that of the moment before its end.
  private static func quarter(of time: Timestamp) -> Int {
    let day: Int64 = 86_400_000
    let inDay = ((time.milliseconds - 1) % day + day) % day
    return Int(inDay / (day / Int64(count)))
  }
}

/// The mean distance of values to their median; 0 of none.
private func meanDistance(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let median = quantile(ofSorted: values.sorted(), 0.5)
  return values.reduce(0) { $0 + abs($1 - median) } / Double(values.count)
}

extension ServiceFeatureModel {
  /// A channel's scaled value without its usual course of the day.
  func withoutCourse(_ value: Float, channel: Int, time: Timestamp) -> Float {
    guard !courses.isEmpty, let course = courses[channel] else { return value }
    return value - course.expected(at: time)
  }

  /// What the course of the day adds to a channel at an instant, in the channel's own unit.
  public func course(ofChannel channel: Int, at time: Timestamp) -> Double {
    guard !courses.isEmpty, let course = courses[channel] else { return 0 }
    return Double(course.expected(at: time)) * channelScaling[channel].scale
  }
}
