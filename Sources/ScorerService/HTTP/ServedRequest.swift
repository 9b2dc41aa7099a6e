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

/// A route of another part of the service, under the same limits and tokens as ours unless it says
/// otherwise.
public struct ServedRoute: Sendable {
  /// Limits of a route's own, so that whoever floods it stands in nobody else's way.
  public struct Limits: Hashable, Sendable {
    /// Largest body, in bytes.
    public var body: Int
    /// Most requests under way.
    public var underWay: Int
    /// Most requests in a second, and as many at once.
    public var perSecond: Int

    /// Makes limits.
    public init(body: Int, underWay: Int, perSecond: Int) {
      (self.body, self.underWay, self.perSecond) = (body, underWay, perSecond)
    }
  }

  /// `GET` or `POST`.
  public var method: String
  /// The whole path, or its beginning when it ends with a slash.
  public var path: String
  /// What its requests are counted as.
  public var endpoint: ScorerMetrics.Endpoint
  /// Whether a bearer token is asked for; a route that says no has a proof of its own in the path.
  public var needsToken: Bool
  /// Its own limits; nil for those of the configuration, together with everything else.
  public var limits: Limits?
  /// Answers a request.
  public var answer: @Sendable (ServedRequest) async -> ServedAnswer

  /// Makes a route.
  public init(
    method: String, path: String, endpoint: ScorerMetrics.Endpoint, needsToken: Bool = true,
    limits: Limits? = nil, answer: @escaping @Sendable (ServedRequest) async -> ServedAnswer
  ) {
    (self.method, self.path, self.endpoint) = (method, path, endpoint)
    (self.needsToken, self.limits, self.answer) = (needsToken, limits, answer)
  }

  func matches(_ method: String, _ path: Substring) -> Bool {
    guard method == self.method else { return false }
    return self.path.hasSuffix("/") ? path.hasPrefix(self.path) : path == self.path
  }
}
