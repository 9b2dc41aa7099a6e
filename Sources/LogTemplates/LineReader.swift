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

  /// The pattern as text.
  var text: String { String(decoding: output[0..<count], as: UTF8.self) }

  /// Reads a line into its pattern and severity; bytes that are not UTF-8 are replaced.
  mutating func read(_ line: Span<UInt8>, fallback: LogLevel) {
    let seen = line.extracting(first: Self.jsonLimit)
    if !isASCII(seen), (try? UTF8Span(validating: seen)) == nil {
      let bytes = seen.indices.map { seen[$0] }
      let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
      return readText(repaired.span, fallback: fallback)
    }
    readText(line, fallback: fallback)
  }

  private mutating func readText(_ line: Span<UInt8>, fallback: LogLevel) {
    let seen = line.extracting(first: LogMask.lengthLimit)
    if firstIndex(of: 0x1B, in: seen, from: 0) < seen.count {
      let plain = withoutColours(line)
      return readText(plain.span, fallback: fallback)
    }
    let text = LineText(line)
    let head = rules.builtIn.contains(.head) ? text.head() : (end: text.afterBlanks(0), level: nil)
    let rest = line.extracting(head.end...)
    if rest.count > 1, rest[0] == 0x7B, readJSON(rest, fallback: head.level ?? fallback) { return }
    mask(line, from: head.end, level: head.level ?? text.level(from: head.end) ?? fallback)
  }

  private mutating func mask(
    _ line: Span<UInt8>, from start: Int = 0, level: LogLevel, isJSON: Bool = false
  ) {
    let (rules, isTracing) = (rules, isTracing)
    var masker = LineMasker(line, into: output.mutableSpan, rules: rules)
    masker.position = start
    masker.isRecording = isTracing
    masker.isJSON = isJSON
    masker.mask()
    let (count, marks) = (masker.count, masker.marks)
    (self.count, self.level) = (count, level)
    if isTracing { trace = Trace(text: line.indices.map { line[$0] }, marks: marks) }
  }

  /// Reads the message of a JSON object, or the object itself when it has none.
  private mutating func readJSON(_ line: Span<UInt8>, fallback: LogLevel) -> Bool {
    // A line break inside a string is as good as a blank.
    let bytes = line.indices.map { isBlank(line[$0]) ? 0x20 : line[$0] }
    if bytes.count <= Self.jsonLimit, let fields = JSONLine(bytes) {
      if let message = fields.message {
        let bytes = Array(message.utf8)
        readText(bytes.span, fallback: fallback)
        level = fields.level ?? level
      } else {
        mask(line, level: fields.level ?? fallback, isJSON: true)
      }
      return true
    }
    // A masked object is none any more, but its quotes are still keys and content.
    let first = bytes.dropFirst().first { $0 != 0x20 }
    guard first == 0x22 || first == 0x3C, bytes.last(where: { $0 != 0x20 }) == 0x7D
    else { return false }
    mask(line, level: fallback, isJSON: true)
    return true
  }

  /// A line without `ESC [ … letter`.
  private func withoutColours(_ line: Span<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    let end = min(line.count, Self.jsonLimit)
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
