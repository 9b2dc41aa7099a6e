public import ErrorScores
public import LinearAlgebra

/// How the forecast errors of an observation become a score.
public enum ErrorScore: Hashable, Sendable {
  /// The mean of the largest tenth of the errors' sizes.
  case smoothed
  /// The same of their severities by telemanom's dynamic threshold.
  case dynamicThreshold(DynamicThreshold.Configuration)
  /// The errors' Mahalanobis distance per channel present.
  case mahalanobis(ShrinkageRule)
  /// The mean of the largest tenth of how far errors are out of the intervals that hold a share
  /// `coverage` of those in quiet times.
  case exceedance(coverage: Double)
}

/// What is known of a service's errors in quiet times, for the score that needs it.
public enum QuietErrors: Hashable, Sendable {
  /// What sizes or severities are divided by.
  case tails(TailWeights)
  /// The errors' joint distribution, in units of their usual size.
  case distance(MahalanobisDistance)
  /// Where each channel's errors are, in units of their usual size.
  case intervals([ForecastInterval])
}

/// How the forecast errors of all services become scores: what forecasters share, whatever they
/// foretell by.
///
/// An error is measured in units of its channel's usual size. Sizes, squared distances and
/// exceedances are smoothed exponentially per channel before channels are combined, as Hundman et al.
/// (2018) do.
public struct ErrorModel: Hashable, Sendable {
  /// Smallest scale of an error in asinh units, so that channels that stood still in training do
  /// not answer to rounding.
  static let smallestScale = 0.05

  /// How errors are combined.
  public var score: ErrorScore
  /// Span of the exponential smoothing, in observations; 1 for none.
  public var smoothing: Int
  /// Per service, location and scale of each channel's error on the fitted observations.
  public var usual: [String: [RobustSummary]]
  /// Per service, what its errors are like in quiet times; without an entry they count by size.
  public var quiet: [String: QuietErrors]

  /// Makes a model from its parts.
  public init(
    score: ErrorScore = .smoothed, smoothing: Int, usual: [String: [RobustSummary]] = [:],
    quiet: [String: QuietErrors] = [:]
  ) {
    (self.score, self.smoothing) = (score, smoothing)
    (self.usual, self.quiet) = (usual, quiet)
  }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  func detector(for service: String, source: some ErrorSource) -> ForecastDetector? {
    guard let usual = usual[service] else { return nil }
    return ForecastDetector(
      source: source,
      reader: ErrorReader(
        score: score, smoothing: smoothing, usual: usual, quiet: quiet[service]))
  }

  /// Leaves the errors of a service's channels out for good, where scores combine sizes: distances
  /// and intervals know by themselves what errors of a channel are worth.
  ///
  /// - Precondition: One flag per channel.
  public mutating func leaveOut(_ isLeftOut: [Bool], of service: String) {
    switch score {
    case .smoothed, .dynamicThreshold:
      quiet[service] = .tails(TailWeights(count: isLeftOut.count).leavingOut(isLeftOut))
    case .mahalanobis, .exceedance: break
    }
  }

  /// Learns what a service's deviations are like in quiet times.
  ///
  /// - Parameter cells: Deviations that the service's detector gave, [cells][channels].
  mutating func fit(quiet cells: [[Float]], service: String) {
    guard let channels = usual[service]?.count, !cells.isEmpty else { return }
    switch score {
    case .smoothed, .dynamicThreshold:
      let fitted = TailWeights(fitting: cells.map { $0.map(abs) }, inputs: channels)
      guard case .tails(let known) = quiet[service] else {
        quiet[service] = .tails(fitted)
        return
      }
      quiet[service] = .tails(fitted.leavingOut(known.isLeftOut))
    case .mahalanobis(let rule):
      let errors = Matrix(
        rows: cells.count, columns: channels, elements: cells.flatMap { $0 })
      // Errors are finite, and small enough to square: asinh units over a scale of at least 0.05.
      quiet[service] = (try? MahalanobisDistance(fitting: errors, rule: rule)).map {
        .distance($0)
      }
    case .exceedance(let coverage):
      // A channel without errors cannot say anything yet; nothing is far out of it.
      let unknown = ForecastInterval(lower: -.infinity, median: 0, upper: .infinity)
      quiet[service] = .intervals(
        (0..<channels).map { channel in
          ForecastInterval(
            conformal: cells.map { Double($0[channel]) }, coverage: coverage) ?? unknown
        })
    }
  }
}
