/// How long requests take, when some go one way through a service and the others go another.
///
/// Each way has log-logistic times: the part within t is 1 / (1 + (α/t)³), with a tail as heavy as
/// those of real services (one request in a thousand takes ten times α) and a form that needs
/// no logarithm. The mean is α (π/3) / sin(π/3).
struct LatencyMixture {
  private static let scaleOfMean = 0.826_993_343_132_688

  /// Parts of the requests, which make 1 together, with their mean time in seconds.
  var parts: [(share: Double, mean: Double)]

  /// The mean over all parts, in seconds.
  var mean: Double { parts.reduce(0) { $0 + $1.share * $1.mean } }

  /// The part of the requests that take at most `seconds`.
  func share(within seconds: Double) -> Double {
    parts.reduce(0) { $0 + $1.share * (1 - Self.tail(beyond: seconds, mean: $1.mean)) }
  }

  /// The part of requests of one way that take longer than `seconds`.
  static func tail(beyond seconds: Double, mean: Double) -> Double {
    let ratio = seconds / (scaleOfMean * mean)
    return 1 / (1 + ratio * ratio * ratio)
  }
}
