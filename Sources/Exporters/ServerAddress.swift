internal import Foundation

/// Where a server is: scheme, host, port and path prefix.
public struct ServerAddress: Hashable, Sendable {
  /// The address without a slash at its end, as it is written in messages and manifests.
  public let text: String
  /// `http` or `https`.
  let scheme: String
  let host: String
  let port: Int

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
  var isLoopback: Bool {
    host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
  }

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

/// Parameters as they stand in an address or a form (`application/x-www-form-urlencoded`).
func formEncoded(_ parameters: [(name: String, value: String)]) -> String {
  parameters.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
    .joined(separator: "&")
}

/// All bytes but unreserved ones (RFC 3986, 2.3) as `%XX`.
private func percentEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var output: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: output.append(byte)
    default: output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: output, as: UTF8.self)
}
