/// The optimiser of Kingma and Ba, "Adam" (2015), algorithm 1, and with decay the AdamW of
/// Loshchilov and Hutter (2019), algorithm 2, both as PyTorch computes them.
///
///     p = p - α λ p  (where weights decay)
///     m = β₁ m + (1 - β₁) g,  v = β₂ v + (1 - β₂) g²
///     p = p - α / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
package struct Adam: Hashable, Sendable {
  /// Step size α of the next step.
  package var learningRate: Float
  /// Decay of the mean of gradients, β₁.
  package let firstDecay: Double
  /// Decay of the mean of squared gradients, β₂.
  package let secondDecay: Double
  /// Keeps the division finite, ε.
  package let epsilon: Float
  /// How fast weights shrink, λ.
  package let weightDecay: Double
  /// The parameters that shrink.
  private let decaying: [Range<Int>]
  /// Mean of gradients m.
  private(set) var first: [Float]
  /// Mean of squared gradients v.
  private(set) var second: [Float]
  /// Steps taken, t.
  package private(set) var steps = 0

  /// Starts an optimiser of `count` parameters.
  ///
  /// - Parameters:
  ///   - weightDecay: λ; 0 for Adam.
  ///   - decaying: The parameters that shrink, disjoint ranges within `0..<count`.
  package init(
    count: Int, learningRate: Float, firstDecay: Double = 0.9, secondDecay: Double = 0.999,
    epsilon: Float = 1e-8, weightDecay: Double = 0, decaying: [Range<Int>] = []
  ) {
    (self.learningRate, self.epsilon) = (learningRate, epsilon)
    (self.firstDecay, self.secondDecay) = (firstDecay, secondDecay)
    (self.weightDecay, self.decaying) = (weightDecay, weightDecay > 0 ? decaying : [])
    first = Array(repeating: 0, count: count)
    second = first
  }

  /// Goes on from what another optimiser had come to.
  mutating func restore(first: [Float], second: [Float], steps: Int) {
    precondition(
      first.count == self.first.count && second.count == first.count && steps >= 0,
      "\(first.count) and \(second.count) moments for \(self.first.count) after \(steps) steps")
    (self.first, self.second, self.steps) = (first, second, steps)
  }

  /// Moves the parameters by one step.
  ///
  /// - Parameter scale: Multiplies every gradient first; see `clippingScale(norm:limit:)`.
  package mutating func update(_ parameters: inout [Float], gradients: [Float], scale: Float) {
    let count = first.count
    precondition(
      parameters.count == count && gradients.count == count,
      "\(parameters.count) parameters and \(gradients.count) gradients for \(count)")
    steps += 1
    let kept = Float(1 - Double(learningRate) * weightDecay)
    for range in decaying {
      for index in range { parameters[index] *= kept }
    }
    // 1 - β is rounded once from double precision; 1 - Float(0.999) would be off by 5e-5.
    let rates = Rates(
      first: Float(firstDecay), firstRest: Float(1 - firstDecay),
      second: Float(secondDecay), secondRest: Float(1 - secondDecay),
      step: Float(Double(learningRate) / (1 - power(firstDecay, steps))),
      root: Float((1 - power(secondDecay, steps)).squareRoot()), epsilon: epsilon, scale: scale)
    rates.move(&parameters, gradients, &first, &second)
  }
}

/// The constants of one step.
private struct Rates {
  let first, firstRest, second, secondRest, step, root, epsilon, scale: Float

  func move(_ p: inout [Float], _ g: [Float], _ m: inout [Float], _ v: inout [Float]) {
    let count = p.count
    let g = g.span
    var p = p.mutableSpan
    var m = m.mutableSpan
    var v = v.mutableSpan
    for index in 0..<count {
      let gradient = g[index] * scale
      let mean = first * m[index] + firstRest * gradient
      let square = second * v[index] + secondRest * (gradient * gradient)
      m[index] = mean
      v[index] = square
      p[index] -= step * mean / (square.squareRoot() / root + epsilon)
    }
  }
}

/// The Euclidean norm of all gradients together.
package func norm(of gradients: [Float]) -> Double {
  let span = gradients.span
  var sum = 0.0
  for index in 0..<span.count { sum += Double(span[index]) * Double(span[index]) }
  return sum.squareRoot()
}

/// What to multiply gradients by so that their norm stays within a limit (Pascanu, Mikolov and
/// Bengio 2013); PyTorch's `clip_grad_norm_` with its 1e-6.
package func clippingScale(norm: Double, limit: Float) -> Float {
  min(1, Float(Double(limit) / (norm + 1e-6)))
}

/// A whole power by repeated squaring, the same bits on every machine.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
