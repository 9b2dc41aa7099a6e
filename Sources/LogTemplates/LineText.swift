/// What is done with a word of a line.
enum WordKind {
  case text
  case value
  /// Masked segment by segment.
  case path
}

/// The bytes of a line that are looked at, and what stands where in them.
struct LineText: ~Escapable {
  let bytes: Span<UInt8>
  /// Where the text ends, which for a long line is before the last byte.
  let end: Int

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>) {
    self.bytes = bytes
    var end = bytes.count
    // A character that the limit would cut through is left out.
    if end > LogMask.lengthLimit {
      end = LogMask.lengthLimit
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    }
    self.end = end
  }

  /// What to do with a word.
  func kind(
    ofWord start: Int, _ stop: Int, _ kinds: LogMaskRules.BuiltIn, digits: Bool, others: Bool
  ) -> WordKind {
    if digits, isClassPlace(start, stop) { return .text }
    if kinds.contains(.names), isName(start, stop) { return .value }
    if digits {
      guard kinds.contains(.numbers) else { return .text }
      return isPath(start) ? .path : .value
    }
    if stop - start == 3 {
      return kinds.contains(.calendar) && isCalendarName(start, stop) ? .value : .text
    }
    let isIdentifier =
      !others && stop - start >= 16 && kinds.contains(.identifiers) && isOpaque(start, stop)
    return isIdentifier ? .value : .text
  }

  /// Whether a word is a unit of size or time.
  func isUnit(_ start: Int, _ stop: Int) -> Bool { units.contains(packedWord(bytes, start, stop)) }

  /// Whether a run is long enough for base64.
  func isPadded(_ start: Int, _ stop: Int) -> Bool {
    var length = 0
    for index in start..<stop where isLetter(bytes[index]) || isDigit(bytes[index]) { length += 1 }
    return length >= 16
  }

  /// Whether a word is a plain number: digits, dots and a sign.
  func isNumber(_ start: Int, _ stop: Int) -> Bool {
    for index in start..<stop {
      let byte = bytes[index]
      guard isDigit(byte) || byte == 0x2E || index == start && (byte == 0x2D || byte == 0x2B)
      else { return false }
    }
    return true
  }

  /// Whether the text continues as `file.ext:line` after a word that ends at `stop`.
  func isFilePlace(_ start: Int, _ stop: Int) -> Bool {
    guard stop + 1 < end, bytes[stop] == 0x3A, isDigit(bytes[stop + 1]) else { return false }
    var dot = stop - 1
    while dot > start, isLetter(bytes[dot]) { dot -= 1 }
    guard dot > start, bytes[dot] == 0x2E else { return false }
    return sourceExtensions.contains(packedWord(bytes, dot + 1, stop))
  }

  /// Whether a word is `Class#line`: a name of letters, dots, `_` and `$`, either qualified or in
  /// camel case, then digits.
  ///
  /// `order#17` and `#17` are no places in code.
  private func isClassPlace(_ start: Int, _ stop: Int) -> Bool {
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
  ///
  /// The value of a key is a value, not a path.
  private func isPath(_ start: Int) -> Bool {
    if start > 0, bytes[start - 1] == 0x3D { return false }
    if bytes[start] == 0x2F { return true }
    if isDigit(bytes[start]), start > 0, bytes[start - 1] == 0x3A { return true }
    return start + 1 < end && bytes[start + 1] == 0x2F
      && (bytes[start] == 0x2E || bytes[start] == 0x7E)
  }

  /// Whether letters without a digit are an identifier that merely happens to have none: 16 or
  /// more hexadecimal ones, or more of any kind than the longest names in code.
  private func isOpaque(_ start: Int, _ stop: Int) -> Bool {
    if stop - start >= 64 { return true }
    for index in start..<stop where !isHexLetter(bytes[index]) { return false }
    return true
  }

  /// Whether a word is a month before a number, or a week day before a month or a number.
  private func isCalendarName(_ start: Int, _ stop: Int) -> Bool {
    guard isUppercase(bytes[start]) else { return false }
    let word = packedWord(bytes, start, stop)
    let isMonth = months.contains(word)
    guard isMonth || weekDays.contains(word) else { return false }
    var next = stop
    while next < end, isBlank(bytes[next]) || bytes[next] == 0x2C { next += 1 }
    guard next > stop, next < end else { return false }
    return isDigit(bytes[next]) || !isMonth && self.isMonth(at: next)
  }

  /// Whether a word is the value of a key for hosts, as in `rhost=example.org`, or follows a
  /// preposition and `user`.
  private func isName(_ start: Int, _ stop: Int) -> Bool {
    // What comes before `=` is a key itself.
    guard start > 0, stop == end || bytes[stop] != 0x3D else { return false }
    if bytes[start - 1] == 0x3D { return hostKeys.contains(key(before: start - 1)) }
    // Most words do not follow one that ends in `r`.
    var noun = start
    while noun > 0, isBlank(bytes[noun - 1]) { noun -= 1 }
    guard noun < start, noun > 0, bytes[noun - 1] | 0x20 == 0x72 else { return false }
    let nounEnd = noun
    while noun > 0, nounEnd - noun < 6, isLetter(bytes[noun - 1]) { noun -= 1 }
    guard packedWord(bytes, noun, nounEnd) == user else { return false }
    var word = noun
    while word > 0, isBlank(bytes[word - 1]) { word -= 1 }
    guard word < noun else { return false }
    let wordEnd = word
    while word > 0, wordEnd - word < 6, isLetter(bytes[word - 1]) { word -= 1 }
    return prepositions.contains(packedWord(bytes, word, wordEnd))
  }

  /// The end of `<*>` or the placeholder of a rule; nil for other text.
  func placeholderEnd(at start: Int, _ named: [LogMaskRules.Named]) -> Int? {
    if start + 2 < end, bytes[start + 1] == 0x2A, bytes[start + 2] == 0x3E { return start + 3 }
    guard !named.isEmpty else { return nil }
    var next = start + 1
    while next < end, isNameByte(bytes[next]) { next += 1 }
    guard next < end, bytes[next] == 0x3E else { return nil }
    let isKnown = named.contains { rule in
      rule.name.utf8.count == next - start - 1
        && zip(rule.name.utf8, start + 1..<next).allSatisfy { $0 == bytes[$1] }
    }
    return isKnown ? next + 1 : nil
  }

  /// The end of `()`, `[]` or `{}` that is an empty value rather than a call; nil for others.
  func emptyListEnd(at position: Int) -> Int? {
    guard position + 1 < end, bytes[position + 1] == closer(of: bytes[position]) else { return nil }
    if position > 0 {
      let before = bytes[position - 1]
      guard isBlank(before) || before == 0x3D || before == 0x3A else { return nil }
    }
    return position + 2
  }

  private func closer(of byte: UInt8) -> UInt8? {
    switch byte {
    case 0x28: 0x29
    case 0x5B: 0x5D
    case 0x7B: 0x7D
    default: nil
    }
  }

  /// Whether a word of three letters names a month.
  func isMonth(at start: Int) -> Bool {
    start + 3 <= end && months.contains(packedWord(bytes, start, start + 3))
      && (start + 3 == end || !isLetter(bytes[start + 3]))
  }

  /// Whether the line has the key of a quoted message right before a quote, as in `msg="…"`.
  func endsWithMessageKey(before quote: Int) -> Bool {
    guard quote > 0, bytes[quote - 1] == 0x3D else { return false }
    return messageKeys.contains(key(before: quote - 1))
  }

  /// The word of letters before a `=`, packed; 0 for other words.
  private func key(before stop: Int) -> UInt64 {
    var start = stop
    while start > 0, stop - start < 9, isLetter(bytes[start - 1]) { start -= 1 }
    if start > 0, isWord(bytes[start - 1]) { return 0 }
    return packedWord(bytes, start, stop)
  }

  /// The length of an HTTP method and a blank; 0 when there is none.
  func methodLength(at start: Int, before stop: Int) -> Int {
    var next = start
    while next < stop, isUppercase(bytes[next]) { next += 1 }
    guard next < stop, bytes[next] == 0x20, methods.contains(packedWord(bytes, start, next))
    else { return 0 }
    return next + 1 - start
  }
}

private let months = PackedWords("jan feb mar apr may jun jul aug sep oct nov dec")
private let weekDays = PackedWords("mon tue wed thu fri sat sun")
private let methods = PackedWords("get head post put delete connect options trace patch")
private let messageKeys = PackedWords("msg message error err event")
private let hostKeys = PackedWords(
  "addr address backend endpoint host hostname ip laddr peer raddr remote rhost server upstream uri url"
)
private let prepositions = PackedWords("as by for from of to with")
private let user = packedWord("user")
private let units = PackedWords(
  "b kb mb gb tb pb kib mib gib tib pib byte bytes ns us ms s sec secs second seconds")
