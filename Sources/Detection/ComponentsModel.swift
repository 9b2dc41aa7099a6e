public import Baselines
internal import Features
internal import LinearAlgebra

/// How many principal components are kept.
public struct ComponentsConfiguration: Hashable, Sendable {
  /// Share of the variance that they explain, within (0, 1].
  public var explained = 0.9
  /// Most of them, at least 1.
  public var limit = 64

  /// Makes the default configuration.
  public init() {}
}

/// Reconstruction error of a service's features by the principal components of training.
///
/// A missing feature is what those present let expect, and has no error of its own.
public struct ComponentsModel: DetectorModel {
  /// The detector's name.
  public static let name = "pca"

  /// The components by service.
  public var components: [String: PrincipalComponents]

  /// Makes a model from its parts.
  public init(components: [String: PrincipalComponents]) { self.components = components }

  /// Fits the components of each service on its fitted, warm observations; services without any
  /// get no detector.
  ///
  /// - Throws: `BaselineError` when LAPACK gives up.
  public init(
    fitting histories: [ServiceHistory], _ configuration: ComponentsConfiguration = .init()
  ) throws(BaselineError) {
    components = [:]
    for history in histories {
      let usable = history.observations.indices.filter {
        history.isFitted[$0] && history.observations[$0].isWarm && history.observations[$0].hasData
      }
      components[history.service] = try fitted(usable, configuration) {
        Self.row(history.observations[$0])
      }
    }
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func detector(for service: String) -> (any Detector)? {
    components[service].map { ComponentsDetector(error: ReconstructionError($0)) }
  }

  /// Deviations compressed to below 20: a few enormous training values would otherwise become the
  /// components.
  static func row(_ observation: Observation) -> [Float] {
    observation.features.map { $0 / (1 + abs($0) / bound) }
  }

  /// The deviation that a compressed one stands for.
  static func deviation(_ compressed: Double) -> Double {
    let rest = 1 - abs(compressed) / Double(bound)
    return rest > 0 ? compressed / rest : compressed < 0 ? -.infinity : .infinity
  }

  private static let bound: Float = 20
}

/// Fitted rows beyond this number are thinned evenly.
private let rowLimit = 4096

/// The components of some observations' rows; nil with fewer than two.
func fitted(
  _ usable: [Int], _ configuration: ComponentsConfiguration, row: (Int) -> [Float]
) throws(BaselineError) -> PrincipalComponents? {
  guard usable.count >= 2 else { return nil }
  let step = max(1, (usable.count + rowLimit - 1) / rowLimit)
  var rows: Matrix?
  for place in stride(from: 0, to: usable.count, by: step) {
    let next = row(usable[place])
    if rows == nil { rows = Matrix(rows: 0, columns: next.count) }
    rows?.append(row: next)
  }
  return try rows.map { rows throws(BaselineError) in
    try PrincipalComponents.fit(
      rows, explained: configuration.explained, limit: configuration.limit)
  }
}

private struct ComponentsDetector: ChannelExplaining {
  var error: ReconstructionError

  let explained = ExplainedInputs.features

  mutating func score(_ observation: Observation) -> Float {
    guard observation.hasData else { return .nan }
    return error.score(ComponentsModel.row(observation)[...])
  }

  mutating func explain(_ observation: Observation) -> InputExplanation {
    let row = ComponentsModel.row(observation)
    let residuals = error.residuals(row[...])
    return InputExplanation(
      score: score(observation), contributions: residuals.map { Float($0 * $0) },
      expected: zip(row, residuals).map { value, residual in
        guard residual.isFinite else { return nil }
        let expected = ComponentsModel.deviation(Double(value) - residual)
        return expected...expected
      })
  }
}
