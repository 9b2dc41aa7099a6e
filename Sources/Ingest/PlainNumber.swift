/// A number as Go reads and writes it, which most exports come from: decimal, `NaN`, an infinity, or
/// hexadecimal with a power of two (`0x1p3`); nil for others, among them plain hexadecimal ones.
func number(_ text: some StringProtocol) -> Double? {
  let isHexadecimal = text.utf8.contains { $0 | 0x20 == 0x78 }
  guard !isHexadecimal || text.utf8.contains(where: { $0 | 0x20 == 0x70 }) else { return nil }
  return Double(text)
}
