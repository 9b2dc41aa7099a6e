// ASCII classes as comparisons, which compile to less than a table look-up.

@inline(__always) func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
@inline(__always) func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
@inline(__always) func isUppercase(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
@inline(__always) func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
@inline(__always) func isHexLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 6 }

/// Letters, digits and what joins them into one word: `_ - . / # @ $ % + ~`.
///
/// Bytes beyond ASCII do not count: in scripts without blanks a number stands inside the text.
@inline(__always) func isWord(_ byte: UInt8) -> Bool {
  let low: UInt64 = 0x03FF_E838_0000_0000
  let high: UInt64 = 0x47FF_FFFE_87FF_FFFF
  if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
  return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
}
