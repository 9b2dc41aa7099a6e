public import Diagnostics
public import Storage
package import Transport

/// Why telemetry could not be pulled from a server.
public enum ExportError: DiagnosedError, Equatable {
  /// What was asked for contradicts itself.
  case invalidRequest(reason: String)
  /// A file with a token, a password, a certificate or a key cannot be used.
  case credentials(path: String, reason: String)
  /// The server did not answer, broke off, or kept failing, as often as it was asked.
  case unavailable(url: String, reason: String, attempts: Int)
  /// The server refuses the request (HTTP 4xx); `message` is its own.
  case refused(url: String, status: Int, message: String)
  /// The connection is not trusted, or does not trust us.
  case untrusted(url: String, reason: String)
  /// The server sends us elsewhere, where credentials must not follow.
  case redirected(url: String, target: String)
  /// The answer is none of the expected kind.
  case unexpectedAnswer(url: String, reason: String)
  /// Even the smallest question has too large an answer.
  case answerTooLarge(query: String, reason: String)
  /// Lines that share an instant do not fit into an answer. `missing` is the number that the server
  /// counted, of all instants but those `uncounted`.
  case missingLines(path: String, instants: Int, first: String, missing: Int, uncounted: Int)
  /// The folder holds an export of something else.
  case otherExport(path: String, difference: String)
  /// The folder holds files and no export.
  case foreignFolder(path: String)
  /// A finished part was changed since it was written.
  case damagedChunk(path: String, expected: String, found: String)
  /// A file could not be read or written.
  case storage(StorageError)

  /// What the failure means to the caller.
  public var kind: FailureKind {
    switch self {
    case .invalidRequest: .usage
    case .unavailable: .environment
    case .damagedChunk: .integrity
    case .storage(let error): error.kind
    default: .invalidInput
    }
  }

  /// One line: what is wrong, where, and what to do about it.
  public var description: String {
    switch self {
    case .invalidRequest(let reason): reason
    case .credentials(let path, let reason): "\(path): \(reason)"
    case .unavailable(let url, let reason, let attempts):
      "\(url): \(reason) (\(attempts) attempt\(attempts == 1 ? "" : "s")); what is finished is "
        + "kept, run the same command again"
    case .refused(let url, let status, let message):
      "\(url): refused with HTTP \(status): \(message)\(Self.fix(for: status))"
    case .untrusted(let url, let reason):
      "\(url): \(reason); check --ca-file, --cert-file and --key-file"
    case .redirected(let url, let target):
      "\(url): redirects to \(target), where credentials do not follow; give that address if you "
        + "trust it"
    case .unexpectedAnswer(let url, let reason):
      "\(url): \(reason); check the address and its path prefix"
    case .answerTooLarge(let query, let reason):
      "\(query): even the smallest part is too large: \(reason); narrow the query or raise "
        + "--max-response"
    case .missingLines(let path, let instants, let first, let missing, let uncounted):
      "\(path): \(missing) lines \(uncounted > 0 ? "and perhaps more " : "")are missing at "
        + "\(instants) instant\(instants == 1 ? "" : "s") (first \(first)) with more lines than the "
        + "server returns at once\(uncounted > 0 ? ", \(uncounted) of them uncounted" : ""); raise "
        + "--max-limit and the server's max_entries_limit_per_query, or narrow the query"
    case .otherExport(let path, let difference):
      "\(path): holds an export with another \(difference); choose another folder"
    case .foreignFolder(let path):
      "\(path): holds files and no export; choose an empty folder"
    case .damagedChunk(let path, let expected, let found):
      "\(path): SHA-256 is \(found), the manifest says \(expected); remove the file and run the "
        + "same command again"
    case .storage(let error): error.description
    }
  }

  /// The same failure of the transport in this module's words.
  package init(_ error: TransportError) {
    switch error {
    case .invalidRequest(let reason): self = .invalidRequest(reason: reason)
    case .credentials(let path, let reason): self = .credentials(path: path, reason: reason)
    case .untrusted(let url, let reason): self = .untrusted(url: url, reason: reason)
    case .unavailable(let url, let reason, let attempts):
      self = .unavailable(url: url, reason: reason, attempts: attempts)
    case .tooLarge(let url, let limit):
      self = .unexpectedAnswer(url: url, reason: "answered with more than \(limit) bytes")
    }
  }

  private static func fix(for status: Int) -> String {
    switch status {
    case 401: "; check --bearer-token-file or --basic-auth-file"
    case 403: "; check the credentials' rights and --tenant"
    case 404: "; check the address and its path prefix"
    default: ""
    }
  }
}
