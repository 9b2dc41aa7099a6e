internal import Telemetry

/// A template's or pattern's words in the form in which they are compared: by 64-bit hashes.
struct TemplateWords: Sendable {
  /// One word.
  struct Word: Hashable, Sendable {
    var hash: UInt64
    /// Hash of what comes before the word's first value, such as `rhost=` or `/`.
    var stem: UInt64
    /// Whether the whole word is a wildcard.
    var isFree: Bool
    /// Whether the word is a key with a wildcard for its value, such as `rhost=<*>`.
    var isKeyed: Bool
    /// Whether a part of the word was masked.
    var isMasked: Bool
  }

  var words: [Word]
  /// Severity, number of words, and the places in code that they name: what never differs within
  /// a template.
  let group: UInt64

  init(_ tokens: [String], level: LogLevel) {
    var group = mix(UInt64(level.rawValue) << 32 | UInt64(tokens.count))
    words = []
    words.reserveCapacity(tokens.count)
    for (position, token) in tokens.enumerated() {
      let word = Word(token)
      if !word.isFree, isPlace(Array(token.utf8)) {
        group = mix(group ^ mix(word.hash &+ UInt64(position)))
      }
      words.append(word)
    }
    self.group = group
  }

  /// How much the template leaves open: 2 for a wildcard, 1 for a key with one.
  var openness: Int { words.reduce(0) { $0 + ($1.isFree ? 2 : $1.isKeyed ? 1 : 0) } }

  /// Whether every word is the same in `other` or stands for it here.
  func covers(_ other: TemplateWords) -> Bool {
    guard words.count == other.words.count else { return false }
    for index in words.indices {
      guard words[index].covers(other.words[index]) else { return false }
    }
    return true
  }

  /// How alike a template and a pattern are.
  struct Likeness: Comparable {
    /// Words compared, at least 1.
    var compared: Int
    /// Words of these that are equal.
    var equal: Int

    /// A larger share of equal words is more alike, of equal shares the one of more words.
    static func < (a: Likeness, b: Likeness) -> Bool {
      let (x, y) = (a.equal * b.compared, b.equal * a.compared)
      return x != y ? x < y : a.equal < b.equal
    }

    func reaches(_ share: Double) -> Bool { Double(equal) >= share * Double(compared) }
  }

  /// The share of the words that are text in a template or in a pattern and are equal in both.
  ///
  /// Words that are a value in both, such as `uid=<*>`, and words that the template leaves free say
  /// nothing about whether the sentence is the same.
  func likeness(to pattern: TemplateWords) -> Likeness {
    var (equal, compared) = (0, 0)
    for index in words.indices {
      let (a, b) = (words[index], pattern.words[index])
      if a.hash == b.hash {
        if !a.isMasked { (equal, compared) = (equal + 1, compared + 1) }
      } else if !a.covers(b), !(a.isMasked && b.isMasked && a.stem == b.stem) {
        compared += 1
      }
    }
    return compared == 0
      ? Likeness(compared: 1, equal: 1) : Likeness(compared: compared, equal: equal)
  }
}

extension TemplateWords.Word {
  init(_ token: String) {
    let bytes = Array(token.utf8)
    let span = bytes.span
    hash = hashOf(span)
    let stemEnd = min((bytes.firstIndex(where: isStemEnd) ?? bytes.count) + 1, bytes.count)
    stem = hashOf(span.extracting(first: stemEnd))
    let isWild = bytes.suffix(3) == wildcard[...]
    isFree = isWild && bytes.count == 3
    isKeyed = isWild && stemEnd == bytes.count - 3 && isKeyEnd(bytes[stemEnd - 1])
    isMasked = isFree || isKeyed || holdsPlaceholder(span)
  }

  /// Whether the word stands for another.
  func covers(_ other: Self) -> Bool {
    isFree || hash == other.hash || isKeyed && stem == other.stem
  }
}

/// A word that covers two others: their common key with a wildcard, or a wildcard alone.
func generalized(_ a: String, _ b: String) -> String {
  let bytes = Array(a.utf8)
  if let end = bytes.firstIndex(where: isStemEnd), isKeyEnd(bytes[end]), end > 0,
    b.utf8.starts(with: bytes[...end])
  {
    return String(decoding: bytes[...end], as: UTF8.self) + LogMask.wildcard
  }
  return LogMask.wildcard
}

private let wildcard = Array(LogMask.wildcard.utf8)

/// `=` or `:`
private func isKeyEnd(_ byte: UInt8) -> Bool { byte == 0x3D || byte == 0x3A }

/// `= : ( / < [ { , ' "`
private func isStemEnd(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x3D, 0x3A, 0x28, 0x2F, 0x3C, 0x5B, 0x7B, 0x2C, 0x27, 0x22: true
  default: false
  }
}

/// Whether `<*>` or `<name>` is somewhere in a word.
private func holdsPlaceholder(_ bytes: Span<UInt8>) -> Bool {
  for index in bytes.indices where bytes[index] == 0x3C {
    var next = index + 1
    while next < bytes.count, isNameByte(bytes[next]) || bytes[next] == 0x2A { next += 1 }
    if next > index + 1, next < bytes.count, bytes[next] == 0x3E { return true }
  }
  return false
}
