internal import Baselines
internal import Features
internal import LinearAlgebra

/// Uniform random scores: what any result must be compared with.
public struct RandomModel: DetectorModel {
  private let seed: UInt64

  /// Makes a model; every service gets a stream of its own by name.
  public init(seed: UInt64) { self.seed = seed }

  /// The name in reports and artifacts.
  public var name: String { "random" }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    RandomDetector(generator: Philox(seed: seed, purpose: "random/\(service)"))
  }
}

private struct RandomDetector: Detector {
  var generator: Philox

  mutating func score(_ observation: Observation) -> Float {
    let score = generator.uniformFloat()
    return observation.hasData ? score : .nan
  }
}

/// Deviation of each channel from its own recent past: the usual alert rule without any model.
public struct MovingDeviationModel: DetectorModel {
  private let window: Int

  /// Makes a model with a trailing window in grid cells.
  public init(window: Int) { self.window = window }

  /// The name in reports and artifacts.
  public var name: String { "moving_z" }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    MovingDeviationDetector(window: window)
  }
}

private struct MovingDeviationDetector: Detector {
  let window: Int
  var state: MovingZScore?

  init(window: Int) { self.window = window }

  mutating func score(_ observation: Observation) -> Float {
    let channels = observation.channels
    var running = state.take() ?? MovingZScore(window: window, columns: channels.count)
    let score = running.score(channels[...])
    state = consume running
    return score
  }
}
