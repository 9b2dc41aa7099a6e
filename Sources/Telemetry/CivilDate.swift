/// A day of the proleptic Gregorian calendar.
///
/// Conversions follow Hinnant, "chrono-compatible low-level date algorithms" (2013): years begin in
/// March, so that the leap day is the last day of its year.
public struct CivilDate: Hashable, Sendable {
  /// Astronomical year number.
  public var year: Int64
  /// 1 to 12.
  public var month: Int64
  /// 1 to 31.
  public var day: Int64

  /// Makes a date from its parts, which must form a day of the calendar.
  public init(year: Int64, month: Int64, day: Int64) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// Makes the date a number of days after 1970-01-01.
  public init(daysSinceEpoch: Int64) {
    let shifted = daysSinceEpoch + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to this date.
  public var daysSinceEpoch: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  static func days(inMonth month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  /// The month with an English name, whole or its first three letters, in any case; from 1.
  public static func month(named name: ArraySlice<UInt8>) -> Int64? {
    index(of: name, in: months).map { Int64($0 + 1) }
  }

  /// The index of the name that a word is, whole or in its first three letters, in any case.
  static func index(of word: ArraySlice<UInt8>, in names: [String]) -> Int? {
    let word = word.prefix(10).map { $0 | 0x20 }
    return names.firstIndex { name in
      name.utf8.elementsEqual(word) || word.count == 3 && name.utf8.starts(with: word)
    }
  }
}
