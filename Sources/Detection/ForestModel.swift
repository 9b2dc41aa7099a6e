internal import Features
public import IsolationForest
internal import LinearAlgebra
internal import Synchronization
internal import Telemetry

/// An isolation forest per service over its features.
///
/// A missing feature counts as the training median, which is 0 after scaling: it neither raises nor
/// lowers the score much, and its absence is visible in the other features. A forest with a rule of
/// its own for missing values gets them as they are.
public struct ForestModel: DetectorModel {
  /// The detector's name.
  public static let name = "isolation_forest"

  /// Forests by service.
  public var forests: [String: IsolationForest] {
    didSet { prepared = PreparedForests() }
  }
  /// The same as detectors run them, made when a service starts.
  private var prepared = PreparedForests()

  /// Makes a model from fitted forests.
  public init(forests: [String: IsolationForest]) { self.forests = forests }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    forests[service].map { ForestDetector(forest: prepared.forest($0, of: service)) }
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

/// Forests prepared for single rows. Detectors of a service share one, and so do services that have the
/// same forest.
private final class PreparedForests: Sendable {
  /// Forests that a new one is compared with.
  private static let comparedForests = 8

  private struct Content {
    var byService: [String: CompiledForest] = [:]
    var latest: [CompiledForest] = []
  }

  private let content = Mutex(Content())

  func forest(_ forest: IsolationForest, of service: String) -> CompiledForest {
    content.withLock { content in
      if let known = content.byService[service] { return known }
      // Arrays in the same memory are equal at once, others differ early.
      let prepared =
        content.latest.first { $0.forest == forest } ?? CompiledForest(forest, manyRows: false)
      content.byService[service] = prepared
      if !content.latest.contains(where: { $0.forest == forest }) {
        content.latest.insert(prepared, at: 0)
        if content.latest.count > Self.comparedForests { content.latest.removeLast() }
      }
      return prepared
    }
  }
}

private struct ForestDetector: Detector {
  let forest: CompiledForest

  mutating func score(_ observation: Observation) -> Float {
    guard observation.hasData else { return .nan }
    return forest.score(
      ForestModel.inputs(observation.features, missing: forest.missing)[...])
  }
}
