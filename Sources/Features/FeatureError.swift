public import Diagnostics

/// Why features could not be fitted or computed.
public enum FeatureError: DiagnosedError, Equatable {
  /// No cell of the data may be fitted on.
  case emptyFitWindow
  /// A service has nothing to look at in the fit window.
  case noUsableService(services: Int)
  /// The data's grid is not the one the definition counts its windows in.
  case intervalMismatch(expected: String, found: String)
  /// Stored features were written with another meaning.
  case unsupportedVersion(found: Int, supported: Int)

  /// What the failure means to the caller.
  public var kind: FailureKind { .invalidInput }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .emptyFitWindow:
      "the training window holds no usable cell; check evaluation.split against the data's time "
        + "range and the incidents that are left out of training"
    case .noUsableService(let services):
      "none of \(services) services has a metric or log with data in the training window; check "
        + "evaluation.split and the sources"
    case .intervalMismatch(let expected, let found):
      "the model's features need cells of \(expected), the data has \(found); ingest the data with "
        + "reader.interval: \(expected)"
    case .unsupportedVersion(let found, let supported):
      "features of version \(found), this program computes version \(supported); retrain the model"
    }
  }
}
