public import Diagnostics

/// Why a server could not be asked.
public enum TransportError: DiagnosedError, Equatable {
  /// The request, or a setting that it depends on, cannot be understood.
  case invalidRequest(reason: String)
  /// A file with a certificate, a key or a secret cannot be used.
  case credentials(path: String, reason: String)
  /// The connection is not trusted, or does not trust us.
  case untrusted(url: String, reason: String)
  /// The server did not answer, broke off, or kept failing, as often as it was asked.
  case unavailable(url: String, reason: String, attempts: Int)
  /// The answer is larger than expected.
  case tooLarge(url: String, limit: Int)

  /// What the failure means to the caller.
  public var kind: FailureKind {
    switch self {
    case .invalidRequest, .credentials, .untrusted, .tooLarge: .invalidInput
    case .unavailable: .environment
    }
  }

  /// One line: what is wrong, where, and what to do about it.
  public var description: String {
    switch self {
    case .invalidRequest(let reason): reason
    case .credentials(let path, let reason): "\(path): \(reason)"
    case .untrusted(let url, let reason):
      "\(url): \(reason); check the certificates that are trusted"
    case .unavailable(let url, let reason, let attempts):
      "\(url): \(reason) (\(attempts) attempt\(attempts == 1 ? "" : "s")); try again later"
    case .tooLarge(let url, let limit):
      "\(url): the answer is larger than \(limit) bytes; check the address"
    }
  }
}
