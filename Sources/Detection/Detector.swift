public import Features

/// Scores one service's observations in the order of time, with whatever memory that needs.
///
/// A detector is a value: copying it copies its memory. Equal observations from the start give
/// equal scores, bit for bit.
public protocol Detector: Sendable {
  /// The raw score of the next observation: finite, larger is more anomalous; NaN when the
  /// observation says nothing.
  mutating func score(_ observation: Observation) -> Float
  /// Writes down what it remembers. Detectors of artifacts do; others may have nothing to say.
  func remember(in memory: inout DetectorMemory)
  /// Takes back what a detector of the same model and service wrote down. Afterwards
  /// `memory.isSpent` says whether it fitted; when it did not, start a new detector.
  mutating func recall(from memory: inout DetectorMemory)
  /// Adds the step of a network that was put off until the next observation, if there is one.
  func offerStep(to batch: inout StepBatch)
  /// Takes what became of it, unless it was done meanwhile.
  mutating func takeStep(_ ticket: StepBatch.Ticket, from batch: borrowing StepBatch)
}

/// A fitted detector for all services of a system.
public protocol DetectorModel: Sendable {
  /// The name in reports and artifacts, such as `isolation_forest`.
  var name: String { get }
  /// A detector at the start of a service's time, or nil for a service not seen in training.
  func detector(for service: String) -> (any Detector)?
}

/// One service's observations over a grid, for fitting.
public struct ServiceHistory: Sendable {
  /// The service.
  public var service: String
  /// Names of the channels, which decide which services can share a model.
  public var channels: [String]
  /// One observation per grid cell from the first on.
  public var observations: [Observation]
  /// Per observation, whether it may be fitted on.
  public var isFitted: [Bool]
  /// Per channel, whether it is a state: which one it is in tells a model a lot, but how far it is
  /// from its median tells nothing.
  public var isState: [Bool]

  /// Makes a history.
  ///
  /// - Parameter isState: Per channel; empty for none.
  /// - Precondition: As many flags as observations, and as channels if there are any.
  public init(
    service: String, channels: [String], observations: [Observation], isFitted: [Bool],
    isState: [Bool] = []
  ) {
    precondition(
      observations.count == isFitted.count,
      "\(isFitted.count) flags for \(observations.count) observations")
    (self.service, self.channels) = (service, channels)
    precondition(isState.isEmpty || isState.count == channels.count, "\(isState.count) states")
    (self.observations, self.isFitted) = (observations, isFitted)
    self.isState =
      isState.isEmpty ? Array(repeating: false, count: channels.count) : isState
  }

  /// The history with all features of states at 0, so that no tree splits on them.
  ///
  /// - Parameter perChannel: Features of a channel; those of all channels come first.
  public func withoutStates(features perChannel: Int) -> ServiceHistory {
    guard isState.contains(true), isState.contains(false) else { return self }
    var history = self
    for index in observations.indices {
      for channel in isState.indices where isState[channel] {
        for feature in channel * perChannel..<(channel + 1) * perChannel {
          history.observations[index].features[feature] = 0
        }
      }
    }
    return history
  }
}
