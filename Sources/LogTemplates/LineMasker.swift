/// Walks over the bytes of one line once and writes its pattern into a buffer of fixed size.
///
/// What is written never depends on anything that a second walk over the result would see
/// differently, so that masking a pattern again changes nothing.
struct LineMasker: ~Copyable, ~Escapable {
  /// Where a part of the pattern comes from.
  struct Mark {
    /// Index into the output.
    var output: Int
    /// The bytes of the line.
    var source: Range<Int>
    /// Index of the named rule that masked it; nil for built-in ones and for text that stayed.
    var rule: Int?
    var isMasked: Bool
  }

  let text: LineText
  let rules: LogMaskRules
  var position = 0
  /// Quoted strings are content, not values.
  var isJSON = false
  /// Bytes of the pattern so far.
  private(set) var count = 0
  /// Whether marks are kept, which only those who look at single lines need.
  var isRecording = false
  private(set) var marks: [Mark] = []
  private var output: MutableSpan<UInt8>
  /// Bytes that the pattern may have.
  private let room: Int
  /// Quotes that are known to have no partner further on.
  private var unpaired = (double: false, single: false)
  /// Where the quoted message of a `logfmt` line ends.
  private var messageEnd = -1
  /// Whether there was no room for a part, so that nothing may follow it.
  private var isFull = false

  /// Bytes that the output needs beyond the pattern's.
  static let slack = 8

  /// - Precondition: The output has more bytes than `slack`.
  @_lifetime(copy bytes, copy output)
  init(
    _ bytes: Span<UInt8>, into output: consuming MutableSpan<UInt8>, rules: LogMaskRules
  ) {
    text = LineText(bytes)
    self.rules = rules
    room = output.count - Self.slack
    precondition(room > 0, "\(output.count) bytes for output")
    self.output = output
  }

  /// Masks from the current position to the end of the line or of the room for output.
  @_lifetime(self: copy self)
  mutating func mask() {
    let hasNamed = rules.automaton != nil
    while position < text.end, !isFull {
      if hasNamed, takeNamed() { continue }
      let byte = text.bytes[position]
      if isWord(byte) {
        takeWord()
      } else if isBlank(byte) {
        position += 1
        if count > 0, output[count - 1] != 0x20 { put(0x20) }
      } else if byte == 0x22 || byte == 0x27 {
        takeQuoted(byte)
      } else if byte == 0x3C, let stop = text.placeholderEnd(at: position, rules.named) {
        let start = position
        position = stop
        if text.bytes[start + 1] == 0x2A { putWildcard(from: start) } else { keep(start, stop) }
      } else if let stop = text.emptyListEnd(at: position) {
        keep(position, position + 1)
        position += 1
        putWildcard(from: position)
        keep(position, stop)
        position = stop
      } else {
        // The bytes of one character stay together.
        let start = position
        position += 1
        while byte >= 0xC0, position < text.end, text.bytes[position] & 0xC0 == 0x80 {
          position += 1
        }
        keep(start, position)
      }
    }
    if count > 0, output[count - 1] == 0x20 { count -= 1 }
    if count == 0 { putWildcard(from: text.end) }
  }

  @_lifetime(self: copy self)
  private mutating func put(_ byte: UInt8) {
    guard hasRoom(1) else { return }
    output[count] = byte
    count += 1
  }

  /// Writes bytes of the line as they are.
  @_lifetime(self: copy self)
  mutating func keep(_ start: Int, _ stop: Int) {
    guard hasRoom(stop - start) else { return }
    if isRecording, start < stop {
      marks.append(Mark(output: count, source: start..<stop, rule: nil, isMasked: false))
    }
    // Eight bytes at a time; what is copied too much is overwritten, and there is slack for it.
    var index = start
    while index < stop, index + 8 <= text.bytes.count {
      store(word(unsafe text.bytes.bytes, index), at: count + (index - start))
      index += 8
    }
    while index < stop {
      output[count + (index - start)] = text.bytes[index]
      index += 1
    }
    count += stop - start
  }

  @_lifetime(self: copy self)
  private mutating func store(_ word: UInt64, at index: Int) {
    var bytes = unsafe output.mutableBytes
    bytes.storeBytes(of: word.littleEndian, toByteOffset: index, as: UInt64.self)
  }

