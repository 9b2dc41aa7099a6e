public import Diagnostics
public import Telemetry

/// Why a gate could not compare.
public enum GateError: DiagnosedError, Equatable {
  /// Every test cell was seen by one of the models.
  case noCommonTime(data: TimeRange)
  /// Signatures are required, and nothing says whose.
  case noSigners

  /// Always invalid input: trying again will not help.
  public var kind: FailureKind { .invalidInput }

  /// One line: what does not fit, and what to do.
  public var description: String {
    switch self {
    case .noCommonTime(let data):
      "no time of the data, \(data.start) to \(data.end), belongs to the candidate's test and was seen "
        + "by neither model in fitting; take newer data, or a split with a later test"
    case .noSigners:
      "the policy says signature: required, and not whose; give --trust FILE or registry.trust, or list keys "
        + "under signature"
    }
  }
}
