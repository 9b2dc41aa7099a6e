internal import Features
public import IsolationForest
internal import LinearAlgebra
internal import Telemetry

/// An isolation forest per service over its features.
///
/// A missing feature counts as the training median, which is 0 after scaling: it neither raises nor
/// lowers the score much, and its absence is visible in the other features. A forest with a rule of
/// its own for missing values gets them as they are.
public struct ForestModel: DetectorModel {
  /// The detector's name.
  public static let name = "isolation_forest"

  /// Forests that a new one is compared with.
  private static let comparedForests = 8

  /// Forests by service, as they are kept.
  public private(set) var held: [String: HeldForest]

  /// Makes a model from fitted forests.
  public init(forests: [String: IsolationForest]) { held = Self.held(forests) }

  /// Makes a model from forests of which services with equal ones have the same.
  public init(held: [String: HeldForest]) { self.held = held }

  /// Forests by service, all made anew when they are asked for.
  public var forests: [String: IsolationForest] {
    get { held.mapValues(\.forest) }
    set { held = Self.held(newValue) }
  }

  /// The forest of one service, made anew; nil for a service not seen in training.
  public func forest(of service: String) -> IsolationForest? { held[service]?.forest }

  private static func held(_ forests: [String: IsolationForest]) -> [String: HeldForest] {
    var held: [String: HeldForest] = [:]
    var latest: [(forest: IsolationForest, held: HeldForest)] = []
    for (service, forest) in forests.sorted(by: { $0.key < $1.key }) {
      // Arrays in the same memory are equal at once, others differ early.
      if let known = latest.first(where: { $0.forest == forest }) {
        held[service] = known.held
        continue
      }
      let new = HeldForest(forest)
      held[service] = new
      latest = [(forest, new)] + latest.prefix(comparedForests - 1)
    }
    return held
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    held[service].map { ForestDetector(forest: $0.prepared()) }
  }

  /// What the forest of one service grows from: its fitted, warm observations.
  ///
  /// - Parameters:
  ///   - features: Names of the features, for messages.
  ///   - seed: Start of randomness; services get streams of their own by name.
  /// - Returns: Nil when no observation may be fitted on.
  /// - Throws: `DetectionError.infiniteFeature`, or `IsolationForestError` for parameters out of
  ///   range.
  public static func growth(
    _ history: ServiceHistory, features: [String], configuration: IsolationForestConfiguration,
    seed: UInt64
  ) throws -> IsolationForestGrowth? {
    var rows: Matrix?
    var times: [Timestamp] = []
    for (observation, isFitted) in zip(history.observations, history.isFitted)
    where isFitted && observation.isWarm && observation.hasData {
      let row = inputs(observation.features, missing: configuration.missing)
      if rows == nil { rows = Matrix(rows: 0, columns: row.count) }
      rows?.append(row: row)
      times.append(observation.time)
    }
    guard let rows else { return nil }
    do {
      try IsolationForest.validate(rows, missing: configuration.missing)
    } catch {
      guard case .notFinite(let row, let column, let value) = error else { throw error }
      throw DetectionError.infiniteFeature(
        service: history.service,
        feature: column < features.count ? features[column] : "feature \(column)",
        time: times[row], value: value)
    }
    return try IsolationForestGrowth(
      rows, configuration: configuration, seed: seed,
      purpose: "isolation_forest/\(history.service)")
  }

  /// A forest's row of some features.
  public static func inputs(_ features: [Float], missing: MissingValues) -> [Float] {
    missing == .reject ? features.map { $0.isNaN ? 0 : $0 } : features
  }
}

private struct ForestDetector: Detector {
  let forest: PreparedForest

  mutating func score(_ observation: Observation) -> Float {
    guard observation.hasData else { return .nan }
    return forest.score(observation.features)
  }
}
