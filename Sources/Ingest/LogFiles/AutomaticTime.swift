internal import Telemetry

/// An instant of RFC 3339 in its variants, or a number of seconds, milliseconds, microseconds or
/// nanoseconds since 1970, told apart by its size: 10¹¹ seconds are the year 5138, as many
/// milliseconds the year 1973.
func automaticTime(_ text: ArraySlice<UInt8>) -> CivilTime? {
  let digits = text.prefix { (0x30...0x39).contains($0) }
  let fraction = text[digits.endIndex...]
  guard fraction.isEmpty || fraction.first == 0x2E else {
    return CivilTime(rfc3339: Array(text))
  }
  guard let number = Int64(String(decoding: digits, as: UTF8.self)),
    let thousandths = thousandths(fraction)
  else { return nil }
  let milliseconds =
    switch number {
    case ..<100_000_000_000: number * 1000 + thousandths
    case ..<100_000_000_000_000: number
    case ..<100_000_000_000_000_000: number / 1000
    default: number / 1_000_000
    }
  return CivilTime(milliseconds: milliseconds, offset: .zero)
}

/// `.25` as 250; nothing as 0; nil for anything else.
private func thousandths(_ text: ArraySlice<UInt8>) -> Int64? {
  let digits = text.dropFirst()
  guard !text.isEmpty else { return 0 }
  guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return (0..<3).reduce(0) { sum, place in
    sum * 10 + (place < digits.count ? Int64(digits[digits.startIndex + place] - 0x30) : 0)
  }
}
