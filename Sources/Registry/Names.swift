/// Whether a text can name a model: 1 to 63 of a-z, 0-9, `.`, `_` and `-`, and neither of the
/// last three first. Such names are safe as file names everywhere.
func isModelName(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard (1...63).contains(bytes.count), isLetterOrDigit(bytes[0]) else { return false }
  return bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D }
}

/// Whether a text can be an alias: as a model name, and not digits alone, which name versions.
func isAlias(_ text: String) -> Bool {
  isModelName(text) && !text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
}

/// Makes sure that a text can name a model.
///
/// - Throws: `RegistryError.invalidName`, which says what names look like.
public func checkModelName(_ text: String) throws(RegistryError) {
  guard isModelName(text) else { throw .invalidName(text, role: "model name") }
}

/// Makes sure that a text can be an alias.
///
/// - Throws: `RegistryError.invalidName`.
public func checkAlias(_ text: String) throws(RegistryError) {
  guard isAlias(text) else { throw .invalidName(text, role: "alias") }
}

/// The version that a text spells, from 1 on, in the one spelling without sign or leading zeros.
package func version(spelledBy text: some StringProtocol) -> Int? {
  guard let number = Int(text), number >= 1, String(number) == text else { return nil }
  return number
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
  (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
}
