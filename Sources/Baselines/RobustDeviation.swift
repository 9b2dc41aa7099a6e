public import LinearAlgebra

/// Scores a row of robustly scaled features by the mean of its largest deviations.
///
///     score = mean of the largest max(⌊share · n⌋, least) of |z[1]| … |z[n]|
///
/// An incident moves few of many features: a plain mean drowns it, a maximum follows the noisiest
/// feature. Where features come in groups that move together, such as those of one metric, a mean
/// over fewer than a group is a maximum in disguise. Features are scaled by `RobustSummary` of
/// training data beforehand. Values that are NaN or infinite are missing.
public struct RobustDeviation: Hashable, Sendable {
  /// Share of the features present that is averaged, within (0, 1].
  public let share: Double
  /// The fewest that are averaged, as far as there are so many, at least 1.
  public let least: Int

  /// Makes a detector; there is nothing to fit.
  ///
  /// - Precondition: `share` is within (0, 1], and `least` at least 1.
  public init(share: Double = 0.1, least: Int = 1) {
    precondition(share > 0 && share <= 1 && least >= 1, "share of \(share), at least \(least)")
    (self.share, self.least) = (share, least)
  }

  /// The score of a row of z values, at least 0; 0 when all are missing.
  ///
  /// - Complexity: O(features) on average, by quickselect with pivots chosen by rule.
  public func score(_ row: ArraySlice<Float>) -> Float {
    var magnitudes: [Float] = []
    magnitudes.reserveCapacity(row.count)
    for value in row where value.isFinite { magnitudes.append(abs(value)) }
    guard !magnitudes.isEmpty else { return 0 }
    let count = count(of: magnitudes.count)
    moveLargest(count, toFrontOf: &magnitudes)
    let sum = magnitudes[..<count].reduce(0.0) { $0 + Double($1) }
    return finiteScore(sum / Double(count))
  }

  /// How many of so many values are averaged, at least 1.
  public func count(of values: Int) -> Int {
    max(1, min(values, max(least, Int(share * Double(values)))))
  }

  /// The scores of rows [n × features], [n].
  public func scores(_ rows: Matrix) -> [Float] { (0..<rows.rows).map { score(rows.row($0)) } }
}

/// Reorders values so that the `count` largest come first, in some order (Hoare 1961).
private func moveLargest(_ count: Int, toFrontOf values: inout [Float]) {
  var (low, high) = (0, values.count)
  while high - low > 1 {
    let pivot = medianOfThree(values[low], values[low + (high - low) / 2], values[high - 1])
    // Three parts, greater | equal | less, so that ties, which are common, end the search at once.
    var (greater, next, less) = (low, low, high)
    while next < less {
      if values[next] > pivot {
        values.swapAt(greater, next)
        greater += 1
        next += 1
      } else if values[next] < pivot {
        less -= 1
        values.swapAt(next, less)
      } else {
        next += 1
      }
    }
    if count < greater {
      high = greater
    } else if count > less {
      low = less
    } else {
      return
    }
  }
}

private func medianOfThree(_ a: Float, _ b: Float, _ c: Float) -> Float {
  max(min(a, b), min(max(a, b), c))
}
