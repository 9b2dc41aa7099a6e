/// Takes a text in quotation marks from the beginning of bytes; nil when it does not end, or has a
/// broken escape.
///
/// - Parameter isGo: Whether it has the escapes of Go's `strconv.Quote`; otherwise `\\`, `\"` and `\n`
///   are the only ones, and a backslash before another character stays.
/// - Precondition: The bytes begin with a quotation mark.
func takeQuoted(_ rest: inout ArraySlice<UInt8>, isGo: Bool) -> String? {
  precondition(rest.first == 0x22, "no quotation mark")
  var value: [UInt8] = []
  var index = rest.startIndex + 1
  while index < rest.endIndex {
    let byte = rest[index]
    index += 1
    switch byte {
    case 0x22:
      rest = rest[index...]
      return String(decoding: value, as: UTF8.self)
    case 0x5C:
      guard index < rest.endIndex else { return nil }
      let escape = rest[index]
      index += 1
      if let plain = plainEscapes[escape] {
        value.append(plain)
      } else if !isGo {
        value += [0x5C, escape]
      } else if let plain = goEscapes[escape] {
        value.append(plain)
      } else {
        guard let digits = hexDigits[escape], rest.endIndex - index >= digits,
          let number = hexadecimal(rest[index..<index + digits])
        else { return nil }
        index += digits
        if escape == 0x78 {
          value.append(UInt8(number))
        } else {
          guard let scalar = Unicode.Scalar(number) else { return nil }
          value += Array(String(scalar).utf8)
        }
      }
    default: value.append(byte)
    }
  }
  return nil
}

/// `\\`, `\"` and `\n`.
private let plainEscapes: [UInt8: UInt8] = [0x5C: 0x5C, 0x22: 0x22, 0x6E: 0x0A]
/// `\a`, `\b`, `\f`, `\r`, `\t` and `\v`.
private let goEscapes: [UInt8: UInt8] = [
  0x61: 0x07, 0x62: 0x08, 0x66: 0x0C, 0x72: 0x0D, 0x74: 0x09, 0x76: 0x0B,
]
/// The digits of `\x`, `\u` and `\U`.
private let hexDigits: [UInt8: Int] = [0x78: 2, 0x75: 4, 0x55: 8]

private func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
  guard digits.allSatisfy({ $0 != 0x2B && $0 != 0x2D }) else { return nil }
  return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
}
