internal import Storage

/// What an error answer says: the member `error` or `message` of JSON, otherwise its text.
package func serverMessage(_ body: [UInt8]) -> String {
  if case .object(let members)? = try? JSONValue(parsing: body, source: "answer") {
    for key in ["error", "message"] {
      if case .string(let text)? = members[key] { return text }
    }
  }
  return String(decoding: body, as: UTF8.self)
}

/// A foreign text as one line of bounded length without control characters.
package func firstLine(_ text: String) -> String {
  let longest = 300
  let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
  let words = String(String.UnicodeScalarView(line)).split(separator: " ").joined(separator: " ")
  return words.count <= longest ? words : words.prefix(longest) + "…"
}

/// A foreign text as one line without our secrets, which a server may echo. They go before the text
/// is cut, which could leave a part of one.
package func sanitized(_ text: String, hiding secrets: [String]) -> String {
  firstLine(
    secrets.sorted { $0.count > $1.count }.reduce(text) { $0.replacing($1, with: "…") })
}

/// An address without its query, which may hold what nobody else should read.
package func withoutQuery(_ url: String) -> String {
  String(url.prefix { $0 != "?" && $0 != "#" })
}

/// Parameters as they stand in an address or a form (`application/x-www-form-urlencoded`).
package func formEncoded(_ parameters: [(name: String, value: String)]) -> String {
  parameters.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
    .joined(separator: "&")
}

/// All bytes but unreserved ones (RFC 3986, 2.3), and `keeping` ones, as `%XX`.
package func percentEncoded(_ text: String, keeping kept: Set<UInt8> = []) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var output: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: output.append(byte)
    case let byte where kept.contains(byte): output.append(byte)
    default: output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: output, as: UTF8.self)
}
