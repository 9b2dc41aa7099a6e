public import Detection
internal import Scoring
package import Storage

/// What the detectors look like that every model is compared with.
public struct BaselineConfiguration: Hashable, Sendable {
  /// Principal components, of features and of windows alike.
  public var components = ComponentsConfiguration()
  /// Rows of a window of channels.
  public var window = 10
  /// Past values of each channel that an autoregression foretells from.
  public var lags = 5
  /// How the autoregression's errors become scores; knows no service.
  public var errors = ErrorModel(smoothing: 20)

  /// Makes the default configuration.
  public init() {}

  /// The configuration as a JSON document.
  package func json() -> JSONValue {
    [
      "pca": [
        "explained": .number(components.explained), "components": .integer(components.limit),
        "window": .integer(window),
      ],
      "autoregression": [
        "lags": .integer(lags), "smoothing": .integer(errors.smoothing),
        "score": errors.score.json(),
      ],
    ]
  }

  /// Reads a configuration from an artifact's document.
  package init(json document: JSONDocument) throws {
    let (pca, autoregression) = (try document["pca"], try document["autoregression"])
    components.explained = try pca["explained"].number
    components.limit = try pca["components"].integer
    window = try pca["window"].integer
    lags = try autoregression["lags"].integer
    errors = ErrorModel(
      score: try ErrorScore(json: autoregression["score"]),
      smoothing: try autoregression["smoothing"].integer)
    guard components.explained > 0, components.explained <= 1,
      [components.limit, window, lags, errors.smoothing].allSatisfy({ (1...1_000_000).contains($0) }
      )
    else { throw document.expected("a share and whole numbers from 1") }
  }
}
