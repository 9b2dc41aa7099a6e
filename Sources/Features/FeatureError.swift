public import Diagnostics

/// Why features could not be fitted or computed.
public enum FeatureError: DiagnosedError, Equatable {
  /// A window does not fit the data's grid.
  case unusableWindow(window: String, interval: String)
  /// The data's grid is not the one the definition counts its windows in.
  case intervalMismatch(expected: String, found: String)
  /// Stored features were written with another meaning.
  case unsupportedVersion(found: Int, supported: Int)
  /// A stored feature has another meaning here, or none.
  case unsupportedFeature(name: String, found: Int, supported: Int?)

  /// What the failure means to the caller.
  public var kind: FailureKind { .invalidInput }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .unusableWindow(let window, let interval):
      "features.windows: \(window) does not fit data of one cell per \(interval); windows are "
        + "multiples of the interval, at least two cells long (one for lag, difference and "
        + "rate_of_change) and at most 100,000"
    case .intervalMismatch(let expected, let found):
      "the model's features need cells of \(expected), the data has \(found); ingest the data with "
        + "reader.interval: \(expected)"
    case .unsupportedVersion(let found, let supported):
      "features of version \(found), this program computes version \(supported); retrain the model"
    case .unsupportedFeature(let name, let found, let supported):
      "feature '\(name)' of version \(found), this program computes "
        + (supported.map { "version \($0)" } ?? "no such feature") + "; retrain the model"
    }
  }
}
