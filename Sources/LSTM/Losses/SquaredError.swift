/// The squared error, Σ w (y - x)², of forecasts y against targets x.
///
/// - Parameters:
///   - forecasts: y, [at least count]; the first `count` are replaced by the gradient of the sum,
///     2 w (y - x). It is 0 where nothing counts, whatever y and x are there.
///   - targets: x, [at least count].
///   - weights: w, [at least count]: 0 where a target does not count.
///   - count: How many values are compared.
/// - Returns: The sum in the unit of the targets squared, and Σ w.
package func squaredError(
  _ forecasts: inout [Float], targets: [Float], weights: [Float], count: Int
) -> LossSum {
  precondition(
    forecasts.count >= count && targets.count >= count && weights.count >= count,
    "\(count) of \(forecasts.count) forecasts, \(targets.count) targets, \(weights.count) weights")
  let (targets, weights) = (targets.span, weights.span)
  var errors = forecasts.mutableSpan
  for index in 0..<count {
    let error = errors[index] - targets[index]
    errors[index] = weights[index] > 0 ? error : 0
  }
  // Eight running sums, because a single one would wait for itself at every addition.
  var (sums, totals) = (SIMD8<Double>(), SIMD8<Double>())
  for group in 0..<count / 8 {
    var (e, w) = (SIMD8<Double>(), SIMD8<Double>())
    for lane in 0..<8 {
      e[lane] = Double(errors[group * 8 + lane])
      w[lane] = Double(weights[group * 8 + lane])
    }
    sums += e * e * w
    totals += w
  }
  var result = LossSum(sum: sums.sum(), weight: totals.sum())
  for index in count / 8 * 8..<count {
    let (error, weight) = (Double(errors[index]), Double(weights[index]))
    result.sum += error * error * weight
    result.weight += weight
  }
  for index in 0..<count { errors[index] *= 2 * weights[index] }
  return result
}
