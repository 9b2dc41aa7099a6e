/// Takes texts out of the small, flat XML documents that S3 and STS answer with.
///
/// Not a general reader: attributes, comments and character data sections are not looked into, and a
/// document that has such is at worst not understood. Nothing is expanded but the five entities and
/// numbers, so that no document can grow.
struct XMLText {
  private let text: Substring

  init(_ text: String) { self.text = text[...] }
  private init(_ text: Substring) { self.text = text }

  /// The elements of a name, whatever they lie in; those within others of the name are not found.
  func elements(_ name: String) -> [XMLText] {
    var found: [XMLText] = []
    var rest = text
    while let start = Self.end(ofStart: name, in: rest) {
      let content = rest[start...]
      guard let end = content.firstRange(of: "</\(name)>") else { break }
      found.append(XMLText(content[..<end.lowerBound]))
      rest = content[end.upperBound...]
    }
    return found
  }

  /// The first element's text, entities resolved.
  func text(_ name: String) -> String? { elements(name).first.map { Self.resolved($0.text) } }

  /// Behind the start tag of an element, with or without attributes.
  private static func end(ofStart name: String, in text: Substring) -> Substring.Index? {
    var rest = text
    while let open = rest.firstRange(of: "<\(name)") {
      let after = rest[open.upperBound...]
      if after.first == ">" { return after.index(after: after.startIndex) }
      if after.first?.isWhitespace == true, let close = after.firstIndex(of: ">") {
        return after.index(after: close)
      }
      rest = after
    }
    return nil
  }

  private static func resolved(_ text: Substring) -> String {
    guard text.contains("&") else { return String(text) }
    var output = ""
    var rest = text
    while let amp = rest.firstIndex(of: "&") {
      output += rest[..<amp]
      let after = rest[rest.index(after: amp)...]
      guard let semicolon = after.firstIndex(of: ";"), let scalar = scalar(after[..<semicolon])
      else {
        output += "&"
        rest = after
        continue
      }
      output.unicodeScalars.append(scalar)
      rest = after[after.index(after: semicolon)...]
    }
    return output + rest
  }

  private static func scalar(_ entity: Substring) -> Unicode.Scalar? {
    switch entity {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard entity.hasPrefix("#") else { return nil }
      let digits = entity.dropFirst()
      let number =
        digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return number.flatMap { Unicode.Scalar($0) }
    }
  }
}
