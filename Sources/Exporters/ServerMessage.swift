internal import Storage

/// What an error answer says: the member `error` or `message` of JSON, otherwise its text.
func serverMessage(_ body: [UInt8]) -> String {
  if case .object(let members)? = try? JSONValue(parsing: body, source: "answer") {
    for key in ["error", "message"] {
      if case .string(let text)? = members[key] { return text }
    }
  }
  return String(decoding: body, as: UTF8.self)
}

/// A foreign text as one line of bounded length without control characters.
func firstLine(_ text: String) -> String {
  let longest = 300
  let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
  let words = String(String.UnicodeScalarView(line)).split(separator: " ").joined(separator: " ")
  return words.count <= longest ? words : words.prefix(longest) + "…"
}

/// A foreign text as one line without our secrets, which a server may echo. They go before the text
/// is cut, which could leave a part of one.
func sanitized(_ text: String, hiding secrets: [String]) -> String {
  firstLine(
    secrets.sorted { $0.count > $1.count }.reduce(text) { $0.replacing($1, with: "…") })
}

/// An address without its query, which may hold what nobody else should read.
func withoutQuery(_ url: String) -> String {
  String(url.prefix { $0 != "?" && $0 != "#" })
}
