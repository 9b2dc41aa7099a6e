internal import Foundation

/// Text of DER within BEGIN and END lines (RFC 7468).
enum PEM {
  /// The text, lines of 64 characters, a line feed at the end: as OpenSSL and Python write it.
  static func text(_ label: String, _ der: [UInt8]) -> String {
    let encoded = Data(der).base64EncodedString()
    var (lines, rest) = (["-----BEGIN \(label)-----"], encoded[...])
    while !rest.isEmpty {
      lines.append(String(rest.prefix(64)))
      rest = rest.dropFirst(64)
    }
    return lines.joined(separator: "\n") + "\n-----END \(label)-----\n"
  }

  /// The first block of a text; nil when there is none that can be decoded.
  static func block(in text: String) -> (label: String, der: [UInt8])? {
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let (begin, end, dashes) = ("-----BEGIN ", "-----END ", "-----")
    guard let first = lines.firstIndex(where: { $0.hasPrefix(begin) && $0.hasSuffix(dashes) })
    else { return nil }
    let label = String(lines[first].dropFirst(begin.count).dropLast(dashes.count))
    let rest = lines[(first + 1)...]
    guard let last = rest.firstIndex(of: "\(end)\(label)\(dashes)"),
      let der = Data(base64Encoded: rest[..<last].joined())
    else { return nil }
    return (label, Array(der))
  }
}
