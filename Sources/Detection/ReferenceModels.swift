internal import Baselines
public import Features

/// Scores nothing at all: what alarms are worth that never come.
public struct NullModel: DetectorModel {
  /// The detector's name.
  public static let name = "null"

  /// Makes a model.
  public init() {}

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time.
  public func detector(for service: String) -> (any Detector)? { NullDetector() }
}

private struct NullDetector: Detector {
  mutating func score(_ observation: Observation) -> Float { observation.hasData ? 0 : .nan }
}

/// How far channels leave the range that they have had so far, see `RangeRule`.
public struct RangeModel: DetectorModel {
  /// The detector's name.
  public static let name = "range_rule"

  /// Makes a model; it learns while it scores.
  public init() {}

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time.
  public func detector(for service: String) -> (any Detector)? { RangeDetector() }
}

private struct RangeDetector: Detector {
  var rule: RangeRule?

  mutating func score(_ observation: Observation) -> Float {
    var running = rule.take() ?? RangeRule(columns: observation.channels.count)
    let score = running.score(observation.channels[...])
    rule = consume running
    return observation.hasData ? score : .nan
  }
}

/// Deviation of channels from their training median in median absolute deviations.
public struct MedianDeviationModel: DetectorModel {
  /// The detector's name.
  public static let name = "mad"
  private let service: String
  private let deviation: MedianDeviation

  /// Fits the training cells of a service.
  public init(fitting history: ServiceHistory) {
    service = history.service
    deviation = MedianDeviation(
      fitting: zip(history.observations, history.isFitted).filter { $0.1 }.map { $0.0.channels })
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    service == self.service ? MedianDeviationDetector(deviation: deviation) : nil
  }
}

private struct MedianDeviationDetector: Detector {
  let deviation: MedianDeviation

  mutating func score(_ observation: Observation) -> Float {
    deviation.score(observation.channels[...])
  }
}

/// Difference of channels from their values one season before, see `SeasonalNaive`.
public struct SeasonalNaiveModel: DetectorModel {
  /// The detector's name.
  public static let name = "seasonal_naive"
  private let service: String
  private let start: SeasonalNaive

  /// Fits the training cells of a service.
  ///
  /// - Parameter season: Cells of a season, at least 1.
  public init(fitting history: ServiceHistory, season: Int) {
    service = history.service
    start = SeasonalNaive(
      fitting: history.observations.map(\.channels), isFitted: history.isFitted, season: season)
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    service == self.service ? SeasonalNaiveDetector(naive: start) : nil
  }
}

private struct SeasonalNaiveDetector: Detector {
  var naive: SeasonalNaive

  mutating func score(_ observation: Observation) -> Float {
    naive.score(observation.channels[...])
  }
}

/// The plain mean of all absolute robust deviations of a service's features.
public struct MeanDeviationModel: DetectorModel {
  /// The detector's name.
  public static let name = "mean_deviation"

  /// Makes a model; features are scaled by what training saw.
  public init() {}

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time.
  public func detector(for service: String) -> (any Detector)? { MeanDeviationDetector() }
}

private struct MeanDeviationDetector: Detector {
  mutating func score(_ observation: Observation) -> Float {
    observation.features.contains { !$0.isNaN }
      ? RobustDeviation(share: 1).score(observation.features[...]) : .nan
  }
}
