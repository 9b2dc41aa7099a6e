// ASCII classes as comparisons, which compile to less than a table look-up.

@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
@inline(__always) func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
@inline(__always) func isUppercase(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
@inline(__always) func isHexLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 6 }

/// Blanks, line breaks and every other control character: a pattern holds none of them.
@inline(__always) func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7F }

/// Letters, digits and what joins them into one word: `_ - . / # @ $ % + ~`.
///
/// Bytes beyond ASCII do not count: in scripts without blanks a number stands inside the text.
@inline(__always) func isWord(_ byte: UInt8) -> Bool {
  let low: UInt64 = 0x03FF_E838_0000_0000
  let high: UInt64 = 0x47FF_FFFE_87FF_FFFF
  // Without branches, since words of letters and digits would mispredict them.
  let half = byte & 64 == 0 ? low : high
  return half &>> UInt64(byte & 63) & UInt64(~byte &>> 7) == 1
}

/// A word of at most eight ASCII letters as one number, without regard to case; 0 for others.
@inline(__always)
func packedWord(_ bytes: Span<UInt8>, _ start: Int, _ stop: Int) -> UInt64 {
  guard stop - start <= 8 else { return 0 }
  var packed: UInt64 = 0
  for index in start..<stop {
    guard isLetter(bytes[index]) else { return 0 }
    packed = packed << 8 | UInt64(bytes[index] | 0x20)
  }
  return packed
}

/// The same for a word in the source.
func packedWord(_ word: String) -> UInt64 {
  let bytes = Array(word.utf8)
  return packedWord(bytes.span, 0, bytes.count)
}

/// Words of at most eight letters in ascending order of their packed forms.
struct PackedWords: Sendable {
  private let words: [UInt64]

  init(_ text: String) {
    words = text.split(separator: " ").map { packedWord(String($0)) }.sorted()
  }

  func contains(_ word: UInt64) -> Bool {
    guard word != 0 else { return false }
    var (low, high) = (0, words.count)
    while low < high {
      let middle = (low + high) / 2
      if words[middle] < word { low = middle + 1 } else { high = middle }
    }
    return low < words.count && words[low] == word
  }
}

/// What names of rules consist of.
@inline(__always) func isNameByte(_ byte: UInt8) -> Bool {
  isLetter(byte) || byte == 0x2D || byte == 0x5F
}

/// `<` and `>`, which mark what was masked.
@inline(__always) func isAngle(_ byte: UInt8) -> Bool { byte == 0x3C || byte == 0x3E }

/// What a word begins with, before or after it was masked.
@inline(__always) func isValueStart(_ byte: UInt8) -> Bool { isWord(byte) || byte == 0x3C }

/// Dots, dashes and slashes, which at the end of a word are punctuation.
@inline(__always) func isTrailing(_ byte: UInt8) -> Bool {
  byte == 0x2E || byte == 0x2D || byte == 0x2F
}
