internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// What an error of the HTTP client means.
package enum ConnectionFailure: Error, Equatable {
  /// It may work later.
  case transient(reason: String)
  /// The connection is not trusted, or does not trust us.
  case untrusted(reason: String)
  /// The address is none.
  case invalidAddress(reason: String)
  /// We were told to stop.
  case cancelled

  /// Interprets an error of the HTTP client.
  package init(_ error: any Error) {
    switch error {
    case is CancellationError: self = .cancelled
    case let error as HTTPClientError: self = Self.meaning(of: error)
    case let error as NIOConnectionError: self = .transient(reason: reason(of: error))
    case let error as IOError:
      self = .transient(reason: "connection failed: \(reason(of: error))")
    case let NIOSSLError.handshakeFailed(cause):
      self = .untrusted(reason: "TLS handshake failed: \(reason(of: cause))")
    case let error as BoringSSLError:
      self = .untrusted(reason: "TLS failed: \(reason(of: error))")
    case let error as NIOSSLExtraError:
      self = .untrusted(reason: "TLS failed: \(firstLine("\(error)"))")
    default: self = .transient(reason: "connection failed: \(firstLine("\(error)"))")
    }
  }

  private static func meaning(of error: HTTPClientError) -> ConnectionFailure {
    switch error {
    case .invalidURL, .emptyHost, .emptyScheme: .invalidAddress(reason: error.shortDescription)
    case .proxyAuthenticationRequired:
      .untrusted(reason: "the proxy wants a user and a password")
    case .cancelled: .cancelled
    default: .transient(reason: error.shortDescription)
    }
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
