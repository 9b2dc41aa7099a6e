public import Diagnostics

/// Why a file could not be read, written or believed.
public enum StorageError: DiagnosedError, Equatable {
  /// No such file.
  case notFound(path: String)
  /// A folder where a file should be.
  case notAFile(path: String)
  /// A device, pipe or socket where a file on a disk should be.
  case notARegularFile(path: String)
  /// The folder that is to hold a new file does not exist.
  case noFolder(path: String, folder: String)
  /// A part of a path, or all of it, is something else than a folder and has to be one.
  case notAFolder(path: String, component: String)
  /// The path has no characters.
  case emptyPath(operation: String)
  /// Something is there already and must not be replaced.
  case alreadyExists(path: String)
  /// The system refused; `reason` is its own text.
  case system(operation: String, path: String, reason: String)
  /// The file holds more than the reader was allowed to take.
  case tooLarge(path: String, limit: Int)
  /// A gzip member ends early or its check sum is wrong.
  case damagedGzip(path: String, byte: Int, reason: String)
  /// A Zstandard frame ends early, breaks the format or has a wrong check sum.
  case damagedZstd(path: String, byte: Int, reason: String)
  /// The text is not JSON from a byte on.
  case invalidJSON(source: String, byte: Int, reason: String)
  /// A safetensors file breaks its format.
  case invalidTensors(path: String, reason: String)
  /// JSON has another shape than expected.
  case unexpectedShape(source: String, path: String, expected: String)
  /// Bytes do not have the digest they should have.
  case digestMismatch(path: String, expected: String, found: String)
  /// Another process holds the folder.
  case busy(path: String)

  /// The exit code's meaning.
  public var kind: FailureKind {
    switch self {
    case .notFound, .notAFile, .notARegularFile, .noFolder, .notAFolder, .emptyPath,
      .alreadyExists, .tooLarge, .damagedGzip, .damagedZstd, .invalidJSON,
      .unexpectedShape:
      .invalidInput
    case .system, .busy: .environment
    case .invalidTensors, .digestMismatch: .integrity
    }
  }

  /// One line: what is wrong, where, and what to do about it.
  public var description: String {
    switch self {
    case .notFound(let path):
      "\(path): no such file; check the path"
    case .notAFile(let path):
      "\(path): is a folder; name a file"
    case .notARegularFile(let path):
      "\(path): is a device, pipe or socket; name a file on a disk"
    case .noFolder(let path, let folder):
      "\(path): the folder '\(folder)' does not exist; create it or choose another path"
    case .notAFolder(let path, let component):
      path == component
        ? "\(path): is not a folder; choose another path"
        : "\(path): '\(component)' is not a folder; choose another path"
    case .emptyPath(let operation):
      "cannot \(operation): the path is empty; name one"
    case .alreadyExists(let path):
      "\(path): exists already and is not replaced; choose another name"
    case .system(let operation, let path, let reason):
      "\(path): cannot \(operation): \(reason)"
    case .tooLarge(let path, let limit):
      "\(path): larger than the limit of \(limit) bytes; split the export or raise the limit"
    case .damagedGzip(let path, let byte, let reason):
      "\(path): damaged gzip at compressed byte \(byte): \(reason); export the file again"
    case .damagedZstd(let path, let byte, let reason):
      "\(path): damaged zstd at compressed byte \(byte): \(reason); export the file again"
    case .invalidJSON(let source, let byte, let reason):
      "\(source): invalid JSON at byte \(byte): \(reason)"
    case .invalidTensors(let path, let reason):
      "\(path): not a valid safetensors file: \(reason); fetch the artifact again"
    case .unexpectedShape(let source, let path, let expected):
      "\(source): \(path.isEmpty ? "document" : path): expected \(expected)"
    case .digestMismatch(let path, let expected, let found):
      "\(path): SHA-256 is \(found), should be \(expected); the file was changed or damaged, "
        + "fetch the artifact again"
    case .busy(let path):
      "\(path): another run is writing here; wait for it or choose another folder"
    }
  }
}
