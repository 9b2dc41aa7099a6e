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

/// Reconstruction error of a service's features by the principal components of training.
public struct ComponentsModel: DetectorModel {
  private let components: [String: PrincipalComponents]

  /// Fitted rows beyond this number are thinned evenly.
  private static let rowLimit = 4096

  /// Fits the components of each service on its fitted, warm observations; services without any
  /// get no detector.
  public init(fitting histories: [ServiceHistory]) throws {
    var components: [String: PrincipalComponents] = [:]
    for history in histories {
      let usable = history.observations.indices.filter {
        history.isFitted[$0] && history.observations[$0].isWarm && history.observations[$0].hasData
      }
      guard usable.count >= 2 else { continue }
      let step = max(1, (usable.count + Self.rowLimit - 1) / Self.rowLimit)
      let kept = stride(from: 0, to: usable.count, by: step).map { usable[$0] }
      var rows = Matrix(rows: 0, columns: history.observations[kept[0]].features.count)
      for index in kept { rows.append(row: Self.row(history.observations[index])) }
      components[history.service] = try PrincipalComponents.fit(rows)
    }
    self.components = components
  }

  /// The name in reports and artifacts.
  public var name: String { "pca" }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    components[service].map { ComponentsDetector(components: $0) }
  }

  /// Deviations compressed like the forecaster's inputs: a few enormous training values would
  /// otherwise become the components.
  static func row(_ observation: Observation) -> [Float] {
    observation.features.map { $0.isNaN ? 0 : $0 / (1 + abs($0) / 20) }
  }
}

private struct ComponentsDetector: Detector {
  let components: PrincipalComponents

  mutating func score(_ observation: Observation) -> Float {
    guard observation.hasData else { return .nan }
    return components.score(ComponentsModel.row(observation)[...])
  }
}
