public import Diagnostics

/// Why detectors could not be compared on a public dataset.
public enum BenchmarkError: DiagnosedError, Equatable {
  /// No part has enough data; `example` is the first.
  case nothingToCompare(parts: Int, example: String, reason: String)

  /// Always invalid input: trying again will not help.
  public var kind: FailureKind { .invalidInput }

  /// One line: what does not fit, where, and what to do.
  public var description: String {
    switch self {
    case .nothingToCompare(let parts, let example, let reason):
      "none of \(parts) parts has enough data; \(example): \(reason)"
    }
  }
}
