/// The pinball loss of quantile forecasts (Koenker and Bassett 1978).
///
///     Σ w max(q (x - y), (q - 1) (x - y))  over all values and quantiles q
///
/// Its minimum over y is the q-quantile of x.
///
/// - Parameters:
///   - forecasts: y, [groups × Q × O]; replaced by the gradient of the sum, w (1 - q) above the
///     target, -w q below it, 0 at it (of the subgradients the one of the minimum). It is 0 where
///     nothing counts, whatever y and x are there.
///   - targets: x, [groups × O].
///   - weights: w, [groups × O]: 0 where a target does not count.
///   - quantiles: [Q], each within (0, 1).
///   - groups: Steps, lanes and steps ahead together.
///   - outputs: Channels O.
/// - Returns: The sum in the unit of the targets, and Σ w over all values and quantiles.
package func pinballLoss(
  _ forecasts: inout [Float], targets: [Float], weights: [Float], quantiles: [Float], groups: Int,
  outputs: Int
) -> LossSum {
  let values = groups * outputs
  precondition(
    !quantiles.isEmpty && forecasts.count >= values * quantiles.count && targets.count >= values
      && weights.count >= values,
    """
    \(groups) groups of \(quantiles.count)×\(outputs) in \(forecasts.count) forecasts, \
    \(targets.count) targets, \(weights.count) weights
    """)
  let (targets, weights) = (targets.span, weights.span)
  var forecasts = forecasts.mutableSpan
  var result = LossSum()
  for group in 0..<groups {
    for (number, quantile) in quantiles.enumerated() {
      let place = (group * quantiles.count + number) * outputs
      for column in 0..<outputs {
        let weight = weights[group * outputs + column]
        guard weight > 0 else {
          forecasts[place + column] = 0
          continue
        }
        let miss = Double(targets[group * outputs + column]) - Double(forecasts[place + column])
        result.sum +=
          Double(weight) * max(Double(quantile) * miss, (Double(quantile) - 1) * miss)
        result.weight += Double(weight)
        // A forecast that is not finite has no side; it stays what it is, and training stops.
        let slope: Float = miss < 0 ? 1 - quantile : miss > 0 ? -quantile : Float(miss)
        forecasts[place + column] = weight * slope
      }
    }
  }
  return result
}
