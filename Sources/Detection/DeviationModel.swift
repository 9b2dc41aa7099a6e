internal import Features

/// The mean of the largest tenth of the logarithms of the absolute robust deviations of a service's
/// features.
///
/// The forest's companion: path lengths cannot tell just outside the training range from far
/// outside, this can.
public struct DeviationModel: QuietFitted {
  /// The detector's name.
  public static let name = "robust_deviation"

  /// The number of features of each service seen in training.
  public var features: [String: Int]
  /// The fewest deviations that are averaged: the features of one channel, which move together.
  public var least: Int
  /// What the inputs of each service's detector are divided by.
  public var tails: [String: TailWeights] = [:]

  /// Makes a model of services and their numbers of features.
  public init(features: [String: Int], least: Int = 1) {
    (self.features, self.least) = (features, least)
  }

  /// Leaves features of a service out for good, unless that would leave none.
  ///
  /// - Precondition: A known service, and as many flags as features.
  public mutating func leaveOut(_ isLeftOut: [Bool], of service: String) {
    tails[service] = TailWeights(count: features[service] ?? 0).leavingOut(isLeftOut)
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func combiningDetector(for service: String) -> (any DeviationCombining)? {
    guard let count = features[service] else { return nil }
    return DeviationDetector(
      least: least,
      tails: tails[service] ?? TailWeights(count: count, compresses: false))
  }

  /// Learns what a service's features are divided by.
  public mutating func fit(quiet cells: [[Float]], service: String) {
    guard let count = features[service], !cells.isEmpty else { return }
    let known = tails[service] ?? TailWeights(count: count)
    tails[service] = TailWeights(fitting: cells.map { $0.map(abs) }, inputs: count)
      .leavingOut(known.isLeftOut)
  }
}

private struct DeviationDetector: DeviationCombining, ChannelExplaining {
  let least: Int
  let tails: TailWeights

  var explained: ExplainedInputs { .features }

  mutating func deviations(_ observation: Observation) -> [Float] { observation.features }

  /// A feature is expected within three of what its deviations are divided by.
  mutating func explain(_ observation: Observation) -> InputExplanation {
    let parts = tails.parts(observation.features, least: least)
    return InputExplanation(
      score: parts.score, contributions: parts.contributions,
      expected: tails.divisors.map { divisor -> ClosedRange<Double>? in
        divisor.isFinite ? -3 * Double(divisor)...3 * Double(divisor) : nil
      })
  }

  mutating func score(_ observation: Observation) -> Float {
    tails.combine(deviations(observation), least: least)
  }
}