  private mutating func hasRoom(_ bytes: Int) -> Bool {
    isFull = isFull || count + bytes > room
    return !isFull
  }

  /// Writes a wildcard for the bytes from `start` to the current position, or nothing when it and
  /// the last one are one list or one address.
  @_lifetime(self: copy self)
  mutating func putWildcard(from start: Int) {
    let source = start..<max(start, position)
    if let joint = joint() {
      count = joint
      if isRecording {
        while let last = marks.last, last.output >= joint { marks.removeLast() }
        guard let open = marks.indices.last else { return }
        marks[open].source = marks[open].source.lowerBound..<source.upperBound
      }
      return
    }
    guard hasRoom(3) else { return }
    if isRecording {
      marks.append(Mark(output: count, source: source, rule: nil, isMasked: true))
    }
    (output[count], output[count + 1], output[count + 2]) = (0x3C, 0x2A, 0x3E)
    count += 3
  }

  /// The end of a wildcard that what was written ends with, apart from `:`, `,`, a blank or `, `.
  private mutating func joint() -> Int? {
    var end = count
    if end > 3, output[end - 1] == 0x20 { end -= 1 }
    if end > 3, output[end - 1] == 0x2C || output[end - 1] == 0x3A && end == count { end -= 1 }
    guard end >= 3, output[end - 1] == 0x3E, output[end - 2] == 0x2A, output[end - 3] == 0x3C
    else { return nil }
    return end
  }

  /// Lets the last mark reach to a later byte of the line.
  mutating func extendMark(to stop: Int) {
    guard isRecording, let last = marks.indices.last else { return }
    marks[last].source = marks[last].source.lowerBound..<stop
  }

  /// Writes the placeholder of a named rule that matches here.
  @_lifetime(self: copy self)
  private mutating func takeNamed() -> Bool {
    guard let automaton = rules.automaton else { return false }
    let byte = text.bytes[position]
    if position > 0 {
      let before = text.bytes[position - 1]
      if isAngle(before) || isWord(before) && isWord(byte) || byte & 0xC0 == 0x80 { return false }
    }
    guard let (rule, stop) = automaton.longestMatch(in: text.bytes, position, text.end) else {
      return false
    }
    let name = rules.named[rule].name
    guard hasRoom(name.utf8.count + 2) else { return true }
    if isRecording {
      marks.append(Mark(output: count, source: position..<stop, rule: rule, isMasked: true))
    }
    put(0x3C)
    for byte in name.utf8 { put(byte) }
    put(0x3E)
    position = stop
    return true
  }

  @_lifetime(self: copy self)
  private mutating func takeQuoted(_ quote: UInt8) {
    let start = position
    position += 1
    guard rules.builtIn.contains(.quotes), !isJSON, start != messageEnd, canOpenQuote(),
      let close = closingQuote(quote, after: start)
    else { return keep(start, start + 1) }
    keep(start, start + 1)
    if text.endsWithMessageKey(before: start) {
      messageEnd = close
      return
    }
    // A request in an access log: the method says what was asked for.
    let method = text.methodLength(at: start + 1, before: close)
    keep(start + 1, start + 1 + method)
    position = close
    putWildcard(from: start + 1 + method)
    keep(close, close + 1)
    position = close + 1
  }

  private mutating func canOpenQuote() -> Bool {
    switch count > 0 ? output[count - 1] : nil {
    case nil, 0x20, 0x3D, 0x28, 0x5B, 0x7B, 0x2C, 0x3A, 0x3C: true
    default: false
    }
  }

  private mutating func closingQuote(_ quote: UInt8, after start: Int) -> Int? {
    if quote == 0x22 ? unpaired.double : unpaired.single { return nil }
    var index = start + 1
    while index < text.end {
      if text.bytes[index] == 0x5C {
        index += 2
        continue
      }
      // An apostrophe inside a word closes nothing.
      if text.bytes[index] == quote,
        quote == 0x22 || index + 1 == text.end || !isValueStart(text.bytes[index + 1])
      {
        return index
      }
      index += 1
    }
    if quote == 0x22 { unpaired.double = true } else { unpaired.single = true }
    return nil
  }
}
