public import Diagnostics
public import LinearAlgebra

/// Why a baseline could not be fitted.
public enum BaselineError: DiagnosedError, Equatable {
  /// There is nothing to learn from.
  case noRows
  /// Principal components could not be found.
  case decomposition(EigenError)
  /// The normal equations of a regression could not be solved.
  case notSolvable(CholeskyError)

  /// What the failure means to the caller of the program.
  public var kind: FailureKind {
    switch self {
    case .noRows, .decomposition(.notFinite), .decomposition(.notConverged), .notSolvable:
      .invalidInput
    case .decomposition(.outOfMemory): .environment
    }
  }

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .noRows: "baseline: no training rows; widen the training range"
    case .decomposition(let error): "principal components: \(error)"
    case .notSolvable(let error): "ridge regression: \(error)"
    }
  }
}
