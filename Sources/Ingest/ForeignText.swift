/// Most characters of one piece of foreign text in a message.
private let foreignLength = 80

/// Text from a file as it may stand in a message: on one line, and at most 80 characters long.
///
/// Control characters, line ends and invisible marks (such as those that turn the direction of
/// writing) are shown as escapes; what is too long ends in `…`.
func foreign(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    let shown = shownScalars(of: scalar)
    result.append(contentsOf: shown)
    if result.count > foreignLength { break }
  }
  guard result.count > foreignLength else { return String(result) }
  return String(String.UnicodeScalarView(result.prefix(foreignLength - 1))) + "…"
}

/// `foreign` between quotation marks.
package func quoted(_ text: String) -> String { "'\(foreign(text))'" }

/// A whole message on one line, whatever it was put together from; nothing is cut.
func singleLine(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { result.append(contentsOf: shownScalars(of: scalar)) }
  return String(result)
}

/// A scalar itself, or its escape when it would break or hide a part of the line.
private func shownScalars(of scalar: Unicode.Scalar) -> String.UnicodeScalarView {
  switch scalar {
  case "\n": return "\\n".unicodeScalars
  case "\r": return "\\r".unicodeScalars
  case "\t": return "\\t".unicodeScalars
  default:
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars
    default: return String(scalar).unicodeScalars
    }
  }
}
