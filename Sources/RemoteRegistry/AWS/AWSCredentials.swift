package import Telemetry

/// What signs requests to AWS and its like. The secret parts are never described.
package struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  package var accessKey: String
  package var secretKey: String
  /// Goes with temporary keys.
  package var sessionToken: String?
  /// When temporary keys end.
  package var expires: Timestamp?

  /// Makes credentials.
  package init(
    accessKey: String, secretKey: String, sessionToken: String? = nil, expires: Timestamp? = nil
  ) {
    (self.accessKey, self.secretKey) = (accessKey, secretKey)
    (self.sessionToken, self.expires) = (sessionToken, expires)
  }

  package var description: String { "access key \(accessKey.prefix(4))…" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// Whether the keys are good for some minutes more.
  package func isFresh(at now: Timestamp) -> Bool { expires.map { $0 - now > .minutes(5) } ?? true }
}
