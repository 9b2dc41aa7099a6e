public import Storage
public import Telemetry

/// A division of one grid's time line.
public struct Split: Hashable, Sendable {
  /// What models are fitted on.
  public var train: [TimeRange]
  /// What thresholds are fixed on.
  public var calibration: [TimeRange]
  /// What results are reported on.
  public var test: [TimeRange]

  /// Whether some of the test time lies before the end of the fitted time.
  ///
  /// No future value enters a score even then, but the models have seen later days; reports say so.
  public var testsBeforeFitting: Bool {
    let fitted = (train + calibration).map(\.end).max()
    let tested = test.map(\.start).min()
    guard let fitted, let tested else { return false }
    return tested < fitted
  }

  /// The split as a JSON document.
  public func json() -> JSONValue {
    func list(_ ranges: [TimeRange]) -> JSONValue {
      .array(
        ranges.map {
          ["from": .string($0.start.description), "to": .string($0.end.description)]
        })
    }
    return ["train": list(train), "calibration": list(calibration), "test": list(test)]
  }

  /// Reads a split from an artifact's document.
  public init(json document: JSONDocument) throws {
    func list(_ key: String) throws -> [TimeRange] {
      try document[key].elements.map {
        guard let from = Timestamp(rfc3339: try $0["from"].string),
          let to = Timestamp(rfc3339: try $0["to"].string), from < to
        else { throw $0.expected("a range of two RFC 3339 instants, from before to") }
        return TimeRange(start: from, end: to)
      }
    }
    train = try list("train")
    calibration = try list("calibration")
    test = try list("test")
  }

  /// Makes a split.
  public init(train: [TimeRange], calibration: [TimeRange], test: [TimeRange]) {
    (self.train, self.calibration, self.test) = (train, calibration, test)
  }
}
