// Reading eight bytes at a time is bounds-checked and valid for every bit pattern; only the absence
// of a promise about alignment makes it `unsafe`.

@inline(__always)
func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
  UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

/// Up to seven bytes from an offset to the end.
@inline(__always)
private func tail(_ bytes: Span<UInt8>, _ offset: Int) -> UInt64 {
  var word: UInt64 = 0
  for index in offset..<bytes.count { word = word << 8 | UInt64(bytes[index]) }
  return word
}

/// A hash for tables in memory.
///
/// Words of eight bytes are mixed by 64 × 64 bit multiplication, the halves added by exclusive or.
func hashOf(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
  var hash = seed ^ UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
  var offset = 0
  let raw = unsafe bytes.bytes
  while offset + 8 <= bytes.count {
    hash = mix(hash ^ word(raw, offset))
    offset += 8
  }
  return mix(hash ^ tail(bytes, offset) ^ 0xD6E8_FEB8_6659_FD93)
}

@inline(__always)
func mix(_ value: UInt64) -> UInt64 {
  let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
  return product.high ^ product.low
}

func areEqual(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  let (x, y) = unsafe (a.bytes, b.bytes)
  var offset = 0
  while offset + 8 <= a.count {
    if word(x, offset) != word(y, offset) { return false }
    offset += 8
  }
  return tail(a, offset) == tail(b, offset)
}

/// The first of a byte at or after an index, or the end.
func firstIndex(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
  let raw = unsafe bytes.bytes
  let wanted = UInt64(byte) &* 0x0101_0101_0101_0101
  var index = start
  while index + 8 <= bytes.count {
    // A byte of the difference is zero where the byte is; the lowest bit set is one of these
    // (Mycroft's test).
    let difference = word(raw, index) ^ wanted
    let zeros = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    if zeros != 0 { return index + zeros.trailingZeroBitCount / 8 }
    index += 8
  }
  while index < bytes.count, bytes[index] != byte { index += 1 }
  return index
}

func isASCII(_ bytes: Span<UInt8>) -> Bool {
  let raw = unsafe bytes.bytes
  var high: UInt64 = 0
  var index = 0
  while index + 8 <= bytes.count {
    high |= word(raw, index)
    index += 8
  }
  return (high | tail(bytes, index)) & 0x8080_8080_8080_8080 == 0
}
