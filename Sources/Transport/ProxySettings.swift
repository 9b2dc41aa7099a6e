package import AsyncHTTPClient
internal import Foundation

/// The proxy that the environment names for a server.
///
/// `https_proxy` or `http_proxy` by the server's scheme, otherwise `all_proxy`, each also in capital
/// letters; never for this machine nor for the hosts in `no_proxy`.
package struct ProxySettings {
  /// A proxy, and what it is shown.
  package struct Proxy: Hashable {
    /// Whether it speaks SOCKS 5 rather than HTTP.
    package var isSOCKS = false
    package var host: String
    package var port: Int
    package var user: String?
    package var password = ""
  }

  private let environment: [String: String]

  /// Reads from an environment.
  package init(environment: [String: String]) { self.environment = environment }

  /// The proxy for a server; nil for a direct connection.
  ///
  /// - Parameters:
  ///   - scheme: `http` or `https`.
  ///   - host: The server's name or address, in small letters.
  /// - Throws: `TransportError.invalidRequest` naming the variable, without its value, which may
  ///   hold a password.
  package func proxy(
    scheme: String, host: String, port: Int
  ) throws(TransportError) -> Proxy? {
    guard !isLoopback(host), !isExempt(host, port),
      let (name, value) = variable("\(scheme)_proxy") ?? variable("all_proxy")
    else { return nil }
    guard let parts = URLComponents(string: value.contains("://") ? value : "http://\(value)"),
      let kind = parts.scheme?.lowercased(), let proxy = parts.host, !proxy.isEmpty
    else { throw .invalidRequest(reason: "\(name) names no proxy such as http://proxy:3128") }
    switch kind {
    case "http":
      return Proxy(
        host: proxy, port: parts.port ?? 80, user: parts.user, password: parts.password ?? "")
    case "socks5", "socks5h", "socks":
      return Proxy(isSOCKS: true, host: proxy, port: parts.port ?? 1080)
    default:
      throw .invalidRequest(
        reason: "\(name) names a proxy by '\(kind)'; http and socks5 are supported")
    }
  }

  /// A variable that is set and not empty, in small letters before capital ones.
  private func variable(_ name: String) -> (name: String, value: String)? {
    for name in [name, name.uppercased()] {
      if let value = environment[name], !value.isEmpty { return (name, value) }
    }
    return nil
  }

  /// Whether `no_proxy` lists a host, the domain it is in, either with its port, or all (`*`).
  private func isExempt(_ host: String, _ port: Int) -> Bool {
    guard let (_, list) = variable("no_proxy") else { return false }
    return list.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
      var pattern = entry
      if let colon = entry.lastIndex(of: ":"), entry.firstIndex(of: ":") == colon {
        guard Int(entry[entry.index(after: colon)...]) == port else { return false }
        pattern = entry[..<colon]
      }
      if pattern == "*" { return true }
      if pattern.hasPrefix(".") { pattern = pattern.dropFirst() }
      return !pattern.isEmpty && (host == pattern || host.hasSuffix(".\(pattern)"))
    }
  }
}

/// Whether requests to a host stay on this machine.
package func isLoopback(_ host: String) -> Bool {
  host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
}

extension ProxySettings.Proxy {
  /// The library's form of it.
  package var configuration: HTTPClient.Configuration.Proxy {
    if isSOCKS { return .socksServer(host: host, port: port) }
    guard let user else { return .server(host: host, port: port) }
    return .server(
      host: host, port: port, authorization: .basic(username: user, password: password))
  }
}
