/// A request for a route of another part of the service, its body read.
public struct ServedRequest: Sendable {
  /// The path, without the query.
  public var path: String
  /// The query's parameters; the first of a name.
  public var query: [String: String]
  /// Headers by their names in lower case.
  public var headers: [String: String]
  /// The body, not longer than the limit.
  public var body: [UInt8]
}

/// An answer of such a route.
public struct ServedAnswer: Sendable {
  /// The status.
  public var code: Int
  /// The content's type.
  public var contentType: String
  /// The content.
  public var body: [UInt8]
  /// Seconds after which to try again, for 429 and 503.
  public var retryAfter: Int?

  /// Makes an answer.
  public init(
    _ code: Int, contentType: String = "application/json", body: [UInt8] = [],
    retryAfter: Int? = nil
  ) {
    (self.code, self.contentType, self.body) = (code, contentType, body)
    self.retryAfter = retryAfter
  }
}

/// A route of another part of the service, under the same limits and tokens as ours.
public struct ServedRoute: Sendable {
  /// `GET` or `POST`.
  public var method: String
  /// The whole path, or its beginning when it ends with a slash.
  public var path: String
  /// What its requests are counted as.
  public var endpoint: ScorerMetrics.Endpoint
  /// Whether a bearer token is asked for; a route that says no has a proof of its own in the path.
  public var needsToken: Bool
  /// Answers a request.
  public var answer: @Sendable (ServedRequest) async -> ServedAnswer

  /// Makes a route.
  public init(
    method: String, path: String, endpoint: ScorerMetrics.Endpoint, needsToken: Bool = true,
    answer: @escaping @Sendable (ServedRequest) async -> ServedAnswer
  ) {
    (self.method, self.path, self.endpoint) = (method, path, endpoint)
    (self.needsToken, self.answer) = (needsToken, answer)
  }

  func matches(_ method: String, _ path: Substring) -> Bool {
    guard method == self.method else { return false }
    return self.path.hasSuffix("/") ? path.hasPrefix(self.path) : path == self.path
  }
}
