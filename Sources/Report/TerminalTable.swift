/// A table of text with aligned columns, for terminals and logs.
public struct TerminalTable: Hashable, Sendable {
  /// Where a column's text stands.
  public enum Alignment: Sendable {
    /// Flush left, for words, which may be cut.
    case left
    /// Flush left, for words that are never cut.
    case leftWhole
    /// Flush right, for numbers.
    case right
  }

  /// The least columns that a word may be cut to.
  private static let leastWidth = 8

  private let alignments: [Alignment]
  private let headings: [[String]]
  private var rows: [[String]] = []

  /// Makes a table of its headings, in which line breaks are kept.
  ///
  /// Characters that would command a terminal are replaced, here and in every row.
  public init(_ columns: [(heading: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    let parts = columns.map {
      $0.heading.split(separator: "\n", omittingEmptySubsequences: false)
        .map { printable(String($0)) }
    }
    let height = parts.map(\.count).max() ?? 1
    headings = (0..<height).map { line in
      // Short headings stand at the bottom, next to what they name.
      parts.map { part in
        let index = line - height + part.count
        return index >= 0 ? part[index] : ""
      }
    }
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
  public var text: String { text(width: .max) }

  /// The same within `width` columns where possible.
  ///
  /// Columns of words give way, the widest first, with an ellipsis in the middle of what is cut;
  /// numbers are never cut.
  public func text(width: Int) -> String {
    let widths = fittedWidths(width)
    var result = ""
    for row in headings + rows {
      var line = ""
      for (column, text) in row.enumerated() {
        let cell =
          alignments[column] == .left && widths[column] > 0
          ? shortened(text, to: widths[column]) : text
        let blanks = String(repeating: " ", count: max(0, widths[column] - displayWidth(cell)))
        if column > 0 { line += "  " }
        line += alignments[column] == .right ? blanks + cell : cell + blanks
      }
      while line.last == " " { line.removeLast() }
      result += line + "\n"
    }
    return result
  }

  /// Columns of its longest line with nothing cut.
  var naturalWidth: Int { naturalWidths.reduce(2 * (alignments.count - 1), +) }

  private var naturalWidths: [Int] {
    alignments.indices.map { column in
      (headings + rows).map { displayWidth($0[column]) }.max() ?? 0
    }
  }

  private func fittedWidths(_ limit: Int) -> [Int] {
    var widths = naturalWidths
    var excess = naturalWidth - limit
    while excess > 0 {
      let words = widths.indices.filter {
        alignments[$0] == .left && widths[$0] > Self.leastWidth
      }
      guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }
}
