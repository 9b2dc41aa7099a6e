internal import Foundation
package import Transport

/// Where a server is: scheme, host, port and path prefix.
public struct ServerAddress: Hashable, Sendable {
  /// The address without a slash at its end, as it is written in messages and manifests.
  public let text: String
  /// `http` or `https`.
  package let scheme: String
  /// In small letters.
  package let host: String
  package let port: Int

  /// Reads an address such as `https://example.org:9090/prefix`.
  ///
  /// - Throws: `ExportError.invalidRequest` for another scheme, a missing host, a query, or a user
  ///   and password, which belong into a file and not into arguments.
  public init(_ text: String) throws(ExportError) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
    else {
      // The text is not repeated: a mistyped address may hold a password.
      throw .invalidRequest(reason: "--url is no address such as http://localhost:9090")
    }
    guard parts.user == nil, parts.password == nil else {
      throw .invalidRequest(
        reason: "--url holds a user or a password; put them into a file for --basic-auth-file")
    }
    guard parts.query == nil, parts.fragment == nil else {
      throw .invalidRequest(reason: "--url holds a query; give the server's address only")
    }
    var path = parts.percentEncodedPath
    while path.hasSuffix("/") { path.removeLast() }
    self.scheme = scheme
    self.host = host.lowercased()
    port = parts.port ?? (scheme == "https" ? 443 : 80)
    let written = parts.percentEncodedHost ?? host
    self.text = "\(scheme)://\(written)\(parts.port.map { ":\($0)" } ?? "")\(path)"
  }

  /// Whether requests to this host stay on this machine.
  var isLoopback: Bool { Transport.isLoopback(host) }

  /// Where a redirect leads if it stays on this server: same scheme, host and port.
  ///
  /// - Parameter url: The address that answered with the redirect.
  func target(ofRedirect location: String, from url: String) -> String? {
    guard let base = URL(string: url),
      let absolute = URL(string: location, relativeTo: base)?.absoluteURL,
      let parts = URLComponents(url: absolute, resolvingAgainstBaseURL: true),
      parts.scheme?.lowercased() == scheme, parts.host?.lowercased() == host,
      parts.port ?? (scheme == "https" ? 443 : 80) == port,
      parts.user == nil, parts.password == nil
    else { return nil }
    return absolute.absoluteString
  }
}

extension ProxySettings {
  /// The proxy for a server; nil for a direct connection.
  ///
  /// - Throws: `ExportError.invalidRequest` naming the variable.
  package func proxy(for server: ServerAddress) throws(ExportError) -> Proxy? {
    do throws(TransportError) {
      return try proxy(scheme: server.scheme, host: server.host, port: server.port)
    } catch {
      throw ExportError(error)
    }
  }
}
