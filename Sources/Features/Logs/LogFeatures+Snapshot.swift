internal import Telemetry

/// The memory as numbers: a line of counts for every cell that the longest window reaches over.
extension LogFeatures {
  private static let levels = LogLevel.allCases.count

  /// Numbers for a cell: whether logs were recorded, lines by severity, lines by template.
  var cellWidth: Int { 1 + Self.levels + width }

  /// The last cells, oldest first, [keptCells × cellWidth]; zeros before the first cell.
  func encodedHistory() -> [Int32] {
    let kept = history.suffix(keptCells)
    var numbers = [Int32](repeating: 0, count: keptCells * cellWidth)
    for (position, cell) in kept.enumerated() {
      guard let cell else { continue }
      let start = (keptCells - kept.count + position) * cellWidth
      numbers[start] = 1
      for (level, lines) in cell.levels.enumerated() {
        numbers[start + 1 + level] = Int32(clamping: lines)
      }
      for (number, lines) in cell.templates {
        numbers[start + 1 + Self.levels + number] = Int32(clamping: lines)
      }
    }
    return numbers
  }

  /// What followed what in the last cells, oldest first, [keptCells × 4]: pairs, those unseen in
  /// training, the sum of their surprise and the largest.
  func encodedSurprise() -> [Double] {
    let kept = history.suffix(keptCells)
    let empty = [Double](repeating: 0, count: 4 * (keptCells - kept.count))
    return empty
      + kept.flatMap { cell -> [Double] in
        let surprise = cell?.surprise ?? LogCell.Surprise()
        return [surprise.pairs, surprise.unseen, surprise.bits, surprise.most].map(Double.init)
      }
  }

  /// Takes over encoded cells.
  ///
  /// - Parameters:
  ///   - surprise: `encodedSurprise`, empty when no feature looks at it.
  ///   - rows: Rows seen before; cells that came earlier do not exist.
  /// - Returns: False, and nothing happens, when a number is no count.
  mutating func restore(_ numbers: [Int32], _ surprise: [Double], rows: Int) -> Bool {
    guard numbers.allSatisfy({ $0 >= 0 }),
      surprise.allSatisfy({ 0...Double(LogCell.Surprise.limit) ~= $0 && $0 == $0.rounded() }),
      stride(from: 0, to: numbers.count, by: cellWidth).allSatisfy({ numbers[$0] <= 1 })
    else { return false }
    forget()
    for position in max(0, keptCells - rows)..<keptCells {
      let numbers = numbers[position * cellWidth..<(position + 1) * cellWidth].map(Int.init)
      guard numbers[0] == 1 else {
        remember(nil)
        continue
      }
      var cell = LogCell()
      cell.levels = Array(numbers[1...Self.levels])
      cell.templates = numbers[(1 + Self.levels)...].enumerated()
        .filter { $0.element > 0 }.map { ($0.offset, $0.element) }
      if !surprise.isEmpty {
        let numbers = surprise[position * 4..<(position + 1) * 4].map { Int($0) }
        cell.surprise.pairs = numbers[0]
        cell.surprise.unseen = numbers[1]
        cell.surprise.bits = numbers[2]
        cell.surprise.most = numbers[3]
      }
      remember(cell)
    }
    return true
  }
}
