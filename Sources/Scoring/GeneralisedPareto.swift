/// A generalised Pareto distribution of values above a threshold.
///
///     P(excess > y) = (1 + shape · y / scale)^(−1 / shape),    exp(−y / scale) for shape 0
public struct GeneralisedPareto: Hashable, Sendable {
  /// The shape γ: positive for heavy tails, negative for tails that end.
  public var shape: Double
  /// The scale σ, in the values' unit; positive.
  public var scale: Double

  /// Makes a distribution.
  public init(shape: Double, scale: Double) { (self.shape, self.scale) = (shape, scale) }

  /// Fits excesses by maximum likelihood; nil unless two of them differ and all are at least 0.
  ///
  /// Grimshaw, "Computing maximum likelihood estimates for the generalized Pareto distribution"
  /// (Technometrics 1993), as Siffer, Fouque, Termier and Largouët use it in "Anomaly detection in
  /// streams with extreme value theory" (KDD 2017): with x = shape / scale the estimates solve
  /// u(x) v(x) = 1, where
  ///
  ///     u(x) = mean of 1 / (1 + x y),    v(x) = 1 + mean of ln(1 + x y),
  ///
  /// so that one equation in one unknown is solved instead of two. All its solutions on a grid are
  /// compared, and shape 0 with them. A shape below −1 has no greatest likelihood and is left out.
  public init?(fitting excesses: [Double]) {
    guard let least = excesses.min(), let greatest = excesses.max(), least >= 0, greatest > least,
      greatest.isFinite
    else { return nil }
    let mean = excesses.reduce(0, +) / Double(excesses.count)
    var best = GeneralisedPareto(shape: 0, scale: mean)
    var likelihood = best.logLikelihood(excesses)
    for x in Self.roots(of: excesses, mean: mean, least: least, greatest: greatest) {
      let shape = Self.meanLogarithm(excesses, x)
      guard shape > -1, shape / x > 0 else { continue }
      let candidate = GeneralisedPareto(shape: shape, scale: shape / x)
      let own = candidate.logLikelihood(excesses)
      if own > likelihood { (best, likelihood) = (candidate, own) }
    }
    self = best
  }

  /// The excess that is passed with a probability.
  ///
  /// - Precondition: `probability` is within (0, 1].
  public func excess(passedWith probability: Double) -> Double {
    precondition(probability > 0 && probability <= 1, "probability \(probability)")
    let exponent = -naturalLogarithm(probability)
    // (p^−γ − 1) / γ for small γ loses all digits; its series does not.
    if abs(shape) * exponent < 1e-5 { return scale * exponent * (1 + shape * exponent / 2) }
    return scale / shape * (exponential(shape * exponent) - 1)
  }

  /// The logarithm of the density of all excesses together.
  func logLikelihood(_ excesses: [Double]) -> Double {
    let count = Double(excesses.count)
    guard shape != 0 else {
      return -count * naturalLogarithm(scale) - excesses.reduce(0, +) / scale
    }
    let sum = excesses.reduce(0.0) { $0 + naturalLogarithm(1 + shape / scale * $1) }
    return -count * naturalLogarithm(scale) - (1 + 1 / shape) * sum
  }

  private static func meanLogarithm(_ excesses: [Double], _ x: Double) -> Double {
    excesses.reduce(0.0) { $0 + naturalLogarithm(1 + x * $1) } / Double(excesses.count)
  }

  /// u(x) v(x) − 1.
  private static func equation(_ excesses: [Double], _ x: Double) -> Double {
    let u = excesses.reduce(0.0) { $0 + 1 / (1 + x * $1) } / Double(excesses.count)
    return u * (1 + meanLogarithm(excesses, x)) - 1
  }

  /// Solutions below and above 0, which itself always is one.
  private static func roots(
    of excesses: [Double], mean: Double, least: Double, greatest: Double
  ) -> [Double] {
    // Grimshaw's bounds; the upper one is infinite when the smallest excess is 0.
    let lowest = -1 / greatest
    let highest = 2 * (mean - least) / max(least * least, 1e-9 * mean * mean)
    let steps = 200
    // Geometric towards 0 from both sides, where solutions of light tails lie close together.
    let shares = (0...steps).map {
      exponential(naturalLogarithm(1e-8) * Double($0) / Double(steps))
    }
    let below = shares.map { lowest * (1 - 1e-9) * $0 }
    let pole = shares.map { lowest * (1 - $0 * 0.999) }
    let negative = (below + pole).sorted()
    let positive = shares.map { highest * $0 }.sorted()
    return [negative, positive].flatMap { grid in
      zip(grid, grid.dropFirst()).compactMap { root(of: excesses, between: $0, and: $1) }
    }
  }

  /// The solution between two places where the signs differ, by bisection.
  private static func root(
    of excesses: [Double], between left: Double, and right: Double
  ) -> Double? {
    var (low, high) = (left, right)
    let sign = equation(excesses, low) < 0
    guard low < high, sign != (equation(excesses, high) < 0) else { return nil }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if (equation(excesses, middle) < 0) == sign { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
