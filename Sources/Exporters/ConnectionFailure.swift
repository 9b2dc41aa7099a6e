internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// What an error of the HTTP client means: try again, or not.
func failure(of error: any Error, url: String) -> any Error {
  switch error {
  case is CancellationError, is ExportError, is AttemptFailure: return error
  case let error as HTTPClientError: return failure(of: error, url: url)
  case let error as NIOConnectionError:
    return AttemptFailure.transient(reason: reason(of: error), wait: nil)
  case let error as IOError:
    return AttemptFailure.transient(reason: "connection failed: \(reason(of: error))", wait: nil)
  case let NIOSSLError.handshakeFailed(cause):
    return ExportError.untrusted(url: url, reason: "TLS handshake failed: \(reason(of: cause))")
  case let error as BoringSSLError:
    return ExportError.untrusted(url: url, reason: "TLS failed: \(reason(of: error))")
  case let error as NIOSSLExtraError:
    return ExportError.untrusted(url: url, reason: "TLS failed: \(firstLine("\(error)"))")
  default:
    return AttemptFailure.transient(
      reason: "connection failed: \(firstLine("\(error)"))", wait: nil)
  }
}

private func failure(of error: HTTPClientError, url: String) -> any Error {
  switch error {
  case .invalidURL, .emptyHost, .emptyScheme:
    ExportError.invalidRequest(reason: "--url: \(error.shortDescription)")
  case .proxyAuthenticationRequired:
    ExportError.untrusted(url: url, reason: "the proxy wants a user and a password")
  case .cancelled: CancellationError()
  default: AttemptFailure.transient(reason: error.shortDescription, wait: nil)
  }
}

private func reason(of error: NIOConnectionError) -> String {
  if let cause = error.connectionErrors.first?.error {
    return "cannot connect: \((cause as? IOError).map { reason(of: $0) } ?? firstLine("\(cause)"))"
  }
  return "cannot find host '\(error.host)'"
}

/// The system's words for an error number.
private func reason(of error: IOError) -> String {
  unsafe String(cString: strerror(error.errnoCode))
}

/// The words within a library's error code, such as `certificate verify failed`.
private func reason(of error: BoringSSLError) -> String {
  let text = "\(error)"
  for field in text.split(separator: ":").reversed() where field.contains("_") {
    let words = field.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    if words.allSatisfy({ $0.isUppercase || $0.isNumber || $0 == "_" }) {
      return words.lowercased().replacing("_", with: " ")
    }
  }
  return firstLine(text)
}
