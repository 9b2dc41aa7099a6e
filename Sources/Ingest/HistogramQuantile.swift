/// The quantile of a Prometheus histogram.
///
/// As `histogram_quantile` of Prometheus (promql/quantile.go, `bucketQuantile`): linear
/// interpolation within the bucket that holds the rank, from 0 in the lowest bucket if its bound is
/// positive; the highest finite bound when the rank lies in the `+Inf` bucket. Counts that fall
/// towards higher bounds are raised to the one before.
///
/// - Parameters:
///   - quantile: From 0 to 1.
///   - bounds: Upper bounds in ascending order, the last one infinite, [buckets].
///   - counts: Cumulative counts or rates, [buckets]; NaN where a bucket has no value.
/// - Returns: NaN when nothing was observed, or there are not two buckets or no `+Inf` one.
func histogramQuantile(_ quantile: Double, bounds: [Double], counts: [Double]) -> Double {
  var buckets: [(bound: Double, count: Double)] = []
  for (bound, count) in zip(bounds, counts) where !count.isNaN {
    buckets.append((bound, max(count, buckets.last?.count ?? 0)))
  }
  guard let last = buckets.last, buckets.count >= 2, last.bound == .infinity, last.count > 0
  else { return .nan }
  let rank = quantile * last.count
  let index = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
  if index == buckets.count - 1 { return buckets[index - 1].bound }
  let (upper, count) = buckets[index]
  if index == 0 {
    return upper <= 0 ? upper : count > 0 ? upper * (rank / count) : upper
  }
  let below = buckets[index - 1]
  return below.bound + (upper - below.bound) * ((rank - below.count) / (count - below.count))
}
