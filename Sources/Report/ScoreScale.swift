/// Where a score stands in a chart: linear up to the alert boundary, compressed above.
///
///     height(s) = 0.4 s  for s ≤ 1,    0.4 + 0.6 (1 − 1 / √s)  above
///
/// The lower part shows how close quiet time comes to an alarm. The upper part has room for every
/// score, so that a spike of a thousand times the boundary neither flattens the rest nor is cut.
package enum ScoreScale {
  /// The height of a chart in its own units; y grows downwards.
  package static let height = 200
  /// The y of the alert boundary.
  package static let boundary = 120

  package static func y(_ score: Float) -> Int {
    guard score > 1 else {
      return height - Int((score * Float(height - boundary)).rounded())
    }
    return boundary - Int(((1 - 1 / score.squareRoot()) * Float(boundary)).rounded())
  }
}
