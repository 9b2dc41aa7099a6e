internal import Telemetry

// The head of a line: when it was written, and how severe it is.
extension LineText {
  /// Where the text begins after time stamps at the head, and the severity that klog's `E0129` states
  /// there.
  ///
  /// Understood are dates, times and both together, in brackets or not, seconds since 1970, and
  /// `Jan 29 08:41:09`.
  func head() -> (end: Int, level: LogLevel?) {
    var level: LogLevel?
    var position = afterBlanks(0)
    // A date, a time and a zone are three words.
    for part in 0..<3 {
      guard position < end else { break }
      let isBracketed = bytes[position] == 0x5B
      if part == 0, let severity = klogLevel(at: position) {
        level = severity
        position = afterBlanks(position + 5)
        continue
      }
      guard var next = afterStamp(position + (isBracketed ? 1 : 0), isZone: part > 0) else { break }
      if isBracketed {
        while next < end, bytes[next] == 0x20, let further = afterTime(next + 1, isZone: true) {
          next = further
        }
        guard next < end, bytes[next] == 0x5D else { break }
        next += 1
      }
      position = afterBlanks(next)
    }
    return (position, level)
  }

  func afterBlanks(_ start: Int) -> Int {
    var index = start
    while index < end, isBlank(bytes[index]) { index += 1 }
    return index
  }

  private func afterStamp(_ start: Int, isZone: Bool) -> Int? {
    guard start < end else { return nil }
    if isMonth(at: start), let next = afterDay(start + 3) { return next }
    return afterTime(start, isZone: isZone)
  }

  /// The severity in `I0129 `, `W…`, `E…` or `F…`.
  private func klogLevel(at position: Int) -> LogLevel? {
    guard position + 5 < end, bytes[position + 5] == 0x20 else { return nil }
    for index in position + 1...position + 4 where !isDigit(bytes[index]) { return nil }
    switch bytes[position] {
    case 0x49: return .info
    case 0x57: return .warning
    case 0x45, 0x46: return .error
    default: return nil
    }
  }

  /// The end of blanks and a day of the month.
  private func afterDay(_ start: Int) -> Int? {
    var index = start
    while index < end, bytes[index] == 0x20 { index += 1 }
    let first = index
    while index < end, isDigit(bytes[index]) { index += 1 }
    guard first > start, (1...2).contains(index - first), index < end, bytes[index] == 0x20
    else { return nil }
    return index
  }

  /// The end of a word that is a date, a time, both, or seconds since 1970.
  private func afterTime(_ start: Int, isZone: Bool) -> Int? {
    var index = start
    var (digits, dots, colons, dashes, slashes) = (0, 0, 0, 0, 0)
    scan: while index < end {
      switch bytes[index] {
      case 0x30...0x39: digits += 1
      case 0x2E, 0x2C: dots += 1
      case 0x3A: colons += 1
      case 0x2D: dashes += 1
      case 0x2F: slashes += 1
      case 0x54, 0x5A, 0x2B: break
      case 0x20, 0x09, 0x5D: break scan
      default: return isZone ? afterZoneName(start) : nil
      }
      index += 1
    }
    // The colon of `08:41:09: text` ends the head.
    let isDate = dashes >= 2 || slashes == 2
    let isTime = colons >= 2 && digits >= 5
    let isEpoch = digits >= 10 && dots <= 1 && colons + dashes + slashes == 0
    if isDate && digits >= 6 || isTime || isEpoch { return index }
    if isZone, digits == 4, index - start == 5, bytes[start] == 0x2B || dashes == 1 { return index }
    return isZone ? afterZoneName(start) : nil
  }

  private func afterZoneName(_ start: Int) -> Int? {
    guard start + 3 <= end, start + 3 == end || !isLetter(bytes[start + 3]) else { return nil }
    return zones.contains(packedWord(bytes, start, start + 3)) ? start + 3 : nil
  }

  /// The severity that a word among the first eight from a position states, or a `level=` further on.
  ///
  /// A bare word counts in capitals, in brackets, or as the first word before a colon.
  func level(from position: Int) -> LogLevel? {
    var index = position
    var words = 0
    let stop = min(end, position + 512)
    while index < stop {
      guard isLetter(bytes[index]) else {
        index += 1
        continue
      }
      let start = index
      var packed: UInt64 = 0
      var isCapital = true
      while index < stop, isLetter(bytes[index]) {
        packed = packed << 8 | UInt64(bytes[index] | 0x20)
        isCapital = isCapital && isUppercase(bytes[index])
        index += 1
      }
      words += 1
      guard index - start <= 8 else { continue }
      let after = index < end ? bytes[index] : 0x20
      let isKey = after == 0x3D || after == 0x3A
      guard words <= 8 || isKey, !isWord(after) || after == 0x2D || after == 0x2E else { continue }
      if isKey, levelKeys.contains(packed), let level = value(after: index) { return level }
      let before = start > position ? bytes[start - 1] : 0x20
      guard words <= 8, !isWord(before), let level = LogLevel.level(of: packed) else { continue }
      let isEnclosed = isCloser(after) && isOpener(before)
      if isCapital || isEnclosed || words == 1 && after == 0x3A { return level }
    }
    return nil
  }

  /// The severity after `=` or `:` and an optional quote.
  private func value(after index: Int) -> LogLevel? {
    guard index + 1 < end else { return nil }
    var start = index + 1
    while start < end, bytes[start] == 0x22 || bytes[start] == 0x20 { start += 1 }
    var stop = start
    while stop < end, isLetter(bytes[stop]) { stop += 1 }
    return LogLevel.level(of: packedWord(bytes, start, stop))
  }

  /// `[ ( < |`
  private func isOpener(_ byte: UInt8) -> Bool {
    byte == 0x5B || byte == 0x28 || byte == 0x3C || byte == 0x7C
  }

  /// `] ) > |`
  private func isCloser(_ byte: UInt8) -> Bool {
    byte == 0x5D || byte == 0x29 || byte == 0x3E || byte == 0x7C
  }
}

private let zones = PackedWords("utc gmt")
private let levelKeys = PackedWords("level lvl severity")
