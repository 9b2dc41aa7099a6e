/// A row of numbers drawn in one line of text.
public enum Sparkline {
  private static let blocks = Array("▁▂▃▄▅▆▇█")
  private static let plain = Array("_.:-=+*#")

  /// The mean of each of at most `width` equal parts; NaN where a part has no number, and for
  /// infinite ones, which are left out.
  ///
  /// - Precondition: A positive width.
  public static func means(of values: [Double], width: Int) -> [Double] {
    precondition(width > 0, "a line of \(width) columns")
    let parts = min(width, values.count)
    return (0..<parts).map { part in
      let range = values.count * part / parts..<values.count * (part + 1) / parts
      let known = values[range].filter(\.isFinite)
      return known.isEmpty
        ? .nan : known.reduce(0) { $0 + $1 / Double(known.count) }
    }
  }

  /// A character a number, from the least to the greatest of them; a blank where there is none.
  public static func text(_ means: [Double], ascii: Bool = false) -> String {
    let levels = ascii ? plain : blocks
    let known = means.filter(\.isFinite)
    guard let least = known.min(), let greatest = known.max() else {
      return String(repeating: " ", count: means.count)
    }
    // Halves, since the difference itself may be beyond all numbers.
    let range = greatest / 2 - least / 2
    return String(
      means.map { value in
        guard value.isFinite else { return " " }
        guard range > 0 else { return levels[0] }
        let share = (value / 2 - least / 2) / range
        return levels[min(levels.count - 1, Int(share * Double(levels.count)))]
      })
  }

  /// A character a part of the rows: a mark where a part has one of the rows.
  ///
  /// - Parameter marks: Rows and their mark; later ones are drawn over earlier ones.
  public static func marks(
    _ marks: [(rows: Range<Int>, mark: Character)], rows: Int, width: Int, blank: Character
  ) -> String {
    let parts = min(width, rows)
    var line = [Character](repeating: blank, count: parts)
    for (range, mark) in marks {
      let known = range.clamped(to: 0..<rows)
      guard !known.isEmpty else { continue }
      // The parts of the first and the last row: part p begins at row rows × p / parts.
      let first = ((known.lowerBound + 1) * parts - 1) / rows
      let last = (known.upperBound * parts - 1) / rows
      for part in first...last { line[part] = mark }
    }
    return String(line)
  }
}
