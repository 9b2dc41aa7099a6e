public import Diagnostics

/// Why live telemetry cannot be had at all.
public enum LiveError: DiagnosedError, Equatable {
  /// An input is described in a way that cannot work.
  case invalidInput(reason: String)

  /// The exit code's meaning.
  public var kind: FailureKind { .invalidInput }

  /// One line: what is wrong and where.
  public var description: String {
    switch self {
    case .invalidInput(let reason): "inputs: \(reason)"
    }
  }
}
