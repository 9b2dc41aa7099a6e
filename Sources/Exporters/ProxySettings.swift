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

  package init(environment: [String: String]) { self.environment = environment }

  /// The proxy for a server; nil for a direct connection.
  ///
  /// - Throws: `ExportError.invalidRequest` naming the variable, without its value, which may hold a
  ///   password.
  package func proxy(for server: ServerAddress) throws(ExportError) -> Proxy? {
    guard !server.isLoopback, !isExempt(server),
      let (name, value) = variable("\(server.scheme)_proxy") ?? variable("all_proxy")
    else { return nil }
    guard let parts = URLComponents(string: value.contains("://") ? value : "http://\(value)"),
      let scheme = parts.scheme?.lowercased(), let host = parts.host, !host.isEmpty
    else { throw .invalidRequest(reason: "\(name) names no proxy such as http://proxy:3128") }
    switch scheme {
    case "http":
      return Proxy(
        host: host, port: parts.port ?? 80, user: parts.user, password: parts.password ?? "")
    case "socks5", "socks5h", "socks":
      return Proxy(isSOCKS: true, host: host, port: parts.port ?? 1080)
    default:
      throw .invalidRequest(
        reason: "\(name) names a proxy by '\(scheme)'; http and socks5 are supported")
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
  private func isExempt(_ server: ServerAddress) -> Bool {
    guard let (_, list) = variable("no_proxy") else { return false }
    return list.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
      var pattern = entry
      if let colon = entry.lastIndex(of: ":"), entry.firstIndex(of: ":") == colon {
        guard Int(entry[entry.index(after: colon)...]) == server.port else { return false }
        pattern = entry[..<colon]
      }
      if pattern == "*" { return true }
      if pattern.hasPrefix(".") { pattern = pattern.dropFirst() }
      return !pattern.isEmpty && (server.host == pattern || server.host.hasSuffix(".\(pattern)"))
    }
  }
}
