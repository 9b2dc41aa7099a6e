public import Diagnostics

/// Why scores could not be made.
public enum ScoringError: DiagnosedError, Equatable {
  /// A detector gave no score on any calibration cell.
  case nothingToCalibrate(detector: String)
  /// The data has none of the services the model knows.
  case noKnownService(data: [String], model: [String])
  /// The data has services of the model, but most of their metrics are missing.
  case noKnownMetric(example: String)

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
    case .noKnownService(let data, let model):
      "the model knows none of the data's services (\(Self.list(data))); it was trained on "
        + Self.list(model)
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}
