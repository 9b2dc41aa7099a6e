internal import Telemetry

// The head of a line: when it was written, and how severe it is.
extension LineMasker {
  /// Moves past time stamps at the head and returns the severity that klog's `E0129` states there.
  ///
  /// Understood are dates, times and both together, in brackets or not, seconds since 1970, and
  /// `Jan 29 08:41:09`.
  mutating func skipHead() -> LogLevel? {
    var level: LogLevel?
    skipBlanks()
    // A date, a time and a zone are three words.
    for part in 0..<3 {
      let start = position
      let bracket = position < end && bytes[position] == 0x5B
      if bracket { position += 1 }
      if part == 0, !bracket, let severity = klogLevel {
        level = severity
        position += 5
      } else if isMonth(at: position), let next = afterDay(position + 3) {
        position = next
      } else if let next = afterTime(position, isZone: part > 0) {
        position = next
        while bracket, position < end, bytes[position] == 0x20 {
          guard let next = afterTime(position + 1, isZone: true) else { break }
          position = next
        }
      } else {
        position = start
        break
      }
      if bracket {
        guard position < end, bytes[position] == 0x5D else {
          position = start
          break
        }
        position += 1
      }
      skipBlanks()
    }
    return level
  }

  private mutating func skipBlanks() {
    while position < end, isBlank(bytes[position]) { position += 1 }
  }

  /// The severity in `I0129 `, `W…`, `E…` or `F…`.
  private var klogLevel: LogLevel? {
    guard position + 5 < end, bytes[position + 5] == 0x20,
      bytes[position + 1...position + 4].allSatisfy(isDigit)
    else { return nil }
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
    let name = packedWord(bytes[start..<start + 3])
    return name == packedWord(Array("utc".utf8)[...]) || name == packedWord(Array("gmt".utf8)[...])
      ? start + 3 : nil
  }

  /// The severity that a word among the first eight of the rest states, or a `level=` further on.
  ///
  /// A bare word counts in capitals, in brackets, or as the first word before a colon.
  func findLevel() -> LogLevel? {
    var index = position
    var words = 0
    let stop = min(end, position + 512)
    while index < stop {
      guard isLetter(bytes[index]) else {
        index += 1
        continue
      }
      let start = index
      while index < stop, isLetter(bytes[index]) { index += 1 }
      words += 1
      let before = start > position ? bytes[start - 1] : 0x20
      let after = index < end ? bytes[index] : 0x20
      guard index - start <= 8, !isWord(after) || after == 0x2D || after == 0x2E else { continue }
      let packed = packedWord(bytes[start..<index])
      if levelKeys.contains(packed), let level = value(after: index) { return level }
      guard words <= 8, !isWord(before), let level = LogLevel.level(of: packed) else { continue }
      let isCapital = bytes[start..<index].allSatisfy(isUppercase)
      let isEnclosed = closers.contains(after) && openers.contains(before)
      if isCapital || isEnclosed || words == 1 && after == 0x3A { return level }
    }
    return nil
  }

  /// The severity after `=` or `:` and an optional quote.
  private func value(after index: Int) -> LogLevel? {
    guard index + 1 < end, bytes[index] == 0x3D || bytes[index] == 0x3A else { return nil }
    var start = index + 1
    while start < end, bytes[start] == 0x22 || bytes[start] == 0x20 { start += 1 }
    var stop = start
    while stop < end, isLetter(bytes[stop]) { stop += 1 }
    return LogLevel.level(of: packedWord(bytes[start..<stop]))
  }
}

private let levelKeys = Set(
  ["level", "lvl", "severity"].map { packedWord(Array($0.utf8)[...]) })
private let openers: Set<UInt8> = [0x5B, 0x28, 0x3C, 0x7C]
private let closers: Set<UInt8> = [0x5D, 0x29, 0x3E, 0x7C]
