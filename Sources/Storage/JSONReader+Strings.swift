extension JSONReader {
  /// Takes a string that has no escapes and is not empty, without making a string of it.
  ///
  /// - Returns: Where its bytes are, which need not be UTF-8; nil, and nothing is taken, when the next
  ///   is none.
  public mutating func plainString() -> Range<Int>? {
    guard peek() == 0x22 else { return nil }
    let start = position + 1
    var at = start
    while at < end, bytes[at] != 0x22 {
      guard bytes[at] != 0x5C, bytes[at] >= 0x20 else { return nil }
      at += 1
    }
    guard at < end, at > start else { return nil }
    position = at + 1
    return start..<at
  }

  /// Takes a string.
  public mutating func string() throws(StorageError) -> String {
    try expect("\"")
    let start = position
    while position < end, bytes[position] != 0x22, bytes[position] != 0x5C, bytes[position] >= 0x20
    { position += 1 }
    if position < end, bytes[position] == 0x22 {
      guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
        position = start
        throw error("string is not valid UTF-8")
      }
      position += 1
      return text
    }
    var buffer = Array(bytes[start..<position])
    while true {
      guard position < end else { throw truncation }
      let byte = bytes[position]
      if byte == 0x22 {
        position += 1
        break
      }
      guard byte >= 0x20 else { throw error("control character in a string") }
      position += 1
      if byte == 0x5C {
        try escape(into: &buffer)
      } else {
        buffer.append(byte)
      }
    }
    guard let text = String(validating: buffer, as: UTF8.self) else {
      position = start
      throw error("string is not valid UTF-8")
    }
    return text
  }

  private mutating func escape(into buffer: inout [UInt8]) throws(StorageError) {
    guard position < end else { throw truncation }
    let byte = bytes[position]
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: buffer.append(byte)
    case 0x62: buffer.append(0x08)
    case 0x66: buffer.append(0x0C)
    case 0x6E: buffer.append(0x0A)
    case 0x72: buffer.append(0x0D)
    case 0x74: buffer.append(0x09)
    case 0x75:
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        for expected in [0x5C, 0x75] as [UInt8] {
          guard position < end else { throw truncation }
          guard bytes[position] == expected else { throw error("lone surrogate in a string") }
          position += 1
        }
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw error("lone surrogate in a string") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate in a string") }
      buffer.append(contentsOf: Array(String(Character(scalar)).utf8))
    default:
      position -= 1
      throw error("unknown escape in a string")
    }
  }

  private mutating func hexadecimal() throws(StorageError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard position < end, let digit = hexadecimalDigit(bytes[position]) else {
        throw failure("expected four hexadecimal digits")
      }
      code = code << 4 | digit
      position += 1
    }
    return code
  }
}

private func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 0x30...0x39: UInt32(byte - 0x30)
  case 0x41...0x46: UInt32(byte - 0x41 + 10)
  case 0x61...0x66: UInt32(byte - 0x61 + 10)
  default: nil
  }
}
