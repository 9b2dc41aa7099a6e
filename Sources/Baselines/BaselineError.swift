public import Diagnostics
public import LinearAlgebra

/// Why a baseline could not be fitted.
public enum BaselineError: DiagnosedError, Equatable {
  /// There is nothing to learn from.
  case noRows
  /// The covariances could not be decomposed.
  case decomposition(EigenError)

  /// What the failure means to the caller of the program.
  public var kind: FailureKind {
    switch self {
    case .noRows, .decomposition(.notFinite), .decomposition(.notConverged): .invalidInput
    case .decomposition(.outOfMemory): .environment
    }
  }

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .noRows: "principal components: no training rows; widen the training range"
    case .decomposition(let error): "principal components: \(error)"
    }
  }
}
