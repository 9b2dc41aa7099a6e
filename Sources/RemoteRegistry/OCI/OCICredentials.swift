internal import Diagnostics
internal import Foundation
internal import Registry
internal import Storage

/// What a registry is shown to let us in, from the environment or Docker's configuration.
struct OCICredentials: Sendable, CustomReflectable {
  /// User and password.
  var basic: (user: String, password: String)?
  /// A token that an authorisation service changes for others.
  var refreshToken: String?
  /// A token for the registry itself.
  var token: String?
  /// What is known of why there are none.
  var hint = "set AUTOPILOT_OCI_USERNAME and AUTOPILOT_OCI_PASSWORD, or log in with docker or oras"

  var customMirror: Mirror { Mirror(self, children: []) }

  /// Looks for credentials for a host.
  ///
  /// - Throws: `RegistryError.store` when the configuration is damaged; `StorageError`.
  init(host: String, environment: [String: String]) throws {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let user = value("AUTOPILOT_OCI_USERNAME"), let password = value("AUTOPILOT_OCI_PASSWORD") {
      basic = (user, password)
      return
    }
    if let token = value("AUTOPILOT_OCI_TOKEN") {
      self.token = token
      return
    }
    let folder = value("DOCKER_CONFIG") ?? value("HOME").map { "\($0)/.docker" }
    guard let path = folder.map({ "\($0)/config.json" }),
      FileSystem.item(at: path, followingLinks: true) == .file
    else { return }
    do {
      let bytes = try FileSystem.readFile(at: path, limit: 1 << 20)
      try read(JSONDocument(JSONValue(parsing: bytes, source: path), source: path), host)
    } catch StorageError.invalidJSON(_, let byte, let reason) {
      throw RegistryError.store(
        location: path, reason: "no JSON at byte \(byte): \(reason)", .invalidInput)
    }
  }

  private mutating func read(_ document: JSONDocument, _ host: String) throws {
    let names = [host, "https://\(host)", "https://\(host)/v1/", "https://\(host)/v2/"]
    if let entries = try document.optional("auths") {
      for name in names {
        guard let entry = try entries.optional(name) else { continue }
        if let token = try entry.optional("identitytoken")?.string { refreshToken = token }
        if let token = try entry.optional("registrytoken")?.string { self.token = token }
        if let user = try entry.optional("username")?.string,
          let password = try entry.optional("password")?.string
        {
          basic = (user, password)
        } else if let encoded = try entry.optional("auth")?.string,
          let data = Data(base64Encoded: encoded)
        {
          let pair = String(decoding: data, as: UTF8.self)
          if let colon = pair.firstIndex(of: ":") {
            basic = (String(pair[..<colon]), String(pair[pair.index(after: colon)...]))
          }
        }
        if basic != nil || refreshToken != nil || token != nil { return }
      }
    }
    let helpers = try document.optional("credHelpers").flatMap { try $0.optional(host) }
    if try helpers != nil || document.optional("credsStore") != nil {
      hint =
        "Docker keeps this registry's credentials in a helper, which is not run; set "
        + "AUTOPILOT_OCI_USERNAME and AUTOPILOT_OCI_PASSWORD"
    }
  }

  /// The header field of a user and password.
  var basicHeader: String? {
    basic.map { "Basic \(Data("\($0.user):\($0.password)".utf8).base64EncodedString())" }
  }

  /// What must not appear in any message.
  var secrets: [String] { [basic?.password, refreshToken, token].compactMap { $0 } }
}
