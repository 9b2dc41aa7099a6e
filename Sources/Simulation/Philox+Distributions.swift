internal import LinearAlgebra

extension Philox {
  /// A number in [lower, upper).
  mutating func uniform(_ lower: Double, _ upper: Double) -> Double {
    lower + (upper - lower) * uniform()
  }

  /// A whole number of a range.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + index(below: range.count)
  }

  /// A number of nearly standard normal distribution within ±6: the sum of twelve uniform ones.
  ///
  /// Always takes three words, and needs no logarithm.
  mutating func normal() -> Double {
    var sum = 0
    for _ in 0..<3 {
      let word = next()
      for shift in stride(from: 0, to: 64, by: 16) { sum += Int(word >> shift & 0xFFFF) }
    }
    return (Double(sum) + 6) / 65_536 - 6
  }

  /// A Poisson count; beyond a mean of 24 its normal approximation.
  mutating func poisson(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    guard mean <= 24 else { return max(0, Int((mean + mean.squareRoot() * normal()).rounded())) }
    let limit = exponential(-mean)
    var product = uniform()
    var count = 0
    while product > limit {
      product *= uniform()
      count += 1
    }
    return count
  }

  /// How many of `trials` succeed with a chance each; the rare side of many trials as a Poisson
  /// count, the middle by the normal approximation.
  mutating func binomial(_ trials: Int, _ chance: Double) -> Int {
    if chance > 0.5 { return trials - binomial(trials, 1 - chance) }
    guard trials > 0, chance > 0 else { return 0 }
    let mean = Double(trials) * chance
    if trials <= 16 {
      return (0..<trials).reduce(0) { sum, _ in sum + (uniform() < chance ? 1 : 0) }
    }
    if mean <= 12 { return min(trials, poisson(mean)) }
    let drawn = (mean + (mean * (1 - chance)).squareRoot() * normal()).rounded()
    return min(trials, max(0, Int(drawn)))
  }
}
