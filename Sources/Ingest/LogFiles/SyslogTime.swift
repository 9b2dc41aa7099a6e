internal import Telemetry

/// The time at the beginning of a line in the form of RFC 3164.
enum SyslogTime {
  /// A time was taken.
  case time(CivilTime)
  /// There is a date without its year, which is not known.
  case noYear
  /// There is something like a time that is none.
  case invalid
  /// There is no time.
  case none

  /// Takes `Jan  1 00:00:00`, with a year behind the day or a fraction as some devices write, or an
  /// instant of RFC 3339, and the blanks behind it.
  ///
  /// - Parameters:
  ///   - hasYear: Whether the year of a date without one is known.
  ///   - year: The year of a date.
  static func take(
    _ rest: inout ArraySlice<UInt8>, hasYear: Bool, year: (Int64, Int64) -> Int64?
  ) -> SyslogTime {
    // Devices mark a clock that is not set by an asterisk or a point.
    if rest.first == 0x2A || rest.first == 0x2E { rest.removeFirst() }
    var words = rest
    guard let first = takeWord(&words) else { return .none }
    if let digit = first.first, digit >= 0x30, digit <= 0x39 {
      guard first.count >= 16, let time = CivilTime(rfc3339: Array(first)) else { return .invalid }
      rest = words
      return .time(time)
    }
    guard let month = CivilDate.month(named: first), first.count == 3,
      let day = takeWord(&words).flatMap({ decimal($0, atMost: 2) }),
      var clock = takeWord(&words)
    else { return .none }
    var written: Int64?
    if let number = decimal(clock, atMost: 4), clock.count == 4 {
      guard let next = takeWord(&words) else { return .none }
      (written, clock) = (number, next)
    }
    if clock.last == 0x3A { clock.removeLast() }
    guard written != nil || hasYear else {
      return CivilTime(year: 2000, month: month, day: day, clock: clock) == nil ? .invalid : .noYear
    }
    guard let year = written ?? year(month, day),
      let time = CivilTime(year: year, month: month, day: day, clock: clock)
    else { return .invalid }
    rest = words
    return .time(time)
  }
}

/// Takes a word and the blanks behind it; nil when there is none.
func takeWord(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
  let word = rest.prefix { $0 != 0x20 }
  guard !word.isEmpty else { return nil }
  rest = rest[word.endIndex...].drop { $0 == 0x20 }
  return word
}

/// A number of so many digits at most; nil when it is none.
func decimal(_ text: ArraySlice<UInt8>, atMost digits: Int) -> Int64? {
  guard (1...digits).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) })
  else { return nil }
  return text.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
}
