/// Breaks a paragraph into lines at blanks.
///
/// - Parameters:
///   - width: The most columns of a line; a longer word stands alone and is cut in its middle.
///   - indent: What every line but the first begins with.
package func wrapped(_ text: String, width: Int = 100, indent: String = "") -> String {
  var lines: [String] = []
  var line = ""
  var used = 0
  for part in text.split(separator: " ", omittingEmptySubsequences: false) {
    let word = shortened(String(part), to: max(1, width - displayWidth(indent)))
    let size = displayWidth(word)
    if used > 0, used + 1 + size > width {
      lines.append(line)
      (line, used) = (indent + word, displayWidth(indent) + size)
    } else {
      line += used > 0 ? " " + word : word
      used += used > 0 ? 1 + size : size
    }
  }
  return (lines + [line]).joined(separator: "\n")
}

/// A text of at most `width` columns, shortened in its middle: names differ at their ends.
///
/// - Precondition: A positive width.
package func shortened(_ text: String, to width: Int) -> String {
  precondition(width > 0, "a text of \(width) columns")
  guard displayWidth(text) > width else { return text }
  return prefix(of: text, width: width / 2) + "…" + suffix(of: text, width: (width - 1) / 2)
}

private func prefix(of text: String, width: Int) -> Substring {
  var (end, used) = (text.startIndex, 0)
  while end < text.endIndex {
    used += displayWidth(text[end])
    if used > width { break }
    end = text.index(after: end)
  }
  return text[..<end]
}

private func suffix(of text: String, width: Int) -> Substring {
  var (start, used) = (text.endIndex, 0)
  while start > text.startIndex {
    let previous = text.index(before: start)
    used += displayWidth(text[previous])
    if used > width { break }
    start = previous
  }
  return text[start...]
}

/// Columns of a terminal that a text takes.
func displayWidth(_ text: String) -> Int { text.reduce(0) { $0 + displayWidth($1) } }

/// Columns of a terminal that a character takes: East Asian wide ones and emoji take two.
private func displayWidth(_ character: Character) -> Int {
  switch character.unicodeScalars.first?.value ?? 0 {
  case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    2
  default: 1
  }
}
