internal import Crypto
internal import Exporters
internal import Foundation
public import Storage
public import Telemetry
internal import Transport

/// Links by which whoever got an alert, and nobody else, can say what it was.
///
/// A link names the alert and carries an HMAC (SHA-256) of that under a key of the scorer's. It is good
/// for a month. Opening it shows a page and changes nothing, for chat programs open links too.
public struct VerdictLinks: Sendable {
  /// The alert that a link is about.
  public struct Subject: Hashable, Sendable {
    /// The service.
    public var service: String
    /// When the unusual time began.
    public var start: Timestamp
    /// The model and the version that alarmed; 0 where it is not known.
    public var model: String, version: Int

    /// Names an alert.
    public init(service: String, start: Timestamp, model: String, version: Int) {
      (self.service, self.start, self.model, self.version) = (service, start, model, version)
    }
  }

  /// How long after an alert began its link is good.
  public static let validity = TimeSpan.days(30)
  private static let path = "/api/v1/verdicts"

  private let base: String
  private let key: SymmetricKey

  /// Makes links.
  ///
  /// - Parameters:
  ///   - base: How people reach the scorer, such as `https://scorer.example.org`.
  ///   - key: At least 32 bytes.
  public init(base: String, key: [UInt8]) {
    precondition(key.count >= 32, "a key of \(key.count) bytes")
    var base = base
    while base.hasSuffix("/") { base.removeLast() }
    (self.base, self.key) = (base, SymmetricKey(data: key))
  }

  /// Makes links under the key in a file, which is made from the system's random numbers if it is absent.
  ///
  /// - Throws: `StorageError`.
  public init(base: String, keyFile: String) throws(StorageError) {
    if FileSystem.item(at: keyFile, followingLinks: true) == nil {
      let key = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }
      do throws(StorageError) {
        try FileSystem.createPrivateFile(key, at: keyFile)
      } catch .alreadyExists {
        // Another process was faster.
      }
    }
    let key = try FileSystem.readFile(at: keyFile, limit: 4096)
    guard key.count >= 32 else {
      throw .unexpectedShape(source: keyFile, path: "", expected: "a key of at least 32 bytes")
    }
    self.init(base: base, key: key)
  }

  /// The link for an alert.
  public func url(of subject: Subject) -> String {
    let parameters = Self.parameters(of: subject) + [("token", token(of: subject))]
    return "\(base)\(Self.path)?\(formEncoded(parameters))"
  }

  /// The alert that a link's parameters name.
  ///
  /// - Returns: Nil for a link that is not ours, was changed, or is too old.
  public func subject(of parameters: [String: String], now: Timestamp) -> Subject? {
    guard let service = parameters["service"], !service.isEmpty,
      let start = parameters["start"].flatMap({ Timestamp(rfc3339: $0) }),
      let model = parameters["model"], let version = parameters["version"].flatMap({ Int($0) }),
      let token = parameters["token"].flatMap({ Self.bytes(hexadecimal: $0) })
    else { return nil }
    let subject = Subject(service: service, start: start, model: model, version: version)
    guard
      HMAC<SHA256>.isValidAuthenticationCode(
        token, authenticating: Self.message(of: subject), using: key),
      now - start <= Self.validity
    else { return nil }
    return subject
  }

  private func token(of subject: Subject) -> String {
    HMAC<SHA256>.authenticationCode(for: Self.message(of: subject), using: key)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func parameters(of subject: Subject) -> [(name: String, value: String)] {
    [
      ("service", subject.service), ("start", subject.start.description),
      ("model", subject.model), ("version", String(subject.version)),
    ]
  }

  /// What is authenticated: no two subjects have the same.
  private static func message(of subject: Subject) -> [UInt8] {
    Array(("verdict/1\n" + formEncoded(parameters(of: subject))).utf8)
  }

  private static func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard
        let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}
