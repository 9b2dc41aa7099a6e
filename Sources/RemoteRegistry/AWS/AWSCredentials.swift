internal import Telemetry

/// What signs requests to AWS and its like. The secret parts are never described.
struct AWSCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  var accessKey: String
  var secretKey: String
  /// Goes with temporary keys.
  var sessionToken: String?
  /// When temporary keys end.
  var expires: Timestamp?

  var description: String { "access key \(accessKey.prefix(4))…" }
  var customMirror: Mirror { Mirror(self, children: []) }

  /// Whether the keys are good for some minutes more.
  func isFresh(at now: Timestamp) -> Bool { expires.map { $0 - now > .minutes(5) } ?? true }
}
