public import Features

/// What the contributions of an explanation belong to.
public enum ExplainedInputs: Hashable, Sendable {
  /// The service's channels.
  case channels
  /// The service's features.
  case features
}

/// Why a detector gave an observation its score.
public struct InputExplanation: Hashable, Sendable {
  /// The raw score, the same that `score` gives.
  public var score: Float
  /// What each input adds to the score, or to its square times the number of inputs present where
  /// the score is a distance; NaN for an input without a value.
  public var contributions: [Float]
  /// Where each value was expected, in the observation's units; nil where that is not known.
  public var expected: [ClosedRange<Double>?]

  /// Makes an explanation from its parts.
  public init(score: Float, contributions: [Float], expected: [ClosedRange<Double>?]) {
    (self.score, self.contributions, self.expected) = (score, contributions, expected)
  }
}

/// A detector that can say which inputs its score comes from.
public protocol ChannelExplaining: Detector {
  /// What its inputs are.
  var explained: ExplainedInputs { get }
  /// Scores the next observation, as `score` does, and says why.
  mutating func explain(_ observation: Observation) -> InputExplanation
}
