internal import Telemetry

/// Turns the times that stand in one log, from its oldest line on, into instants.
struct LogClock {
  /// Days that a line may be late by.
  private static let lateness: Int64 = 2

  private var resolver: LocalTimeResolver
  private var currentYear: Int64?
  /// The latest date that lacked its year, in days since 1970.
  private var lastDay: Int64?
  /// What was assumed since this was last emptied.
  var remarks: [LogRemark] = []

  /// - Parameter year: The year of the first line; nil when times have theirs.
  init(zone: LocalZone, year: Int?) {
    resolver = LocalTimeResolver(zone)
    currentYear = year.map(Int64.init)
  }

  /// Whether the year of times without one is known.
  var hasYear: Bool { currentYear != nil }

  /// The instant of a time, in milliseconds since 1970.
  mutating func instant(_ time: CivilTime) -> Int64 {
    let (instant, meaning) = resolver.resolve(time)
    if meaning != .unique {
      let isRepeated = meaning == .repeated
      let reading = Timestamp(milliseconds: time.milliseconds).description.dropLast()
      remarks.append(
        LogRemark(
          reason: isRepeated ? "repeated_local_time" : "skipped_local_time",
          detail: "\(reading) \(isRepeated ? "occurs twice" : "does not occur") in "
            + "\(resolver.zone), taken for \(instant)"))
    }
    return instant.milliseconds
  }

  /// The year of a date that lacks it: that of the line before. Where dates go back by more than what
  /// a late line explains a year has begun, and the last days of a year behind the first ones of the
  /// next belong to a late line. Nil when the first line's year is not known.
  mutating func year(ofMonth month: Int64, day: Int64) -> Int64? {
    guard let year = currentYear else { return nil }
    guard (1...12).contains(month), (1...31).contains(day) else { return year }
    let date = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    guard let lastDay else {
      self.lastDay = date
      return year
    }
    let step = date - lastDay
    if step > 365 - Self.lateness { return year - 1 }
    if step >= -Self.lateness {
      self.lastDay = max(lastDay, date)
      return year
    }
    currentYear = year + 1
    self.lastDay = CivilDate(year: year + 1, month: month, day: day).daysSinceEpoch
    remarks.append(
      LogRemark(reason: "next_year", detail: "the dates start again, taken for \(year + 1)"))
    return year + 1
  }
}
