/// Turns the readings of a local clock into instants, in the order in which they were written.
///
/// Where the clock is set back, an hour of readings occurs twice. The order decides: a reading is of
/// the first pass (in most places of summer time), unless that would lie more than ten seconds before
/// the reading before it; then the clock has been set back and it is of the second pass. A reading
/// that lies more than a day away says nothing about the order. So records must come oldest first;
/// a record of the second pass that comes before any step back is taken for the first.
///
/// Where the clock is set forward, an hour of readings does not occur. Such a reading is taken as if
/// the clock had not been set: 02:30 becomes 03:30.
public struct LocalTimeResolver: Sendable {
  /// What a reading stands for.
  public enum Meaning: Sendable {
    /// One instant.
    case unique
    /// Two instants, of which the order decided.
    case repeated
    /// No instant; it was shifted.
    case skipped
  }

  /// How far back a record may be for being late only, in milliseconds.
  private static let lateness: Int64 = 10_000
  private static let day: Int64 = 86_400

  /// The zone of the clock.
  public let zone: LocalZone
  /// The instant of the reading before, in milliseconds.
  private var previous: Int64?
  /// A day of the clock, counted from 1970-01-01, without a change of the offset.
  private var plainDay: (number: Int64, offset: Int64)?

  /// Makes a resolver for records that are yet to come.
  public init(_ zone: LocalZone) { self.zone = zone }

  /// The instant of a time that states its own offset, or else of a reading of the clock.
  public mutating func resolve(_ time: CivilTime) -> (time: Timestamp, meaning: Meaning) {
    if time.offset != nil {
      previous = time.timestamp.milliseconds
      return (time.timestamp, .unique)
    }
    return resolve(reading: time.milliseconds)
  }

  /// The instant of a reading.
  ///
  /// - Parameter reading: Milliseconds from 1970-01-01T00:00:00 on the clock, of a year from -9999 to
  ///   9999.
  public mutating func resolve(reading: Int64) -> (time: Timestamp, meaning: Meaning) {
    let (first, second, meaning) = instants(of: reading)
    var instant = first
    if let previous, let second, first < previous - Self.lateness,
      previous <= second + Self.day * 1000
    {
      instant = second
    }
    previous = instant
    return (Timestamp(milliseconds: instant), meaning)
  }

  /// The one or two instants of a reading, in ascending order.
  private mutating func instants(of reading: Int64) -> (Int64, Int64?, Meaning) {
    if let offset = zone.fixedOffset { return (reading - offset * 1000, nil, .unique) }
    let seconds = floored(reading, 1000)
    let number = floored(seconds, Self.day)
    if let plainDay, plainDay.number == number {
      return (reading - plainDay.offset * 1000, nil, .unique)
    }
    // No clock is more than a day from UTC, and none is set twice within three days.
    let before = zone.offset(at: (number - 1) * Self.day)
    let after = zone.offset(at: (number + 2) * Self.day)
    guard before != after else {
      plainDay = (number, before)
      return (reading - before * 1000, nil, .unique)
    }
    let isBefore = zone.offset(at: seconds - before) == before
    let isAfter = zone.offset(at: seconds - after) == after
    let (early, late) = (reading - before * 1000, reading - after * 1000)
    return switch (isBefore, isAfter) {
    case (true, true): (early, late, .repeated)
    case (false, true): (late, nil, .unique)
    case (true, false): (early, nil, .unique)
    case (false, false): (early, nil, .skipped)
    }
  }

  private func floored(_ number: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
