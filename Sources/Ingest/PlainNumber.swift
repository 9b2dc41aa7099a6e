/// A number as texts of telemetry have it: decimal, `NaN` or an infinity; nil for others, among them the
/// hexadecimal ones that Swift reads.
func number(_ text: some StringProtocol) -> Double? {
  text.utf8.contains { $0 | 0x20 == 0x78 } ? nil : Double(text)
}
