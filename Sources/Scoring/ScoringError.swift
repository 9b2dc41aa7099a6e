public import Diagnostics

/// Why scores could not be made.
public enum ScoringError: DiagnosedError, Equatable {
  /// A detector gave no score on any calibration cell.
  case nothingToCalibrate(detector: String)
  /// The data has none of the services the model knows.
  case noKnownService(data: [String], model: [String])

  /// What the failure means to the caller.
  public var kind: FailureKind { .invalidInput }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .nothingToCalibrate(let detector):
      "\(detector): no calibration cell has a score; check evaluation.split and the data's gaps"
    case .noKnownService(let data, let model):
      "the model knows none of the data's services (\(Self.list(data))); it was trained on "
        + Self.list(model)
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}
