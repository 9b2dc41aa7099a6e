public import Detection
internal import ErrorScores
public import Storage

extension ErrorScore {
  /// The score as a JSON document.
  public func json() -> JSONValue {
    switch self {
    case .smoothed: ["method": "smoothed"]
    case .dynamicThreshold(let configuration):
      [
        "method": "telemanom", "window": .integer(configuration.window),
        "pruning": .number(configuration.pruning), "fewest": .integer(configuration.fewest),
      ]
    case .mahalanobis(let rule):
      ["method": "mahalanobis", "shrinkage": .string(rule.rawValue)]
    case .exceedance(let coverage): ["method": "quantile", "coverage": .number(coverage)]
    }
  }

  /// Reads a score from an artifact's document.
  public init(json document: JSONDocument) throws {
    switch try document["method"].string {
    case "smoothed": self = .smoothed
    case "telemanom":
      let (window, fewest) = (try document["window"].integer, try document["fewest"].integer)
      let pruning = try document["pruning"].number
      guard fewest >= 2, window >= fewest, window <= 1_000_000, (0..<1).contains(pruning) else {
        throw document.expected("a window from its fewest errors and a pruning below 1")
      }
      self = .dynamicThreshold(.init(window: window, pruning: pruning, fewest: fewest))
    case "mahalanobis":
      guard let rule = ShrinkageRule(rawValue: try document["shrinkage"].string) else {
        throw try document["shrinkage"].expected("ledoit_wolf or oas")
      }
      self = .mahalanobis(rule)
    case "quantile":
      let coverage = try document["coverage"].number
      guard coverage > 0, coverage < 1 else {
        throw try document["coverage"].expected("a share between 0 and 1")
      }
      self = .exceedance(coverage: coverage)
    default:
      throw try document["method"].expected("smoothed, telemanom, mahalanobis or quantile")
    }
  }
}
