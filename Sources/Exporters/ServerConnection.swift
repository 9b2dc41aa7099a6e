public import Telemetry
public import Transport

/// A server to pull from, and how to talk to it.
public struct ServerConnection: Sendable {
  /// Where the server is.
  public var address: ServerAddress
  /// What the server is shown to let us in.
  public var credentials = Credentials()
  /// Whom to trust over TLS.
  public var security = TransportSecurity()
  /// How often a failed request is repeated.
  public var retries = RetryPolicy()
  /// The longest time for one answer to arrive in full.
  public var timeout = Duration.seconds(120)
  /// The most bytes of one answer, decompressed.
  public var answerLimit = 64 << 20
  /// The most requests under way at once.
  public var concurrency = 4
  /// The environment that names proxies.
  public var environment: [String: String] = [:]
  /// Start of the randomness that spreads repeated requests.
  public var seed: UInt64 = 0
  /// The moment that relative times count from.
  public var now: Timestamp

  /// A server with the defaults above.
  public init(address: ServerAddress, now: Timestamp) {
    (self.address, self.now) = (address, now)
  }

  /// - Throws: `ExportError.invalidRequest` for numbers out of range or a tenant that is no header.
  package func validate() throws(ExportError) {
    guard (1...64).contains(concurrency) else {
      throw .invalidRequest(reason: "--concurrency must be from 1 to 64, not \(concurrency)")
    }
    guard (1...100).contains(retries.attempts), retries.base >= .zero else {
      throw .invalidRequest(reason: "--retries must be from 0 to 99")
    }
    guard timeout > .zero else { throw .invalidRequest(reason: "--timeout must be positive") }
    guard (1 << 10...1 << 31).contains(answerLimit) else {
      throw .invalidRequest(reason: "--max-response must be from 1024 to 2147483648 bytes")
    }
    guard credentials.bearerTokenFile == nil || credentials.basicAuthFile == nil else {
      throw .invalidRequest(reason: "--bearer-token-file and --basic-auth-file exclude each other")
    }
    guard (security.certificateFile == nil) == (security.keyFile == nil) else {
      throw .invalidRequest(reason: "--cert-file and --key-file go together")
    }
    if let tenant = credentials.tenant {
      guard !tenant.isEmpty, tenant.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw .invalidRequest(reason: "--tenant must be printable ASCII without blanks")
      }
    }
  }

  /// What people should know before they trust the transport.
  var notes: [String] {
    var notes: [String] = []
    if credentials.areSecret, address.scheme == "http", !address.isLoopback {
      notes.append("credentials went over plain http, which others on the way can read")
    }
    if address.scheme == "https", !security.verifies {
      notes.append("the server's certificate was not checked")
    }
    return notes
  }
}
