internal import Diagnostics

/// Why a server of the configuration cannot be reached at all.
enum ConnectionError: DiagnosedError, Equatable {
  /// Its address is none, or holds what belongs into a file.
  case invalidAddress(reason: String)

  var kind: FailureKind { .invalidInput }

  var description: String {
    switch self {
    case .invalidAddress(let reason):
      // Written for a command line.
      "scorer.yaml: "
        + reason.replacing("--url", with: "an address").replacing(
          "--basic-auth-file", with: "token_file")
    }
  }
}
