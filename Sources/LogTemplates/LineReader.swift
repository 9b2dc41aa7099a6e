internal import Telemetry

/// Reads lines into patterns, one after the other in the same memory.
struct LineReader: Sendable {
  /// Longest line that is searched for the members of a JSON object.
  private static let jsonLimit = 65_536

  /// What a pattern was made from.
  struct Trace {
    /// The text that was masked; of a JSON object its message.
    var text: [UInt8] = []
    var marks: [LineMasker.Mark] = []
  }

  let rules: LogMaskRules
  /// Bytes of the pattern.
  private(set) var count = 0
  private(set) var level = LogLevel.unknown
  private(set) var trace = Trace()
  private let isTracing: Bool
  private var output: [UInt8]

  init(rules: LogMaskRules, limit: Int = LogMask.lengthLimit, isTracing: Bool = false) {
    (self.rules, self.isTracing) = (rules, isTracing)
    output = Array(repeating: 0, count: min(limit, LogMask.lengthLimit) + LineMasker.slack)
  }

  /// The bytes of the pattern.
  var pattern: Span<UInt8> {
    @_lifetime(borrow self)
    get { output.span.extracting(first: count) }
  }

  /// The bytes of the pattern in memory of their own.
  var copy: [UInt8] { Array(output[0..<count]) }

  /// The pattern as text; bytes that are not UTF-8 are replaced.
  var text: String {
    let text = String(decoding: output[0..<count], as: UTF8.self)
    guard text.utf8.count > LogMask.lengthLimit else { return text }
    // Replacements are longer than what they replace.
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: LogMask.lengthLimit)
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  /// Reads a line into its pattern and severity.
  mutating func read(_ line: Span<UInt8>, fallback: LogLevel) {
    if line.count > 1, line[0] == 0x7B, readJSON(line, fallback: fallback) { return }
    let seen = line.extracting(first: LogMask.lengthLimit)
    if firstIndex(of: 0x1B, in: seen, from: 0) < seen.count {
      let plain = withoutColours(line)
      return mask(plain.span, fallback: fallback)
    }
    mask(line, fallback: fallback)
  }

  private mutating func mask(_ line: Span<UInt8>, fallback: LogLevel, isJSON: Bool = false) {
    let (rules, isTracing) = (rules, isTracing)
    var level: LogLevel?
    var masker = LineMasker(line, into: output.mutableSpan, rules: rules)
    masker.isRecording = isTracing
    masker.isJSON = isJSON
    if !isJSON {
      if rules.builtIn.contains(.head) { (masker.position, level) = masker.text.head() }
      level = level ?? masker.text.level(from: masker.position)
    }
    masker.mask()
    let (count, marks) = (masker.count, masker.marks)
    (self.count, self.level) = (count, level ?? fallback)
    if isTracing { trace = Trace(text: line.indices.map { line[$0] }, marks: marks) }
  }

  /// Reads the message of a JSON object, or the object itself when it has none.
  private mutating func readJSON(_ line: Span<UInt8>, fallback: LogLevel) -> Bool {
    let bytes = line.indices.map { line[$0] }
    if bytes.count <= Self.jsonLimit, let fields = JSONLine(bytes) {
      if let message = fields.message {
        let bytes = Array(message.utf8)
        read(bytes.span, fallback: fallback)
        level = fields.level ?? level
      } else {
        mask(line, fallback: fields.level ?? fallback, isJSON: true)
      }
      return true
    }
    // A masked object is none any more, but its quotes are still keys and content.
    guard bytes[1] == 0x22, bytes.last(where: { !isBlank($0) }) == 0x7D,
      !bytes.contains(0x1B)
    else { return false }
    mask(line, fallback: fallback, isJSON: true)
    return true
  }

  /// A line without `ESC [ … letter`.
  private func withoutColours(_ line: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    // What is cut off by the limit may be longer without colours.
    let end = min(line.count, 4 * LogMask.lengthLimit)
    result.reserveCapacity(end)
    while index < end {
      let byte = line[index]
      index += 1
      guard byte == 0x1B else {
        result.append(byte)
        continue
      }
      guard index < end, line[index] == 0x5B else { continue }
      index += 1
      while index < end, !isLetter(line[index]) { index += 1 }
      index = min(index + 1, end)
    }
    return result
  }
}
