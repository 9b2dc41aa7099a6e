/// Markup in which every text that comes from data is escaped.
///
/// Literals are markup, interpolated strings are text: the type, not the author's care, keeps a
/// service called `<script>` from becoming one.
struct HTML: ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Takes text that is markup already: a constant of the program, never data.
  init(markup: String) { text = markup }

  static func + (a: HTML, b: HTML) -> HTML { "\(a)\(b)" }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: String) { text += escaped(value) }
    mutating func appendInterpolation(_ value: Int) { text += String(value) }
    mutating func appendInterpolation(_ value: HTML) { text += value.text }
    mutating func appendInterpolation(_ values: [HTML]) {
      for value in values { text += value.text }
    }
  }
}

/// Text as it must stand between tags or in a quoted attribute.
private func escaped(_ text: String) -> String {
  var result = ""
  for scalar in printable(text).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Text without what moves cursors, ends lines or reverses the direction of writing.
///
/// Control characters, line and paragraph separators and bidirectional overrides become U+FFFD, so
/// that a name from data can neither command a terminal nor disguise itself.
public func printable(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C:
      result.append("\u{FFFD}")
    default: result.append(scalar)
    }
  }
  return String(result)
}
