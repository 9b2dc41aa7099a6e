extension LSTMShape {
  /// Numbers that the head computes at a step, A · Q · O, where Q is 1 for a point forecast.
  ///
  /// Laid out as [A × Q × O]: first the next row, its lowest quantile first, channel after channel.
  public var headWidth: Int { horizon * max(1, quantiles.count) * outputs }

  /// Values that the forecasts of a step are compared with, A · O, laid out as [A × O].
  public var targetWidth: Int { horizon * outputs }

  /// Where a step's forecasts hold one quantile of the row `ahead` steps ahead, [O].
  ///
  /// - Parameters:
  ///   - ahead: 1 for the next row, at most `horizon`.
  ///   - quantile: A number in `quantiles`; 0 when that is empty.
  public func forecastRange(ahead: Int, quantile: Int) -> Range<Int> {
    let count = max(1, quantiles.count)
    precondition(
      (1...horizon).contains(ahead) && (0..<count).contains(quantile),
      "quantile \(quantile) of \(count), \(ahead) of \(horizon) steps ahead")
    let begin = ((ahead - 1) * count + quantile) * outputs
    return begin..<begin + outputs
  }

  /// Where a step's forecasts hold the point forecast of the row `ahead` steps ahead, [O]: with
  /// quantiles the median.
  public func pointRange(ahead: Int = 1) -> Range<Int> {
    forecastRange(ahead: ahead, quantile: quantiles.firstIndex(of: 0.5) ?? 0)
  }

  /// Whether quantiles are ascending within (0, 1) with 0.5 among them, or none at all.
  public static func areValid(quantiles: [Float]) -> Bool {
    quantiles.isEmpty
      || quantiles.contains(0.5) && quantiles.allSatisfy { $0 > 0 && $0 < 1 }
        && zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 < $1 }
  }
}
