// Words: what stays, what is a value, and where its parts end.
extension LineMasker {
  @_lifetime(self: copy self)
  mutating func takeWord() {
    let start = position
    var index = start
    var (digits, others) = (false, false)
    while index < text.end {
      let byte = text.bytes[index]
      guard isWord(byte) else { break }
      // Leader dots, as in `threshold......0`, separate words.
      if byte == 0x2E, index + 1 < text.end, text.bytes[index + 1] == 0x2E { break }
      digits = digits || isDigit(byte)
      others = others || !(isDigit(byte) || isLetter(byte))
      index += 1
    }
    if index == start {
      while index < text.end, text.bytes[index] == 0x2E { index += 1 }
      position = index
      return keep(start, index)
    }
    position = index
    // Punctuation that ends a clause is not part of the word.
    let wordEnd = index
    var stop = wordEnd
    while stop > start, isTrailing(text.bytes[stop - 1]) { stop -= 1 }
    if digits || others, text.isFilePlace(start, stop) {
      while position < text.end, text.bytes[position] == 0x3A || isDigit(text.bytes[position]) {
        position += 1
      }
      return keep(start, position)
    }
    switch text.kind(ofWord: start, stop, rules.builtIn, digits: digits, others: others) {
    case .text: return keep(start, wordEnd)
    case .path: takePath(start, stop)
    case .value:
      position = stop
      putWildcard(from: start)
      position = wordEnd
      if stop == wordEnd { skipUnit(start, stop) }
    }
    keep(stop, wordEnd)
  }

  /// Takes what belongs to the value before it: `=` that pads base64, or a unit after a blank.
  @_lifetime(self: copy self)
  private mutating func skipUnit(_ start: Int, _ stop: Int) {
    guard position < text.end else { return }
    if text.bytes[position] == 0x3D, text.isPadded(start, stop) {
      var next = position
      while next < text.end, next < position + 2, text.bytes[next] == 0x3D { next += 1 }
      if next == text.end || !isWord(text.bytes[next]) { position = next }
    } else if text.bytes[position] == 0x20, rules.builtIn.contains(.units),
      text.isNumber(start, stop)
    {
      let unit = position + 1
      var next = unit
      while next < text.end, isWord(text.bytes[next]) { next += 1 }
      while next > unit, isTrailing(text.bytes[next - 1]) { next -= 1 }
      if text.isUnit(unit, next) { position = next }
    } else {
      return
    }
    extendMark(to: position)
  }

  /// Masks the segments of a path one by one.
  @_lifetime(self: copy self)
  private mutating func takePath(_ start: Int, _ stop: Int) {
    let wordEnd = position
    var segment = start
    while segment <= stop {
      var next = segment
      var isVariable = false
      while next < stop, text.bytes[next] != 0x2F {
        isVariable = isVariable || isDigit(text.bytes[next])
        next += 1
      }
      if isVariable {
        position = next
        putWildcard(from: segment)
      } else {
        keep(segment, next)
      }
      if next < stop { keep(next, next + 1) }
      segment = next + 1
    }
    position = max(position, wordEnd)
  }
}
