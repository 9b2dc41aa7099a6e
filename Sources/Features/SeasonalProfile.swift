internal import LinearAlgebra
internal import Telemetry

/// What a channel usually is at an hour of the day and on a day of the week (UTC): medians of its
/// scaled values over the fit window.
public struct SeasonalProfile: Hashable, Sendable {
  /// Fitted cells that an hour or a day needs to have an expectation of its own; others expect 0,
  /// the channel's median.
  static let fewestCells = 3

  /// Medians by hour, [24].
  public var hours: [Float]
  /// Medians by day of the week from Monday, [7].
  public var days: [Float]

  /// Makes a profile from its parts.
  ///
  /// - Precondition: 24 hours and 7 days.
  public init(hours: [Float], days: [Float]) {
    precondition(hours.count == 24 && days.count == 7, "\(hours.count) hours, \(days.count) days")
    (self.hours, self.days) = (hours, days)
  }

  /// Fits a profile.
  ///
  /// - Parameters:
  ///   - values: The channel's scaled values, [cells]; NaN are left out.
  ///   - times: The cells' instants.
  ///   - isFitted: Per cell, whether it belongs to the fit window.
  init(fitting values: [Float], times: [Timestamp], isFitted: [Bool]) {
    var hours = Array(repeating: [Double](), count: 24)
    var days = Array(repeating: [Double](), count: 7)
    for index in values.indices where isFitted[index] && !values[index].isNaN {
      let (hour, day) = Self.season(of: times[index])
      hours[hour].append(Double(values[index]))
      days[day].append(Double(values[index]))
    }
    func median(_ values: [Double]) -> Float {
      values.count < Self.fewestCells ? 0 : Float(quantile(ofSorted: values.sorted(), 0.5))
    }
    self.init(hours: hours.map(median), days: days.map(median))
  }

  /// What is expected of a cell.
  func expected(at time: Timestamp) -> (hour: Float, day: Float) {
    let (hour, day) = Self.season(of: time)
    return (hours[hour], days[day])
  }

  /// The hour and the day that a cell belongs to: those of the moment before its end.
  private static func season(of time: Timestamp) -> (hour: Int, day: Int) {
    let last = time.milliseconds - 1
    func floored(by unit: Int64) -> Int64 {
      let (quotient, remainder) = last.quotientAndRemainder(dividingBy: unit)
      return remainder < 0 ? quotient - 1 : quotient
    }
    func wrapped(_ value: Int64, _ count: Int64) -> Int { Int((value % count + count) % count) }
    // The epoch's first day was a Thursday.
    return (wrapped(floored(by: 3_600_000), 24), wrapped(floored(by: 86_400_000) + 3, 7))
  }
}
