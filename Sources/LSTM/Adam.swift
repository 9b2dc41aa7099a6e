/// The optimiser of Kingma and Ba, "Adam" (2015), algorithm 1, as PyTorch computes it.
///
///     m = β₁ m + (1 - β₁) g,  v = β₂ v + (1 - β₂) g²
///     p = p - α / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
package struct Adam {
  /// Step size α.
  package let learningRate: Float
  /// Decay of the mean of gradients, β₁.
  package let firstDecay: Double
  /// Decay of the mean of squared gradients, β₂.
  package let secondDecay: Double
  /// Keeps the division finite, ε.
  package let epsilon: Float
  private var first: [Float]
  private var second: [Float]
  private var steps = 0

  /// Starts an optimiser of `count` parameters.
  package init(
    count: Int, learningRate: Float, firstDecay: Double = 0.9, secondDecay: Double = 0.999,
    epsilon: Float = 1e-8
  ) {
    (self.learningRate, self.epsilon) = (learningRate, epsilon)
    (self.firstDecay, self.secondDecay) = (firstDecay, secondDecay)
    first = Array(repeating: 0, count: count)
    second = first
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
