internal import Foundation
internal import Storage

/// What a server is shown to let us in. Secrets come from files, which are read again for every
/// request, so that rotated ones work, or from the environment; never from arguments.
public struct Credentials: Sendable {
  /// A file that holds a token and nothing else.
  public var bearerTokenFile: String?
  /// A file with one line, `user:password`.
  public var basicAuthFile: String?
  /// A token out of the environment.
  public var environmentToken: String?
  /// `user:password` out of the environment.
  public var environmentBasicAuth: String?
  /// The tenant, sent as `X-Scope-OrgID`.
  public var tenant: String?

  /// No credentials.
  public init() {}

  /// Whether a secret goes with requests.
  var areSecret: Bool {
    [bearerTokenFile, basicAuthFile, environmentToken, environmentBasicAuth].contains { $0 != nil }
  }

  /// The headers to send, and the secrets in them, which must not appear in any message.
  package func headers() throws(ExportError) -> (
    fields: [(name: String, value: String)], secrets: [String]
  ) {
    var fields: [(name: String, value: String)] = []
    var secrets: [String] = []
    func addToken(_ token: String, from source: String) throws(ExportError) {
      guard !token.isEmpty, !token.contains(" ") else {
        throw .credentials(path: source, reason: "expected one token and nothing else")
      }
      fields.append(("authorization", "Bearer \(token)"))
      secrets.append(token)
    }
    func addBasicAuth(_ pair: String, from source: String) throws(ExportError) {
      guard let colon = pair.firstIndex(of: ":"), colon != pair.startIndex else {
        throw .credentials(path: source, reason: "expected one line 'user:password'")
      }
      let encoded = Data(pair.utf8).base64EncodedString()
      fields.append(("authorization", "Basic \(encoded)"))
      secrets += [encoded, pair, String(pair[pair.index(after: colon)...])].filter { !$0.isEmpty }
    }
    if let path = bearerTokenFile { try addToken(Self.secret(in: path), from: path) }
    if let path = basicAuthFile { try addBasicAuth(Self.secret(in: path), from: path) }
    let source = "environment"
    if let token = environmentToken { try addToken(Self.line(token, from: source), from: source) }
    if let pair = environmentBasicAuth {
      try addBasicAuth(Self.line(pair, from: source), from: source)
    }
    if let tenant { fields.append(("x-scope-orgid", tenant)) }
    return (fields, secrets)
  }

  /// A file's only line.
  private static func secret(in path: String) throws(ExportError) -> String {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try FileSystem.readFile(at: path, limit: 64 << 10)
    } catch {
      throw .storage(error)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .credentials(path: path, reason: "is not UTF-8 text")
    }
    return try line(text, from: path)
  }

  /// A text's only line. Control characters, which could forge further headers, are refused.
  private static func line(_ text: String, from source: String) throws(ExportError) -> String {
    let line = text.trimmingCharacters(in: .newlines)
    guard !line.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw .credentials(path: source, reason: "expected a single line")
    }
    return line
  }
}
