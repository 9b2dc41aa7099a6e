public import Diagnostics
public import Storage

/// Why a forest could not be grown or read.
public enum IsolationForestError: DiagnosedError, Equatable {
  /// There is nothing to learn from.
  case noRows
  /// An element of the training rows is NaN or infinite.
  case notFinite(row: Int, column: Int, value: String)
  /// A parameter is out of range.
  case invalidConfiguration(String)
  /// The forest has no form in another format.
  case notExportable(String)
  /// A stored tensor is missing or of another type or shape.
  case unreadable(StorageError)
  /// The stored tensors are not a forest.
  case corrupted(source: String, reason: String)

  /// What the failure means to the caller of the program.
  public var kind: FailureKind {
    switch self {
    case .noRows, .notFinite, .invalidConfiguration, .notExportable: .invalidInput
    case .unreadable(let error): error.kind
    case .corrupted: .integrity
    }
  }

  /// One line: what is wrong and what to do about it.
  public var description: String {
    switch self {
    case .noRows:
      "isolation forest: no training rows; widen the training range"
    case .notFinite(let row, let column, let value):
      "isolation forest: training row \(row), column \(column) is \(value); "
        + (value == "nan" ? "fill it, drop the row, or say where missing values go" : "replace it")
    case .invalidConfiguration(let reason):
      "isolation forest: \(reason)"
    case .notExportable(let reason):
      "isolation forest: \(reason)"
    case .unreadable(let error):
      error.description
    case .corrupted(let source, let reason):
      "\(source): not an isolation forest: \(reason); fetch the artifact again"
    }
  }
}
