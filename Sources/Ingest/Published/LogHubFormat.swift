internal import Telemetry

/// The systems whose headers are known.
enum LogHubFormat: String, CaseIterable {
  case apache = "Apache"
  case bgl = "BGL"
  case hadoop = "Hadoop"
  case hdfs = "HDFS"
  case linux = "Linux"
  case openStack = "OpenStack"
  case spark = "Spark"
  case windows = "Windows"
}

/// Takes headers off lines, in the order of a file.
struct LogHubParser {
  /// The year of the first line where lines have none. The sample's lines are from 2005.
  static let firstYear = 2005

  /// A line.
  struct Entry {
    var time: Timestamp
    var level: Substring
    /// The category of an alert.
    var alert: Substring?
    var content: Substring
  }

  let format: LogHubFormat
  private var year = Self.firstYear
  private var month = 1

  init(format: LogHubFormat) { self.format = format }

  /// Splits a line; nil when its header has another form.
  mutating func parse(_ line: String) -> Entry? {
    var rest = line[...]
    switch format {
    case .apache: return apache(&rest)
    case .bgl: return bgl(&rest)
    case .linux: return linux(&rest)
    case .hadoop:
      guard let time = time(word(&rest), word(&rest)), let level = word(&rest),
        take(&rest, "["), until("] ", &rest) != nil, until(": ", &rest) != nil
      else { return nil }
      return Entry(time: time, level: level, content: rest)
    case .hdfs:
      guard let time = digitTime(word(&rest), word(&rest)), word(&rest) != nil,
        let level = word(&rest), until(": ", &rest) != nil
      else { return nil }
      return Entry(time: time, level: level, content: rest)
    case .openStack:
      guard word(&rest) != nil, let time = time(word(&rest), word(&rest)), word(&rest) != nil,
        let level = word(&rest), word(&rest) != nil, take(&rest, "["), until("] ", &rest) != nil
      else { return nil }
      return Entry(time: time, level: level, content: rest)
    case .spark:
      guard let date = word(&rest), date.utf8.count == 8,
        let time = time("20\(date.replacing("/", with: "-"))"[...], word(&rest)),
        let level = word(&rest), until(": ", &rest) != nil
      else { return nil }
      return Entry(time: time, level: level, content: rest)
    case .windows:
      guard let date = word(&rest), let clock = word(&rest), clock.hasSuffix(","),
        let time = time(date, clock.dropLast()), let level = word(&rest), word(&rest) != nil
      else { return nil }
      return Entry(time: time, level: level, content: rest)
    }
  }

  /// `[Sun Dec 04 04:47:44 2005] [notice] text`
  private func apache(_ rest: inout Substring) -> Entry? {
    guard take(&rest, "["), let stamp = until("] ", &rest), take(&rest, "["),
      let level = until("] ", &rest)
    else { return nil }
    let words = stamp.split(separator: " ")
    guard words.count == 5, let month = number(ofMonth: words[1]) else { return nil }
    let date = "\(words[4])-\(two(month))-\(words[2])"
    guard let time = time(date[...], words[3]) else { return nil }
    return Entry(time: time, level: level, content: rest)
  }

  /// `- 1117838570 2005.06.03 node 2005-06-03-15.42.50.675872 node RAS KERNEL INFO text`. The number
  /// is in UTC, the written times are not.
  private func bgl(_ rest: inout Substring) -> Entry? {
    guard let alert = word(&rest), let seconds = word(&rest).flatMap({ Int64($0) }),
      (0...253_402_300_799).contains(seconds)
    else { return nil }
    for _ in 0..<6 { guard word(&rest) != nil else { return nil } }
    guard let level = word(&rest) else { return nil }
    return Entry(
      time: Timestamp(seconds: seconds), level: level, alert: alert == "-" ? nil : alert,
      content: rest)
  }

  /// `Jun 14 15:16:01 combo sshd(pam_unix)[19939]: text`, without a year: it changes where months go
  /// back.
  private mutating func linux(_ rest: inout Substring) -> Entry? {
    guard let month = word(&rest).flatMap(number(ofMonth:)), let day = word(&rest),
      let clock = word(&rest), word(&rest) != nil, until(": ", &rest) != nil
    else { return nil }
    if month < self.month { year += 1 }
    self.month = month
    let date = "\(year)-\(two(month))-\(day.utf8.count == 1 ? "0" : "")\(day)"
    guard let time = time(date[...], clock) else { return nil }
    return Entry(time: time, level: "", content: rest)
  }

  private func time(_ date: Substring?, _ clock: Substring?) -> Timestamp? {
    guard let date, let clock else { return nil }
    return Timestamp(rfc3339: "\(date)T\(clock)")
  }

  /// `081109`, `203615`
  private func digitTime(_ date: Substring?, _ clock: Substring?) -> Timestamp? {
    guard let date, let clock, date.utf8.count == 6, clock.utf8.count == 6 else { return nil }
    let pairs = { (text: Substring, separator: String) in
      let digits = Array(text)
      return stride(from: 0, to: digits.count, by: 2).map { String(digits[$0..<$0 + 2]) }
        .joined(separator: separator)
    }
    return time("20\(pairs(date, "-"))"[...], pairs(clock, ":")[...])
  }
}

/// Takes a word and the blanks after it; nil when there is none.
private func word(_ rest: inout Substring) -> Substring? {
  let word = rest.prefix { $0 != " " }
  guard !word.isEmpty else { return nil }
  rest = rest.dropFirst(word.count).drop { $0 == " " }
  return word
}

/// Takes what comes before a text, and the text; nil when it does not occur.
private func until(_ text: String, _ rest: inout Substring) -> Substring? {
  guard let range = rest.firstRange(of: text) else { return nil }
  let taken = rest[..<range.lowerBound]
  rest = rest[range.upperBound...]
  return taken
}

/// Takes a text at the beginning; false when something else is there.
private func take(_ rest: inout Substring, _ text: String) -> Bool {
  guard rest.hasPrefix(text) else { return false }
  rest = rest.dropFirst(text.count)
  return true
}

private let months = [
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]

private func number(ofMonth name: Substring) -> Int? {
  months.firstIndex(of: String(name)).map { $0 + 1 }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
