/// Values of one column, from the least to the greatest; infinite where there is no bound.
public struct NormalRange: Hashable, Sendable {
  /// The least value.
  public var least: Float
  /// The greatest value.
  public var greatest: Float

  /// Whether a value is one of them.
  public func contains(_ value: Float) -> Bool { least <= value && value <= greatest }

  /// How far a value is from the nearest of them; 0 for a missing value.
  func distance(to value: Float) -> Double {
    max(0, Double(least) - Double(value), Double(value) - Double(greatest))
  }
}

extension IsolationForest {
  /// The values of a column nearest to a row's own with which the row would be normal, all other
  /// columns as they are.
  ///
  /// A forest's score changes at its thresholds only, so that all of them are tried, and none but
  /// them: every value in the range scores at most `limit`, and the next one outside of it more.
  /// At splits on several columns a threshold for one of them depends on the others and is known to
  /// the rounding of 32 bits.
  ///
  /// - Returns: Nil when no value of this column alone makes the row normal.
  public func normalRange(
    of column: Int, in row: ArraySlice<Float>, scoreAtMost limit: Float
  ) -> NormalRange? {
    precondition(
      row.count == columns && column >= 0 && column < columns,
      "column \(column) of a row of \(row.count) for \(columns) columns")
    let steps = steps(along: column, of: row)
    var total = 0.0
    var (ranges, begin): ([NormalRange], Float?) = ([], nil)
    for (place, step) in steps.enumerated() {
      total += step.change
      // Values above this threshold and up to the next one share a path length.
      guard place + 1 == steps.count || steps[place + 1].after > step.after else { continue }
      let isNormal = score(totalPathLength: total, trees: trees) <= limit
      if isNormal, begin == nil { begin = step.after }
      if !isNormal, let least = begin {
        ranges.append(NormalRange(least: least.nextUp, greatest: step.after))
        begin = nil
      }
    }
    if let least = begin { ranges.append(NormalRange(least: least.nextUp, greatest: .infinity)) }
    let value = row[row.startIndex + column]
    return ranges.min { $0.distance(to: value) < $1.distance(to: value) }.map {
      NormalRange(
        least: $0.least == -Float.greatestFiniteMagnitude ? -.infinity : $0.least,
        greatest: $0.greatest)
    }
  }

  /// A value of a column above which the path lengths of all trees together change.
  private struct Step {
    var after: Float
    var change: Double
  }

  /// The steps along a column, ascending, the first one at −∞.
  private func steps(along column: Int, of row: ArraySlice<Float>) -> [Step] {
    let row = row.span
    var steps: [Step] = []
    var pending: [(index: Int, above: Float, upTo: Float, weight: Double)] = []
    for root in roots {
      pending.append((root, -.infinity, .infinity, 1))
      while let (index, above, upTo, weight) = pending.popLast() {
        let node = nodes[index]
        guard !node.isLeaf else {
          steps.append(Step(after: above, change: weight * Double(node.value)))
          if upTo < .infinity {
            steps.append(Step(after: upTo, change: -weight * Double(node.value)))
          }
          continue
        }
        let left = Int(node.left)
        guard let cut = cut(of: index, along: column, row) else {
          let share = leftShare(of: row, at: index)
          if share > 0 { pending.append((left, above, upTo, weight * share)) }
          if share < 1 { pending.append((left + 1, above, upTo, weight * (1 - share))) }
          continue
        }
        let (below, beyond) = cut.leftIsBelow ? (left, left + 1) : (left + 1, left)
        if above < min(upTo, cut.value) {
          pending.append((below, above, min(upTo, cut.value), weight))
        }
        if max(above, cut.value) < upTo {
          pending.append((beyond, max(above, cut.value), upTo, weight))
        }
      }
    }
    return steps.sorted { $0.after < $1.after }
  }

  /// Where a split divides the values of a column, given the others; nil when it does not.
  private func cut(
    of index: Int, along column: Int, _ row: Span<Float>
  ) -> (value: Float, leftIsBelow: Bool)? {
    let node = nodes[index]
    guard let plane = node.plane else {
      return Int(node.feature) == column ? (node.value, true) : nil
    }
    var rest = Double(node.value)
    var own: Hyperplanes.Term?
    for term in planes.terms(plane) {
      if term.feature == column { own = term } else { rest -= term(row[term.feature]) }
    }
    guard let own, own.coefficient != 0 else { return nil }
    let value = Float(Double(own.centre) + rest / Double(own.coefficient))
    return value.isNaN ? nil : (value, own.coefficient > 0)
  }
}
