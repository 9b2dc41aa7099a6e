/// Scored cells in descending order of score, each with whether it is positive.
///
/// A score that is not negative orders like its bit pattern, whose sign bit is free: pattern and
/// label fit in 32 bits, and one sort of integers serves every metric that ranks.
struct RankedCells {
  /// Descending; bits 1 to 31 are the score's pattern, bit 0 says positive.
  private let keys: [UInt32]
  /// The number of positive cells.
  let positives: Int

  /// Ranks keys made by `key(score:positive:)`.
  init(keys unsorted: [UInt32]) {
    var keys = unsorted
    keys.sort(by: >)
    self.keys = keys
    positives = keys.reduce(0) { $0 + Int($1 & 1) }
  }

  static func key(score: Float, positive: Bool) -> UInt32 {
    score.bitPattern << 1 | (positive ? 1 : 0)
  }

  private static func score(_ key: UInt32) -> Float { Float(bitPattern: key >> 1) }

  var count: Int { keys.count }

  /// The share of positive cells, which is the precision of an alarm at every cell.
  var prevalence: Double? {
    keys.isEmpty ? nil : Double(positives) / Double(keys.count)
  }

  /// Step-wise average precision; nil without a positive cell.
  var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var sum = 0.0
    var before = 0
    forEachStep { _, alarmed, found in
      sum += Double(found - before) * (Double(found) / Double(alarmed))
      before = found
    }
    return sum / Double(positives)
  }

  /// Visits the distinct scores in descending order, each with the number of cells at it or above and
  /// how many of them are positive.
  func forEachStep(_ visit: (_ score: Float, _ alarmed: Int, _ found: Int) -> Void) {
    var (found, end) = (0, 0)
    while end < keys.count {
      let level = keys[end] >> 1
      while end < keys.count, keys[end] >> 1 == level {
        found += Int(keys[end] & 1)
        end += 1
      }
      visit(Float(bitPattern: level), end, found)
    }
  }

  /// The lowest score that at most `percent` of the cells that are not positive exceed.
  ///
  /// Nil without such cells, for then nothing bounds the score.
  func score(exceededByQuietPercent percent: Int) -> Float? {
    let quiet = keys.count - positives
    guard quiet > 0 else { return nil }
    var left = quiet * percent / 100
    for key in keys where key & 1 == 0 {
      if left == 0 { return Self.score(key) }
      left -= 1
    }
    return nil
  }
}

/// The area under the precision-recall curve as step-wise average precision, within 0...1.
///
///     AP = Σ (Rₙ − Rₙ₋₁) Pₙ  over the distinct scores in descending order
///
/// Equal scores form one step, so the order of ties has no influence. It is the definition of
/// scikit-learn's `average_precision_score`, without the optimistic interpolation between points
/// that Davis and Goadrich (ICML 2006) warn of.
///
/// - Parameters:
///   - scores: Finite and at least 0.
///   - positive: Which of them should score high.
/// - Returns: Nil when nothing is positive.
/// - Precondition: Equal counts.
/// - Complexity: O(n log n).
public func averagePrecision(scores: [Float], positive: [Bool]) -> Double? {
  precondition(
    scores.count == positive.count, "\(scores.count) scores for \(positive.count) labels")
  return RankedCells(
    keys: zip(scores, positive).map { score, positive in
      precondition(score >= 0 && score.isFinite, "score \(score) in an average precision")
      return RankedCells.key(score: score, positive: positive)
    }
  ).averagePrecision
}
