public import Diagnostics

/// Why scores could not be made.
public enum ScoringError: DiagnosedError, Equatable {
  /// A detector gave no score on any calibration cell.
  case nothingToCalibrate(detector: String)
  /// The data has none of the services the model knows.
  case noKnownService(data: [String], model: [String])
  /// The data has services of the model, but most of their metrics are missing.
  case noKnownMetric(example: String)
  /// A metric was a counter in training and is a gauge now, or the other way round.
  case otherKind(column: String, expected: String, found: String)

  /// What the failure means to the caller.
  public var kind: FailureKind { .invalidInput }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .nothingToCalibrate(let detector):
      "\(detector): no calibration cell has a score; check evaluation.split and the data's gaps"
    case .noKnownMetric(let example):
      "the data lacks most metrics of every service the model knows, such as \(example); export "
        + "the series the model was trained on"
    case .otherKind(let column, let expected, let found):
      "\(column): the model was trained on a \(expected), the data has a \(found); ingest it with "
        + "reader.kinds: {…: \(expected)}"
    case .noKnownService(let data, let model):
      "the model knows none of the data's services (\(Self.list(data))); it was trained on "
        + Self.list(model)
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}
