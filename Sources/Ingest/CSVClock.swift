internal import Telemetry

/// Reads the instants of a table.
struct CSVClock {
  /// What a field says.
  enum Reading {
    /// Milliseconds since 1970.
    case instant(Int64)
    /// A date and a time of day.
    case civil(CivilTime)
  }

  private let format: CSVSource.TimeFormat
  private let pattern: TimePattern?
  private let zone: LocalZone
  /// By what rows are in the order of time for.
  private var resolvers: [[String]: LocalTimeResolver] = [:]

  init(_ source: CSVSource) {
    (format, pattern, zone) = (source.timeFormat, source.timePattern, source.timeZone)
  }

  /// Reads a field; nil when it has another form.
  func read(_ text: String) -> Reading? {
    if let pattern {
      return pattern.read(Array(text.utf8)[...]) { _, _ in nil }.map(Reading.civil)
    }
    if format == .rfc3339 || format == .auto && text.dropFirst().utf8.contains(0x2D) {
      return CivilTime(rfc3339: text).map(Reading.civil)
    }
    return instant(text, format).map(Reading.instant)
  }

  /// The instant that a field says.
  ///
  /// - Parameter owner: Whose row it is: an hour that occurs twice is told apart by the order of rows
  ///   of one owner.
  /// - Returns: Milliseconds since 1970, with the reason to note when the clock did not say it alone.
  mutating func resolve(
    _ reading: Reading, of owner: [String]
  ) -> (time: Int64, remark: String?) {
    switch reading {
    case .instant(let time): return (time, nil)
    case .civil(let time):
      if zone == .utc || time.offset != nil { return (time.timestamp.milliseconds, nil) }
      let (instant, meaning) = resolvers[owner, default: LocalTimeResolver(zone)].resolve(time)
      switch meaning {
      case .unique: return (instant.milliseconds, nil)
      case .repeated: return (instant.milliseconds, "repeated_local_time")
      case .skipped: return (instant.milliseconds, "skipped_local_time")
      }
    }
  }
}

/// An instant in milliseconds since 1970; nil when the text has another form. Without a zone it is
/// UTC. Whether it makes sense is left to `InstantBounds`.
func instant(_ text: String, _ format: CSVSource.TimeFormat) -> Int64? {
  switch format {
  case .auto:
    if text.dropFirst().utf8.contains(0x2D) { return instant(text, .rfc3339) }
    guard let number = Double(text) else { return nil }
    return instant(text, number.magnitude >= 1e11 ? .unixMilliseconds : .unixSeconds)
  case .rfc3339: return Timestamp(rfc3339: text)?.milliseconds
  case .unixSeconds, .unixMilliseconds:
    guard let number = Double(text), number.isFinite else { return nil }
    return wholeMilliseconds(format == .unixSeconds ? number * 1000 : number)
  }
}
