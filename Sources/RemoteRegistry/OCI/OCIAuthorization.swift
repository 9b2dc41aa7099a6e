internal import Diagnostics
internal import Registry
internal import Storage
internal import Telemetry
internal import Transport

/// Answers a registry's challenges: with a password, or with a token fetched where it says.
package actor OCIAuthorization {
  private let credentials: OCICredentials
  private let environment: [String: String]
  private let authorityFile: String?
  /// Fields by scope, and when they end.
  private var known: [String: (field: String, until: Timestamp)] = [:]

  package init(_ configuration: OCIConfiguration) throws {
    credentials = try OCICredentials(
      host: configuration.endpoint.authority, environment: configuration.environment)
    environment = configuration.environment
    authorityFile = configuration.authorityFile
  }

  /// What is said when a registry does not let us in.
  package nonisolated var hint: String { credentials.hint }
  /// What must not appear in any message.
  package nonisolated var secrets: [String] { credentials.secrets }

  /// The field `Authorization` for a scope, as far as it is known without being challenged.
  package func field(for scope: String) -> String? {
    if let found = known[scope], found.until > currentTime() { return found.field }
    return credentials.token.map { "Bearer \($0)" }
  }

  /// Makes the field that a challenge asks for; nil when we have nothing to answer with.
  package func answer(_ challenge: String, scope: String) async throws -> String? {
    let words = challenge.split(separator: " ", maxSplits: 1)
    switch words.first?.lowercased() {
    case "basic":
      guard let field = credentials.basicHeader else { return nil }
      known[scope] = (field, currentTime() + .days(1))
      return field
    case "bearer" where words.count == 2:
      let parameters = Self.parameters(words[1])
      guard let realm = parameters["realm"] else { return nil }
      let (token, seconds) = try await token(realm, parameters["service"], scope)
      let field = "Bearer \(token)"
      known[scope] = (field, currentTime() + .seconds(Int64(max(10, seconds - 10))))
      return field
    default: return nil
    }
  }

  private func token(
    _ realm: String, _ service: String?, _ scope: String
  ) async throws -> (String, Int) {
    let address = try RemoteAddress(withoutQuery(realm))
    guard address.scheme == "https" || isLoopback(address.host) || credentials.secrets.isEmpty
    else {
      throw RegistryError.store(
        location: address.text, reason: "wants a password over plain http", .invalidInput)
    }
    var parameters = [(name: "scope", value: scope)]
    if let service { parameters.append(("service", service)) }
    let transport = try address.transport(environment: environment, authority: authorityFile)
    let request: HTTPRequest
    if let refresh = credentials.refreshToken {
      parameters += [
        ("grant_type", "refresh_token"), ("client_id", "autopilot"), ("refresh_token", refresh),
      ]
      request = HTTPRequest(
        "POST", realm, headers: [("content-type", "application/x-www-form-urlencoded")],
        body: Array(formEncoded(parameters).utf8))
    } else {
      let separator = realm.contains("?") ? "&" : "?"
      request = HTTPRequest(
        "GET", "\(realm)\(separator)\(formEncoded(parameters))",
        headers: credentials.basicHeader.map { [("authorization", $0)] } ?? [])
    }
    let answer = try await transport.send(limit: 1 << 20) { request }
    let document = try? JSONDocument(
      JSONValue(parsing: answer.body, source: address.text), source: address.text)
    guard answer.status == 200, let document,
      let token = try (document.optional("token") ?? document.optional("access_token"))?.string
    else {
      throw RegistryError.store(
        location: address.text,
        reason: "gives no token for \(scope) (HTTP \(answer.status)); \(credentials.hint)",
        .invalidInput)
    }
    return (token, (try? document.optional("expires_in")?.integer) ?? 60)
  }

  /// Names and values of a challenge, such as `realm="https://auth",service="registry"`.
  package static func parameters(_ text: some StringProtocol) -> [String: String] {
    var found: [String: String] = [:]
    var rest = Substring(text)
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].filter { $0.isLetter || $0 == "_" }.lowercased()
      rest = rest[rest.index(after: equals)...]
      let isQuoted = rest.first == "\""
      if isQuoted { rest = rest.dropFirst() }
      let value = rest.prefix { isQuoted ? $0 != "\"" : $0 != "," }
      found[name] = String(value)
      rest = rest.dropFirst(value.count)
      rest = rest.drop { $0 != "," }.dropFirst()
    }
    return found
  }
}
