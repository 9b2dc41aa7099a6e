public import Diagnostics
public import Telemetry

/// Why a detector could not be fitted.
public enum DetectionError: DiagnosedError, Equatable {
  /// A feature that a forest is to grow from is infinite.
  case infiniteFeature(service: String, feature: String, time: Timestamp, value: String)

  /// What the failure means to the caller.
  public var kind: FailureKind { .invalidInput }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .infiniteFeature(let service, let feature, let time, let value):
      "isolation forest of \(service): \(feature) is \(value) in the training cell at \(time); "
        + "correct the metric there or in the window before, or take that time out of training"
    }
  }
}
