/// A table of text with aligned columns, for terminals and logs.
public struct TerminalTable: Hashable, Sendable {
  /// Where a column's text stands.
  public enum Alignment: Sendable {
    /// Flush left, for words.
    case left
    /// Flush right, for numbers.
    case right
  }

  private let alignments: [Alignment]
  private var rows: [[String]]

  /// Makes a table of its headings.
  ///
  /// Characters that would command a terminal are replaced, here and in every row.
  public init(_ columns: [(heading: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    rows = [columns.map { printable($0.heading) }]
  }

  /// Adds a row.
  ///
  /// - Precondition: One text per column.
  public mutating func add(_ row: [String]) {
    precondition(
      row.count == alignments.count, "\(row.count) texts for \(alignments.count) columns")
    rows.append(row.map(printable))
  }

  /// The table's lines, two blanks between columns and none at the end of a line.
  public var text: String {
    let widths = alignments.indices.map { column in
      rows.map { displayWidth($0[column]) }.max() ?? 0
    }
    var result = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - displayWidth(cell))
        if column > 0 { line += "  " }
        line += alignments[column] == .left ? cell + blanks : blanks + cell
      }
      while line.last == " " { line.removeLast() }
      result += line + "\n"
    }
    return result
  }

}

/// Columns of a terminal that a text takes: East Asian wide characters and emoji take two.
private func displayWidth(_ text: String) -> Int {
  text.reduce(0) { sum, character in
    let scalar = character.unicodeScalars.first?.value ?? 0
    switch scalar {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return sum + 2
    default: return sum + 1
    }
  }
}
