internal import Telemetry

/// A log file's name, taken apart as rotation and compression put it together.
///
/// Understood are `shop.log`, `shop.log.1`, `shop.log-20260104`, `shop.log.20260104-031500`,
/// `shop-2026-01-04.log`, `shop-2026-01-04.2.log`, each also with `.gz` or `.zst`, and the numbered
/// `0.log`, `1.log` of a container's runs.
struct LogFileName {
  /// Where a file stands among those of its log; an older one is less.
  struct Age: Comparable {
    /// The run of the container.
    var run = 0
    /// Digits of a date and perhaps a time, 14; nil when there is none.
    var stamp: String?
    /// The number behind the name; nil when there is none.
    var number: Int?

    static func < (a: Age, b: Age) -> Bool {
      if a.run != b.run { return a.run < b.run }
      switch (a.stamp, b.stamp) {
      case (let x?, let y?) where x != y: return x < y
      // Of one day's files a higher number is later.
      case (.some, .some): return (a.number ?? .max) < (b.number ?? .max)
      case (.some, nil): return true
      case (nil, .some): return false
      // Other numbers count away from the file that is being written.
      case (nil, nil): return (a.number ?? -1) > (b.number ?? -1)
      }
    }
  }

  /// The name without what rotation and compression put there and without the ending: `shop`. Empty
  /// where it is only the number of a run.
  let base: String
  /// What files of one log have in common: `shop.log`.
  let log: String
  let age: Age
  /// Whether the stamp has a time of day.
  let hasClock: Bool

  private static let compressions: Set<Substring> = ["gz", "zst"]
  private static let endings: Set<Substring> = ["log", "txt", "json", "jsonl", "out", "err"]

  init(_ name: String) {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    var age = Age()
    var ending = ""
    var digits = 0
    while parts.count > 1, let part = parts.last {
      if let (stamp, count) = Self.stamp(part), age.stamp == nil {
        (age.stamp, digits) = (stamp, count)
      } else if age.number == nil, let number = Self.number(part) {
        age.number = number
      } else if Self.endings.contains(part), ending.isEmpty {
        ending = ".\(part)"
      } else if let (word, stamp, count) = Self.stampAtEnd(of: part), Self.endings.contains(word),
        age.stamp == nil, ending.isEmpty
      {
        (age.stamp, digits, ending) = (stamp, count, ".\(word)")
      } else if !Self.compressions.contains(part) {
        break
      }
      parts.removeLast()
    }
    var base = parts.joined(separator: ".")
    if age.stamp == nil, let (word, stamp, count) = Self.stampAtEnd(of: base[...]), !word.isEmpty {
      (age.stamp, digits, base) = (stamp, count, String(word))
    }
    if let run = Self.number(base[...]) { (age.run, base) = (run, "") }
    (self.base, log, self.age, hasClock) = (base, base + ending, age, digits > 8)
  }

  private static func number(_ text: Substring) -> Int? {
    guard (1...6).contains(text.utf8.count), text.utf8.allSatisfy(isDigit) else { return nil }
    return Int(text)
  }

  /// `word-20260104`, `word_2026-01-04`: what stands before the date, and the date.
  private static func stampAtEnd(of text: Substring) -> (Substring, String, Int)? {
    let tail = text.utf8.reversed().prefix { isDigit($0) || $0 == 0x2D || $0 == 0x5F }
    let start = text.utf8.index(text.endIndex, offsetBy: -tail.count)
    guard let first = text[start...].utf8.first, !isDigit(first),
      let (stamp, count) = stamp(text[start...].dropFirst())
    else { return nil }
    return (text[..<start], stamp, count)
  }

  /// Eight to fourteen digits that begin with a date, with or without `-`, `_` and `T` between them.
  private static func stamp(_ text: Substring) -> (String, Int)? {
    let digits = text.utf8.filter(isDigit)
    guard (8...14).contains(digits.count), text.utf8.first.map(isDigit) == true,
      text.utf8.allSatisfy({ isDigit($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x54 })
    else { return nil }
    let stamp = String(decoding: digits, as: UTF8.self)
    guard CivilTime(rfc3339: date(of: stamp)) != nil else { return nil }
    return (stamp + String(repeating: "0", count: 14 - digits.count), digits.count)
  }

  /// The midnight of a stamp's day, in RFC 3339.
  private static func date(of stamp: String) -> String {
    let digits = Array(stamp)
    return "\(String(digits[..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<8]))T00:00"
  }

  /// Days from 1970-01-01 to the stamp's; nil without a stamp.
  var day: Int64? {
    age.stamp.flatMap { CivilTime(rfc3339: Self.date(of: $0)) }.map { $0.milliseconds / 86_400_000 }
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
