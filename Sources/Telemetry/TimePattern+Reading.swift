extension TimePattern {
  /// Reads a time that is written by the pattern; nil when the text is not.
  ///
  /// - Parameter year: The year of a month and a day, for patterns that leave it out.
  public func read(
    _ text: ArraySlice<UInt8>, year: (_ month: Int64, _ day: Int64) -> Int64?
  ) -> CivilTime? {
    var fields = Fields(rest: text)
    for item in items {
      switch item {
      case .blanks: fields.rest = fields.rest.drop { $0 == 0x20 || $0 == 0x09 }
      case .byte(let byte): guard fields.rest.popFirst() == byte else { return nil }
      case .directive(let letter): guard fields.take(letter) else { return nil }
      }
    }
    return fields.rest.isEmpty ? fields.time(year: year) : nil
  }

  /// What has been read.
  private struct Fields {
    var rest: ArraySlice<UInt8>
    var year: Int64?
    var month: Int64 = 1
    var day: Int64 = 1
    var dayOfYear: Int64?
    var hour: Int64 = 0
    /// Hours that PM adds; nil on a clock of 24 hours.
    var afternoon: Int64?
    var minute: Int64 = 0
    var second: Int64 = 0
    /// Milliseconds.
    var fraction: Int64 = 0
    var offset: TimeSpan?
    var secondsSinceEpoch: Int64?
    /// Whether a minus sign stands before the seconds; it holds for their fraction too.
    var isBeforeEpoch = false

    /// Takes what a directive stands for; false when something else is there.
    mutating func take(_ letter: UInt8) -> Bool {
      switch Unicode.Scalar(letter) {
      case "Y": return number(4, exactly: true, into: \.year)
      case "y":
        guard let number = number(atMost: 2) else { return false }
        year = number + (number < 69 ? 2000 : 1900)
      case "m": return number(2, into: \.month)
      case "b":
        guard let number = CivilDate.month(named: letters) else { return false }
        rest = rest[letters.endIndex...]
        month = number
      case "d": return number(2, into: \.day)
      case "j":
        guard let number = number(atMost: 3) else { return false }
        dayOfYear = number
      case "H": return number(2, into: \.hour)
      case "I": return number(2, into: \.hour) && (1...12).contains(hour)
      case "p":
        guard let half = name(of: ["am", "pm"]) else { return false }
        afternoon = Int64(half) * 12
      case "M": return number(2, into: \.minute)
      case "S": return number(2, into: \.second)
      case "f": return takeFraction()
      case "z": return takeOffset()
      case "Z":
        guard name(of: ["utc", "gmt", "z"]) != nil else { return false }
        offset = .zero
      case "a": return name(of: Self.weekdays) != nil
      default:
        isBeforeEpoch = rest.first == 0x2D
        if isBeforeEpoch { rest.removeFirst() }
        guard let number = number(atMost: 12) else { return false }
        secondsSinceEpoch = number
      }
      return true
    }

    /// What all fields together mean.
    func time(year inferred: (Int64, Int64) -> Int64?) -> CivilTime? {
      if let secondsSinceEpoch {
        let distance = secondsSinceEpoch * 1000 + fraction
        return CivilTime(milliseconds: isBeforeEpoch ? -distance : distance, offset: .zero)
      }
      guard let year = year ?? inferred(month, day) else { return nil }
      let time = CivilTime(
        year: year, month: month, day: day, hour: afternoon.map { hour % 12 + $0 } ?? hour,
        minute: minute, second: second, fraction: fraction, offset: offset)
      guard var time, let dayOfYear else { return time }
      let length = CivilDate.days(inMonth: 2, year: year) + 337
      guard (1...length).contains(dayOfYear) else { return nil }
      time.milliseconds += (dayOfYear - 1) * 86_400_000
      return time
    }

    private mutating func number(atMost digits: Int) -> Int64? {
      let taken = rest.prefix(digits).prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard !taken.isEmpty else { return nil }
      rest = rest[taken.endIndex...]
      return taken.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private mutating func number(
      _ digits: Int, into field: WritableKeyPath<Fields, Int64>
    ) -> Bool {
      guard let number = number(atMost: digits) else { return false }
      self[keyPath: field] = number
      return true
    }

    private mutating func number(
      _ digits: Int, exactly: Bool, into field: WritableKeyPath<Fields, Int64?>
    ) -> Bool {
      let start = rest.startIndex
      guard let number = number(atMost: digits), rest.startIndex - start == digits
      else { return false }
      self[keyPath: field] = number
      return true
    }

    /// The index of the name that comes next, by its first three letters, upper or lower case.
    private mutating func name(of names: [String]) -> Int? {
      let letters = letters
      guard let index = CivilDate.index(of: letters, in: names) else { return nil }
      rest = rest[letters.endIndex...]
      return index
    }

    private var letters: ArraySlice<UInt8> {
      rest.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
    }

    private mutating func takeFraction() -> Bool {
      let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard !digits.isEmpty else { return false }
      rest = rest[digits.endIndex...]
      let kept = digits.prefix(3)
      fraction = kept.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
      for _ in kept.count..<3 { fraction *= 10 }
      return true
    }

    private mutating func takeOffset() -> Bool {
      for length in [6, 5, 1] {
        var scanner = DigitScanner(Array(rest.prefix(length)))
        guard let zone = scanner.zone(), scanner.isAtEnd else { continue }
        offset = zone
        rest = rest.dropFirst(length)
        return true
      }
      return false
    }

    private static let weekdays = [
      "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ]
  }
}
