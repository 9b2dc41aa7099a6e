// What kind of word stands between two positions.
extension LineMasker {
  /// Dots, dashes and slashes at the end of a word.
  func isTrailing(_ byte: UInt8) -> Bool { byte == 0x2E || byte == 0x2D || byte == 0x2F }

  /// Whether the text continues as `file.ext:line` after a word that ends at `stop`.
  func isFilePlace(_ start: Int, _ stop: Int) -> Bool {
    guard stop + 1 < end, bytes[stop] == 0x3A, isDigit(bytes[stop + 1]) else { return false }
    var dot = stop - 1
    while dot > start, isLetter(bytes[dot]) { dot -= 1 }
    guard dot > start, bytes[dot] == 0x2E else { return false }
    return sourceExtensions.contains(packedWord(bytes[dot + 1..<stop]))
  }

  /// Whether a word is `Class#line`: a name of letters, dots, `_` and `$`, either qualified or in
  /// camel case, then digits.
  ///
  /// `order#17` and `#17` are no places in code.
  func isClassPlace(_ start: Int, _ stop: Int) -> Bool {
    var index = stop
    while index > start, isDigit(bytes[index - 1]) { index -= 1 }
    guard index < stop, index - 1 > start, bytes[index - 1] == 0x23 else { return false }
    let hash = index - 1
    var component = start
    var (qualified, capitals) = (false, 0)
    for index in start..<hash {
      let byte = bytes[index]
      if byte == 0x2E {
        (qualified, component, capitals) = (true, index + 1, 0)
      } else if isUppercase(byte) {
        capitals += 1
      } else if !isLetter(byte), !isDigit(byte), byte != 0x5F, byte != 0x24 {
        return false
      }
    }
    return component < hash && isUppercase(bytes[component]) && (qualified || capitals > 1)
  }

  /// Whether a word begins like an absolute or relative path, or follows the colon of an
  /// address.
  func isPath(_ start: Int) -> Bool {
    if bytes[start] == 0x2F { return true }
    if isDigit(bytes[start]), start > 0, bytes[start - 1] == 0x3A { return true }
    return start + 1 < end && bytes[start + 1] == 0x2F
      && (bytes[start] == 0x2E || bytes[start] == 0x7E)
  }

  /// Whether letters without a digit are an identifier that merely happens to have none: 16 or
  /// more hexadecimal ones, or more of any kind than the longest names in code.
  func isOpaque(_ start: Int, _ stop: Int) -> Bool {
    stop - start >= 64 || bytes[start..<stop].allSatisfy(isHexLetter)
  }

  /// Whether a word is a month before a number, or a week day before a month or a number.
  func isCalendarName(_ start: Int, _ stop: Int) -> Bool {
    guard stop - start == 3, isUppercase(bytes[start]) else { return false }
    let word = packedWord(bytes[start..<stop])
    var next = stop
    while next < end, bytes[next] == 0x20 || bytes[next] == 0x2C { next += 1 }
    guard next > stop, next < end else { return false }
    if isDigit(bytes[next]) { return months.contains(word) || weekDays.contains(word) }
    return weekDays.contains(word) && next + 3 <= end
      && months.contains(packedWord(bytes[next..<next + 3]))
  }

  /// Whether three letters at a position name a month.
  func isMonth(at start: Int) -> Bool {
    start + 3 <= end && months.contains(packedWord(bytes[start..<start + 3]))
  }
}

private func packed(_ words: String) -> Set<UInt64> {
  Set(words.split(separator: " ").map { packedWord(Array($0.utf8)[...]) })
}

private let months = packed("jan feb mar apr may jun jul aug sep oct nov dec")
private let weekDays = packed("mon tue wed thu fri sat sun")
private let sourceExtensions = packed(
  "c cc cpp cs cxx ex erl go h hpp hs java js jsx kt lua php pl py rb rs scala swift ts tsx")
