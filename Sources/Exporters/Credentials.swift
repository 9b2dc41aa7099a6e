internal import Foundation
internal import Storage

/// What a server is shown to let us in. Secrets come from files, are read again for every request,
/// so that rotated ones work, and are kept nowhere.
public struct Credentials: Sendable {
  /// A file that holds a token and nothing else.
  public var bearerTokenFile: String?
  /// A file with one line, `user:password`.
  public var basicAuthFile: String?
  /// The tenant, sent as `X-Scope-OrgID`.
  public var tenant: String?

  /// No credentials.
  public init() {}

  /// Whether a secret goes with requests.
  var areSecret: Bool { bearerTokenFile != nil || basicAuthFile != nil }

  /// The headers to send, and the secrets in them, which must not appear in any message.
  func headers() throws(ExportError) -> (fields: [(name: String, value: String)], secrets: [String])
  {
    var fields: [(name: String, value: String)] = []
    var secrets: [String] = []
    if let path = bearerTokenFile {
      let token = try Self.secret(in: path)
      guard !token.isEmpty, !token.contains(" ") else {
        throw .credentials(path: path, reason: "expected one token and nothing else")
      }
      fields.append(("authorization", "Bearer \(token)"))
      secrets.append(token)
    }
    if let path = basicAuthFile {
      let pair = try Self.secret(in: path)
      guard let colon = pair.firstIndex(of: ":"), colon != pair.startIndex else {
        throw .credentials(path: path, reason: "expected one line 'user:password'")
      }
      let encoded = Data(pair.utf8).base64EncodedString()
      fields.append(("authorization", "Basic \(encoded)"))
      secrets += [encoded, pair, String(pair[pair.index(after: colon)...])].filter { !$0.isEmpty }
    }
    if let tenant { fields.append(("x-scope-orgid", tenant)) }
    return (fields, secrets)
  }

  /// A file's only line. Control characters, which could forge further headers, are refused.
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
    let line = text.trimmingCharacters(in: .newlines)
    guard !line.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw .credentials(path: path, reason: "expected a single line")
    }
    return line
  }
}
