internal import AsyncHTTPClient
internal import LinearAlgebra
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A request to a server.
package struct HTTPRequest: Sendable {
  /// `GET`, `PUT` and so on.
  package var method: String
  /// The address with its query.
  package var url: String
  /// Header fields in the order they are sent.
  package var headers: [(name: String, value: String)]
  /// The content.
  package var body: [UInt8]

  /// Makes a request.
  package init(
    _ method: String, _ url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
  }
}

/// What a server answered, whatever the status.
package struct HTTPAnswer: Sendable {
  /// The status code.
  package var status: Int
  /// Header fields.
  package var headers: [(name: String, value: String)]
  /// The content.
  package var body: [UInt8]
  /// Times the request was sent.
  package var attempts: Int

  /// The first header field of a name.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name }?.value
  }
}

/// How a transport works; all of it has defaults.
package struct HTTPTransportOptions: Sendable {
  /// Whom to trust over TLS.
  package var security = TransportSecurity()
  /// How often a failed request is repeated.
  package var retries = RetryPolicy()
  /// The environment that names proxies.
  package var environment: [String: String] = [:]
  /// The longest time for an answer to arrive in full.
  package var timeout = Duration.seconds(120)
  /// The longest time for a connection to be made.
  package var connectTimeout = Duration.seconds(10)
  /// Start of the randomness that spreads repeated requests.
  package var seed: UInt64 = 0
  /// What the server is told that we are.
  package var userAgent = "autopilot"

  /// The defaults.
  package init() {}
}

/// Sends requests, and sends them again as long as it makes sense.
///
/// Answers are read to their end within a limit. Redirects are never followed: they could lead
/// credentials elsewhere. A request that went unanswered may have been carried out; whoever sends
/// one with a condition must expect its own earlier success.
package final class HTTPTransport: Sendable {
  private let options: HTTPTransportOptions
  private let host: String
  private let client: HTTPClient
  private let sent = Mutex(0)

  /// Makes a transport to one host.
  ///
  /// - Throws: `TransportError` for files and proxies that cannot be used.
  package init(
    scheme: String, host: String, port: Int, options: HTTPTransportOptions
  ) throws(TransportError) {
    (self.options, self.host) = (options, host)
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.tlsConfiguration = try options.security.configuration()
    configuration.proxy = try ProxySettings(environment: options.environment)
      .proxy(scheme: scheme, host: host.lowercased(), port: port)?.configuration
    configuration.timeout = .init(
      connect: .milliseconds(options.connectTimeout.milliseconds), read: nil)
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  deinit { client.shutdown { _ in } }

  /// Sends a request until there is an answer that repeating would not change.
  ///
  /// - Parameters:
  ///   - limit: Most bytes of the answer.
  ///   - timeout: The longest time for the answer to arrive in full, if not the usual one.
  ///   - request: Makes the request, for each attempt anew, so that signatures are fresh.
  /// - Returns: Any answer but 408, 429 and 5xx.
  /// - Throws: `TransportError`, and what `request` throws.
  package func send(
    limit: Int, timeout: Duration? = nil, _ request: () async throws -> HTTPRequest
  ) async throws -> HTTPAnswer {
    let index = sent.withLock { count in
      count += 1
      return count
    }
    var random = Philox(seed: options.seed, purpose: "transport-retry", index: index)
    var attempt = 1
    while true {
      let request = try await request()
      let place = withoutQuery(request.url)
      var (reason, wait): (String, Duration?) = ("", nil)
      do {
        var answer = try await within(timeout ?? options.timeout) { [self] in
          try await sendOnce(request, limit: limit)
        }
        answer.attempts = attempt
        guard answer.status == 408 || answer.status == 429 || answer.status >= 500,
          answer.status != 501
        else { return answer }
        let text = firstLine(serverMessage(answer.body))
        reason = "HTTP \(answer.status)\(text.isEmpty ? "" : ": \(text)")"
        wait = answer.header("retry-after").flatMap {
          RetryPolicy.serverWait(retryAfter: $0, date: answer.header("date"))
        }
      } catch ConnectionFailure.transient(let failure) {
        reason = failure
      } catch ConnectionFailure.untrusted(let reason) {
        throw TransportError.untrusted(url: place, reason: reason)
      } catch ConnectionFailure.invalidAddress(let reason) {
        throw TransportError.invalidRequest(reason: "\(place): \(reason)")
      } catch ConnectionFailure.cancelled {
        throw CancellationError()
      }
      guard attempt < options.retries.attempts,
        wait ?? .zero <= options.retries.longestServerWait
      else { throw TransportError.unavailable(url: place, reason: reason, attempts: attempt) }
      try await Task.sleep(
        for: options.retries.pause(after: attempt, serverWait: wait, using: &random))
      attempt += 1
    }
  }

  private func sendOnce(_ request: HTTPRequest, limit: Int) async throws -> HTTPAnswer {
    var message = HTTPClientRequest(url: request.url)
    message.method = HTTPMethod(rawValue: request.method)
    for (name, value) in request.headers { message.headers.add(name: name, value: value) }
    message.headers.add(name: "user-agent", value: options.userAgent)
    if !request.body.isEmpty || ["PUT", "POST", "PATCH"].contains(request.method) {
      message.body = .bytes(request.body)
    }
    do {
      // Its own timeout ends with the head of the answer; ours is around all of it.
      let response = try await client.execute(message, timeout: .hours(1 << 16))
      var bytes: [UInt8] = []
      for try await part in response.body {
        guard bytes.count + part.readableBytes <= limit else {
          throw TransportError.tooLarge(url: withoutQuery(request.url), limit: limit)
        }
        bytes += part.readableBytesView
      }
      // A cancelled body ends without an error, and too early.
      try Task.checkCancellation()
      return HTTPAnswer(
        status: Int(response.status.code),
        headers: response.headers.map { ($0.name, $0.value) }, body: bytes, attempts: 1)
    } catch let error as TransportError {
      throw error
    } catch {
      throw ConnectionFailure(error)
    }
  }
}

/// Does work within a time, in which also the last byte must arrive.
private func within<Value: Sendable>(
  _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: limit)
      throw ConnectionFailure.transient(
        reason: "no whole answer within \(limit.components.seconds) s")
    }
    defer { group.cancelAll() }
    guard let first = try await group.next() else { preconditionFailure("a group without tasks") }
    return first
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
