internal import Foundation
internal import Registry
internal import Telemetry
internal import Transport

/// Where a server is.
package struct RemoteAddress: Sendable, Hashable {
  /// `http` or `https`.
  package let scheme: String
  /// The server's name in small letters.
  package let host: String
  package let port: Int
  /// Scheme, host, port if it is not the usual one, and path, without a slash at the end.
  package let text: String
  /// Host and port as the field `Host` has them.
  package let authority: String

  /// Reads an address such as `https://s3.example.org:9000`.
  ///
  /// - Throws: `RegistryError.invalidReference`, which does not repeat a text that may hold secrets.
  package init(_ text: String) throws {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.password == nil
    else {
      throw RegistryError.invalidReference(
        "…", reason: "an endpoint is no address such as https://s3.example.org")
    }
    let usual = scheme == "https" ? 443 : 80
    self.init(
      scheme: scheme, host: (parts.percentEncodedHost ?? host).lowercased(),
      port: parts.port ?? usual, path: parts.percentEncodedPath)
  }

  package init(scheme: String, host: String, port: Int, path: String = "") {
    (self.scheme, self.host, self.port) = (scheme, host, port)
    authority = port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)"
    var path = path
    while path.hasSuffix("/") { path.removeLast() }
    text = "\(scheme)://\(authority)\(path)"
  }

  /// A transport to the server.
  ///
  /// - Parameters:
  ///   - authority: A file of certificates to trust instead of the system's.
  ///   - patience: The longest time for a connection.
  func transport(
    environment: [String: String], authority: String? = nil, attempts: Int = 6,
    patience: Duration = .seconds(10)
  ) throws -> HTTPTransport {
    var options = HTTPTransportOptions()
    options.environment = environment
    options.security.authorityFile = authority
    options.retries.attempts = attempts
    options.retries.base = .milliseconds(100)
    options.connectTimeout = patience
    // Clients that fail together must not return together.
    options.seed = UInt64.random(in: .min ... .max)
    return try HTTPTransport(scheme: scheme, host: host, port: port, options: options)
  }
}

/// The time, which signatures and the end of credentials depend on.
func currentTime() -> Timestamp {
  Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
}
