/// How a node chooses its split.
public enum SplitRule: Hashable, Sendable {
  /// A direction at random and a threshold uniform between the extremes along it: Liu, Ting and
  /// Zhou (2008); with hyperplanes Hariri, Carrasco Kind and Brunner (2019).
  case random
  /// The best threshold of the best of `candidates` random directions by the averaged gain
  ///
  ///     (σ − (σ_left + σ_right) / 2) / σ
  ///
  /// of the standard deviations σ along the direction: SCiForest of Liu, Ting and Zhou, "On
  /// detecting clustered anomalies using SCiForest" (2010), equation 1.
  case averagedGain(candidates: Int)
  /// The same by the pooled gain, in which both sides count by their rows:
  ///
  ///     (σ − (n_left σ_left + n_right σ_right) / n) / σ
  case pooledGain(candidates: Int)

  /// Directions that are compared at a node.
  var candidates: Int {
    switch self {
    case .random: 1
    case .averagedGain(let candidates), .pooledGain(let candidates): candidates
    }
  }

  /// The threshold of largest gain between neighbouring values, and its gain; the lowest of
  /// equally good ones.
  ///
  /// - Precondition: Two of the values differ; those that are NaN are left out.
  func best(_ values: [(value: Float, weight: Double)]) -> (threshold: Float, gain: Double) {
    let sorted = values.filter { !$0.value.isNaN }.sorted { $0.value < $1.value }
    let weight = sorted.reduce(0) { $0 + $1.weight }
    // Sums of squares are taken around the mean, so that little cancels.
    let mean = sorted.reduce(0) { $0 + $1.weight * Double($1.value) } / weight
    var whole = Moments()
    for (value, weight) in sorted { whole.add(Double(value) - mean, weight: weight) }
    var (left, best) = (Moments(), (threshold: sorted[0].value, gain: -Double.infinity))
    for (place, (value, weight)) in sorted.dropLast().enumerated() {
      left.add(Double(value) - mean, weight: weight)
      let next = sorted[place + 1].value
      guard value < next else { continue }
      let gain = gain(whole, left, whole - left)
      if gain > best.gain {
        let middle = Float((Double(value) + Double(next)) / 2)
        best = (middle < next ? middle : value, gain)
      }
    }
    return best
  }

  private func gain(_ whole: Moments, _ left: Moments, _ right: Moments) -> Double {
    let rest: Double
    switch self {
    case .random: return 0
    case .averagedGain: rest = (left.deviation + right.deviation) / 2
    case .pooledGain:
      rest = (left.weight * left.deviation + right.weight * right.deviation) / whole.weight
    }
    return (whole.deviation - rest) / whole.deviation
  }

  /// Sums of weights, values and squares.
  private struct Moments {
    var weight = 0.0
    var sum = 0.0
    var squares = 0.0

    /// Standard deviation.
    var deviation: Double {
      max(0, squares / weight - (sum / weight) * (sum / weight)).squareRoot()
    }

    mutating func add(_ value: Double, weight: Double) {
      self.weight += weight
      sum += weight * value
      squares += weight * value * value
    }

    static func - (a: Moments, b: Moments) -> Moments {
      Moments(weight: a.weight - b.weight, sum: a.sum - b.sum, squares: a.squares - b.squares)
    }
  }
}
