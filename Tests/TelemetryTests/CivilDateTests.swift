import Telemetry
import Testing

@Suite struct CivilDateTests {
  /// Days counted by Python's `datetime.date.toordinal`, less 719 163.
  static let known: [(year: Int64, month: Int64, day: Int64, days: Int64)] = [
    (1, 1, 1, -719_162), (4, 2, 29, -718_008), (1600, 2, 29, -135_081), (1700, 2, 28, -98_557),
    (1700, 3, 1, -98_556), (1900, 2, 28, -25_509), (1900, 3, 1, -25_508), (1969, 12, 31, -1),
    (1970, 1, 1, 0), (1972, 2, 29, 789), (1999, 12, 31, 10_956), (2000, 2, 29, 11_016),
    (2000, 3, 1, 11_017), (2026, 11, 23, 20_780), (2038, 1, 19, 24_855), (2100, 2, 28, 47_540),
    (2100, 3, 1, 47_541), (9999, 12, 31, 2_932_896),
  ]

  @Test(arguments: known)
  func `a known day has its known number`(year: Int64, month: Int64, day: Int64, days: Int64) {
    let date = CivilDate(year: year, month: month, day: day)
    #expect(date.daysSinceEpoch == days)
    #expect(CivilDate(daysSinceEpoch: days) == date)
  }

  @Test func `counting days one by one agrees with the formula over two whole cycles`() {
    var (year, month, day): (Int64, Int64, Int64) = (1600, 1, 1)
    var days: Int64 = -135_140
    while year < 2401 {
      let date = CivilDate(year: year, month: month, day: day)
      guard date.daysSinceEpoch == days, CivilDate(daysSinceEpoch: days) == date else {
        Issue.record("\(year)-\(month)-\(day) is not day \(days)")
        return
      }
      days += 1
      day += 1
      if day > length(of: month, in: year) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(days == 157_420)
  }

  @Test func `years before year 1 count on backwards`() {
    #expect(CivilDate(daysSinceEpoch: -719_163) == CivilDate(year: 0, month: 12, day: 31))
    #expect(CivilDate(year: 0, month: 2, day: 29).daysSinceEpoch == -719_469)
    #expect(CivilDate(daysSinceEpoch: -719_529) == CivilDate(year: -1, month: 12, day: 31))
  }

  /// Month lengths spelled out the way a school book does.
  private func length(of month: Int64, in year: Int64) -> Int64 {
    let leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
  }
}
