public import Telemetry

/// A finished run as an MLflow server is told of it.
public struct MLflowRun: Sendable {
  /// The experiment's name; it is made when there is none.
  public var experiment: String
  /// Names the run for good; the server is searched for it, so that it is told of a run once.
  public var id: String
  /// When it began.
  public var started: Timestamp
  /// When it ended.
  public var ended: Timestamp
  /// Whether it came to no result.
  public var hasFailed = false
  /// What was asked for.
  public var parameters: [(name: String, value: String)] = []
  /// What was measured; values that are not finite have no place there and are left out.
  public var metrics: [(name: String, value: Double)] = []
  /// What else is known.
  public var tags: [(name: String, value: String)] = []

  /// Makes a run without parameters, metrics and tags.
  public init(experiment: String, id: String, started: Timestamp, ended: Timestamp) {
    (self.experiment, self.id, self.started, self.ended) = (experiment, id, started, ended)
  }

  /// Names of the tags that a run is found by.
  package static let idTag = "autopilot.run_id"
  package static let startTag = "autopilot.started"

  private static let longestName = 250
  /// Older servers take no longer values of parameters.
  private static let longestValue = 500
  private static let longestTag = 5000

  /// Names that the server takes, each once, with values as long as it takes.
  private static func fitting<Value>(
    _ pairs: [(name: String, value: Value)], _ cut: (Value) -> Value
  ) -> [(name: String, value: Value)] {
    var known: Set<String> = []
    return pairs.compactMap { pair in
      let name = String(
        pair.name.unicodeScalars.map { scalar in
          let isFit =
            scalar.isASCII
            && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
              || "_-. /".unicodeScalars.contains(scalar))
          return isFit ? Character(scalar) : "_"
        }.prefix(longestName))
      guard !name.isEmpty, known.insert(name).inserted else { return nil }
      return (name, cut(pair.value))
    }
  }

  private static func cut(_ text: String, _ limit: Int) -> String {
    text.count <= limit ? text : text.prefix(limit - 1) + "…"
  }

  var fittingParameters: [(name: String, value: String)] {
    Self.fitting(parameters.filter { !$0.value.isEmpty }) { Self.cut($0, Self.longestValue) }
  }

  var fittingMetrics: [(name: String, value: Double)] {
    Self.fitting(metrics.filter { $0.value.isFinite }) { $0 }
  }

  var fittingTags: [(name: String, value: String)] {
    Self.fitting([(Self.idTag, id), (Self.startTag, started.description)] + tags) {
      Self.cut($0, Self.longestTag)
    }
  }
}
