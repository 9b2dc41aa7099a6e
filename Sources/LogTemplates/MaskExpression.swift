/// A set of bytes.
struct ByteSet: Hashable, Sendable {
  private var words = [UInt64](repeating: 0, count: 4)

  /// What rules may match: all but control characters, blanks, `<` and `>`.
  static let matchable: ByteSet = {
    var set = ByteSet()
    for byte in UInt8.min...UInt8.max where !isBlank(byte) && byte != 0x3C && byte != 0x3E {
      set.insert(byte)
    }
    return set
  }()
  static let digits = ByteSet(0x30...0x39)
  static let letters: ByteSet = {
    var set = ByteSet(0x30...0x39)
    for byte in UInt8.min...UInt8.max where isLetter(byte) || byte == 0x5F { set.insert(byte) }
    return set
  }()

  init() {}
  init(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

  func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
  mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
  mutating func formUnion(_ other: ByteSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }
  /// The matchable bytes that are not in the set.
  var complement: ByteSet {
    var result = self
    for index in words.indices { result.words[index] = ~words[index] & Self.matchable.words[index] }
    return result
  }
  /// Whether every byte may be matched.
  var isMatchable: Bool {
    words.indices.allSatisfy { words[$0] & ~Self.matchable.words[$0] == 0 }
  }
}

/// A parsed expression.
indirect enum MaskExpression {
  case bytes(ByteSet)
  case sequence([MaskExpression])
  case choice([MaskExpression])
  case repetition(MaskExpression, least: Int, most: Int?)

  /// Whether the empty text is a match.
  var matchesNothing: Bool {
    switch self {
    case .bytes: false
    case .sequence(let parts): parts.allSatisfy { $0.matchesNothing }
    case .choice(let options): options.contains { $0.matchesNothing }
    case .repetition(let body, let least, _): least == 0 || body.matchesNothing
    }
  }
}

/// Reads an expression by recursive descent.
struct MaskExpressionParser {
  private static let depthLimit = 32
  private static let repetitionLimit = 255

  private let name: String
  private let bytes: [UInt8]
  private var position = 0

  init(_ rule: LogMaskRules.Named) {
    (name, bytes) = (rule.name, Array(rule.expression.utf8))
  }

  private func failure(_ reason: String) -> LogTemplateError {
    .invalidMask(name: name, reason: "character \(position + 1) of the expression: \(reason)")
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func parse() throws(LogTemplateError) -> MaskExpression {
    let tree = try choice(depth: 0)
    guard position == bytes.count else { throw failure("')' without '('") }
    return tree
  }

  private mutating func choice(depth: Int) throws(LogTemplateError) -> MaskExpression {
    guard depth < Self.depthLimit else { throw failure("groups nested too deep") }
    var options = [try sequence(depth: depth)]
    while take(0x7C) { options.append(try sequence(depth: depth)) }
    return options.count == 1 ? options[0] : .choice(options)
  }

  private mutating func sequence(depth: Int) throws(LogTemplateError) -> MaskExpression {
    var parts: [MaskExpression] = []
    while let byte = next, byte != 0x7C, byte != 0x29 {
      parts.append(try quantified(try atom(depth: depth)))
    }
    return .sequence(parts)
  }

  private mutating func quantified(
    _ body: MaskExpression
  ) throws(LogTemplateError) -> MaskExpression {
    let result: MaskExpression
    if take(0x2A) {
      result = .repetition(body, least: 0, most: nil)
    } else if take(0x2B) {
      result = .repetition(body, least: 1, most: nil)
    } else if take(0x3F) {
      result = .repetition(body, least: 0, most: 1)
    } else if take(0x7B) {
      let least = try number()
      let isOpen = take(0x2C)
      let most = !isOpen ? least : next == 0x7D ? nil : try number()
      guard take(0x7D), most ?? least >= least else { throw failure("malformed repetition") }
      result = .repetition(body, least: least, most: most)
    } else {
      return body
    }
    if let byte = next, [0x2A, 0x2B, 0x3F, 0x7B].contains(byte) {
      throw failure("a second repetition; put the first in a group")
    }
    return result
  }

  private mutating func number() throws(LogTemplateError) -> Int {
    var value = 0
    let start = position
    while let byte = next, isDigit(byte), value <= Self.repetitionLimit {
      value = value * 10 + Int(byte - 0x30)
      position += 1
    }
    guard position > start, value <= Self.repetitionLimit else {
      throw failure("a repetition is a number up to \(Self.repetitionLimit)")
    }
    return value
  }

  private mutating func atom(depth: Int) throws(LogTemplateError) -> MaskExpression {
    guard let byte = next else { throw failure("the expression ends too early") }
    switch byte {
    case 0x28:
      position += 1
      if take(0x3F), !take(0x3A) { throw failure("look-around and flags are not supported") }
      let body = try choice(depth: depth + 1)
      guard take(0x29) else { throw failure("'(' without ')'") }
      return body
    case 0x5B:
      position += 1
      return .bytes(try characterClass())
    case 0x2E:
      position += 1
      return .bytes(.matchable)
    case 0x5E, 0x24: throw failure("anchors are not needed; rules match whole words")
    case 0x2A, 0x2B, 0x3F, 0x7B, 0x7D, 0x5D:
      throw failure("'\(Unicode.Scalar(byte))' needs a '\\' before it to stand for itself")
    default:
      let first = MaskExpression.bytes(try literal())
      guard byte >= 0xC0 else { return first }
      // The bytes of one character belong together.
      var parts = [first]
      while let byte = next, byte & 0xC0 == 0x80 { parts.append(.bytes(try literal())) }
      return .sequence(parts)
    }
  }

  /// A byte, or what a `\` and the byte after it stand for.
  private mutating func literal() throws(LogTemplateError) -> ByteSet {
    guard let byte = next else { throw failure("the expression ends too early") }
    var set = ByteSet(byte...byte)
    if byte == 0x5C {
      position += 1
      guard let escaped = next else { throw failure("nothing after '\\'") }
      switch escaped {
      case 0x64: set = .digits
      case 0x77: set = .letters
      case _ where isLetter(escaped) || isDigit(escaped):
        throw failure("unknown escape; \\d, \\w and punctuation are known")
      default: set = ByteSet(escaped...escaped)
      }
    }
    guard set.isMatchable else { throw failure("rules cannot match blanks, '<' or '>'") }
    position += 1
    return set
  }

  private mutating func characterClass() throws(LogTemplateError) -> ByteSet {
    let isNegated = take(0x5E)
    var set = ByteSet()
    var isFirst = true
    while isFirst || next != 0x5D {
      guard let first = next else { throw failure("'[' without ']'") }
      guard first < 0x80 else { throw failure("a class holds ASCII characters only") }
      isFirst = false
      let part = try literal()
      if first != 0x5C, next == 0x2D, position + 1 < bytes.count, bytes[position + 1] != 0x5D {
        position += 1
        guard let last = next, last != 0x5C, last >= first else { throw failure("malformed range") }
        position += 1
        let range = ByteSet(first...last)
        guard range.isMatchable else { throw failure("rules cannot match blanks, '<' or '>'") }
        set.formUnion(range)
      } else {
        set.formUnion(part)
      }
    }
    position += 1
    return isNegated ? set.complement : set
  }
}
