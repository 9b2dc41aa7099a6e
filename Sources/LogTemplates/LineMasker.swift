/// Walks over the bytes of one line and writes its pattern.
struct LineMasker {
  let bytes: [UInt8]
  let end: Int
  private let limit: Int
  var position = 0
  /// Quoted strings are content, not values.
  var isJSON = false
  private var output: [UInt8] = []
  /// Quotes that are known to have no partner further on: `"` and `'`.
  private var unpaired = (double: false, single: false)

  init(_ bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
    var end = min(bytes.count, limit)
    // A character that the limit would cut through is left out.
    if end < bytes.count {
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    }
    self.end = end
  }

  /// Masks from the current position to the end, or until there are `limit` bytes of output.
  mutating func mask() -> String {
    output.reserveCapacity(end - position)
    while position < end, output.count < limit {
      let byte = bytes[position]
      if isWord(byte) {
        takeWord()
      } else if isBlank(byte) {
        position += 1
        takeBlank()
      } else if byte == 0x22 || byte == 0x27 {
        takeQuoted(byte)
      } else if byte == 0x1B {
        skipColour()
      } else {
        position += 1
        output.append(byte)
      }
    }
    if output.last == 0x20 { output.removeLast() }
    return output.isEmpty ? LogMask.wildcard : String(decoding: output, as: UTF8.self)
  }

  private mutating func takeBlank() {
    if let last = output.last, last != 0x20 { output.append(0x20) }
  }

  private mutating func takeWord() {
    let start = position
    var (digits, letters, others) = (0, 0, 0)
    while position < end, isWord(bytes[position]) {
      let byte = bytes[position]
      if isDigit(byte) {
        digits += 1
      } else if isLetter(byte) {
        letters += 1
      } else {
        others += 1
      }
      position += 1
    }
    // Punctuation that ends a clause is not part of the word.
    let wordEnd = position
    var stop = wordEnd
    while stop > start, isTrailing(bytes[stop - 1]) { stop -= 1 }
    if isFilePlace(start, stop) {
      while position < end, bytes[position] == 0x3A || isDigit(bytes[position]) { position += 1 }
      output.append(contentsOf: bytes[start..<position])
      return
    }
    if digits == 0 {
      let isVariable = letters >= 16 && others == 0 ? isOpaque(start, stop) : false
      if isVariable || isCalendarName(start, stop) {
        emitWildcard()
      } else {
        output.append(contentsOf: bytes[start..<stop])
      }
    } else if isClassPlace(start, stop) {
      output.append(contentsOf: bytes[start..<stop])
    } else if isPath(start) {
      takePath(start, stop)
    } else {
      emitWildcard()
      skipPadding(letters + digits)
    }
    output.append(contentsOf: bytes[stop..<wordEnd])
  }

  /// A long word's `=` padding belongs to the base64 run.
  private mutating func skipPadding(_ length: Int) {
    guard length >= 16 else { return }
    var next = position
    while next < end, next < position + 2, bytes[next] == 0x3D { next += 1 }
    if next == end || !isWord(bytes[next]), next > position { position = next }
  }

  /// Masks the segments of a path one by one.
  private mutating func takePath(_ start: Int, _ stop: Int) {
    var segment = start
    while segment <= stop {
      var next = segment
      var variable = false
      while next < stop, bytes[next] != 0x2F {
        variable = variable || isDigit(bytes[next])
        next += 1
      }
      if variable {
        emitWildcard()
      } else {
        output.append(contentsOf: bytes[segment..<next])
      }
      if next < stop { output.append(0x2F) }
      segment = next + 1
    }
  }

  private mutating func takeQuoted(_ quote: UInt8) {
    let start = position
    position += 1
    guard !isJSON, canOpenQuote, let close = closingQuote(quote, after: start) else {
      output.append(quote)
      return
    }
    if endsWithMessageKey {
      output.append(quote)
      return
    }
    output.append(quote)
    output.append(contentsOf: wildcardBytes)
    output.append(quote)
    position = close + 1
  }

  private var canOpenQuote: Bool {
    guard let last = output.last else { return true }
    return last == 0x20 || [0x3D, 0x28, 0x5B, 0x7B, 0x2C, 0x3A, 0x3C].contains(last)
  }

  /// Whether what was written last is a key whose quoted value is the message of a `logfmt` line.
  private var endsWithMessageKey: Bool {
    guard output.last == 0x3D else { return false }
    let key = output.dropLast().suffix(8).reversed().prefix { isLetter($0) }
    return messageKeys.contains(Array(key.reversed()))
  }

  private mutating func closingQuote(_ quote: UInt8, after start: Int) -> Int? {
    if quote == 0x22 ? unpaired.double : unpaired.single { return nil }
    var index = start + 1
    while index < end {
      if bytes[index] == 0x5C {
        index += 2
        continue
      }
      // An apostrophe inside a word closes nothing.
      if bytes[index] == quote,
        quote == 0x22 || index + 1 == end || !isWord(bytes[index + 1])
      {
        return index
      }
      index += 1
    }
    if quote == 0x22 { unpaired.double = true } else { unpaired.single = true }
    return nil
  }

  /// Writes a wildcard, or nothing when the last one and this one are one list or one address.
  private mutating func emitWildcard() {
    for joint in joints where output.suffix(joint.count) == joint[...] {
      output.removeLast(joint.count - wildcardBytes.count)
      return
    }
    output.append(contentsOf: wildcardBytes)
  }

  /// Moves past `ESC [ … letter`.
  private mutating func skipColour() {
    position += 1
    guard position < end, bytes[position] == 0x5B else { return }
    position += 1
    while position < end, !isLetter(bytes[position]) { position += 1 }
    position = min(position + 1, end)
  }
}

private let wildcardBytes = Array(LogMask.wildcard.utf8)
/// After these a further wildcard adds nothing.
private let joints = ["<*>:", "<*>, ", "<*>,", "<*>"].map { Array($0.utf8) }
private let messageKeys = Set(["msg", "message", "error", "err", "event"].map { Array($0.utf8) })
