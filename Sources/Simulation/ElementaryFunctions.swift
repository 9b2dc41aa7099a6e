// The C library's exp and cos differ in the last bit between systems, and one bit decides how a
// count is rounded. These use only operations that IEEE 754 defines exactly, so that a seed gives
// the same bytes everywhere.

/// e to the power `x`: 2^k times the Taylor series of what is left, to 14 terms.
///
/// Relative error below 1e-15; `x` in -700...700.
package func exponential(_ x: Double) -> Double {
  precondition(abs(x) <= 700, "exponent \(x) outside -700...700")
  let doublings = (x * 1.442_695_040_888_963_4).rounded()
  let rest = x - doublings * 0.693_147_180_559_945_3
  var sum = 1.0
  for order in stride(from: 14.0, through: 1.0, by: -1.0) { sum = 1 + rest / order * sum }
  return Double(sign: .plus, exponent: Int(doublings), significand: sum)
}

/// cos(2π · `turns`): the Taylor series after folding into a quarter turn.
///
/// Absolute error below 1e-11.
package func cosine(turns: Double) -> Double {
  let folded = abs(turns - turns.rounded())
  let (quarter, sign) = folded > 0.25 ? (0.5 - folded, -1.0) : (folded, 1.0)
  let square = (quarter * 2 * Double.pi) * (quarter * 2 * Double.pi)
  var sum = 1.0
  for order in stride(from: 16.0, through: 2.0, by: -2.0) {
    sum = 1 - square / (order * (order - 1)) * sum
  }
  return sign * sum
}
