internal import AsyncHTTPClient
internal import LinearAlgebra
internal import NIOCore
internal import Storage
internal import Synchronization
internal import Transport

/// An answer's body.
package struct Answer: Sendable {
  /// Where it came from, for errors.
  package var url: String
  /// The bytes as they came, perhaps gzip.
  var stored: [UInt8]
  /// The bytes to read.
  package var text: [UInt8]

  /// The bytes to keep.
  var gzip: [UInt8] { Gzip.isGzip(stored) ? stored : Gzip.compress(text) }
}

/// What a server is asked.
enum Question: Sendable {
  /// Parameters of the address, or in the body when they are long.
  case form(String)
  /// A JSON document in the body.
  case json([UInt8])
}

/// Why one attempt gave nothing.
package enum AttemptFailure: Error {
  /// It may work later; `wait` is what the server asks for.
  case transient(reason: String, wait: Duration?)
  /// The answer is larger than we or the server allow; `reason` says which.
  case tooLarge(reason: String)
}

/// Asks a server, as often as it takes within reason.
package final class QueryClient: Sendable {
  let connection: ServerConnection
  let client: HTTPClient
  /// The moment before which the server wants no request, whoever was told so.
  private let gate = Mutex<ContinuousClock.Instant?>(nil)
  private let repeated = Mutex(0)

  /// Requests that were repeated so far.
  package var retries: Int { repeated.withLock { $0 } }

  init(_ connection: ServerConnection) throws(ExportError) {
    try connection.validate()
    self.connection = connection
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    do throws(TransportError) {
      configuration.tlsConfiguration = try connection.security.configuration()
    } catch {
      throw ExportError(error)
    }
    configuration.proxy = try ProxySettings(environment: connection.environment)
      .proxy(for: connection.address)?.configuration
    configuration.timeout = .init(connect: .seconds(10), read: nil)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
      connection.concurrency
    // Repeating is ours: with pauses, and with an end.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections; the client cannot be used afterwards.
  fileprivate func close() async {
    // Nothing depends on a connection that does not close.
    try? await client.shutdown()
  }

  /// Asks until there is a whole answer that `read` understands.
  ///
  /// - Parameters:
  ///   - path: Below the address, from a slash on.
  ///   - stream: A number of the question, for pauses that differ and yet repeat.
  ///   - read: Makes a value of an answer; JSON that ends early counts as broken off on the way.
  /// - Throws: `ExportError`, or `AttemptFailure.tooLarge` when the answer exceeds the limit.
  package func ask<Value: Sendable>(
    _ path: String, _ parameters: [(name: String, value: String)], stream: Int,
    read: (Answer) throws -> Value
  ) async throws -> Value {
    try await put(
      .form(formEncoded(parameters)), to: path, attempts: connection.retries.attempts,
      stream: stream, read: read)
  }

  /// Sends a document until there is a whole answer that `read` understands.
  ///
  /// - Parameters:
  ///   - attempts: The most attempts; nil for those of the connection. What must not happen twice is
  ///     sent once.
  ///   - stream: A number of the question, for pauses that differ and yet repeat.
  /// - Throws: As `ask`.
  func send<Value: Sendable>(
    _ document: JSONValue, to path: String, attempts: Int? = nil, stream: Int,
    read: (Answer) throws -> Value
  ) async throws -> Value {
    try await put(
      .json(Array(document.text().utf8)), to: path,
      attempts: attempts ?? connection.retries.attempts, stream: stream, read: read)
  }

  private func put<Value: Sendable>(
    _ question: Question, to path: String, attempts: Int, stream: Int,
    read: (Answer) throws -> Value
  ) async throws -> Value {
    var random = Philox(seed: connection.seed, purpose: "export-retry", index: stream)
    let url = connection.address.text + path
    var attempt = 1
    while true {
      try await waitForGate()
      do {
        let answer = try await within(connection.timeout) { [self] in
          try await attemptOnce(url, question)
        }
        return try understand(answer, read)
      } catch AttemptFailure.transient(let reason, let wait) {
        guard attempt < attempts else {
          throw ExportError.unavailable(url: url, reason: reason, attempts: attempt)
        }
        if let wait, wait > connection.retries.longestServerWait {
          throw ExportError.unavailable(
            url: url, reason: "\(reason); it asks to wait for \(wait.components.seconds) s",
            attempts: attempt)
        }
        if let wait { close(gateFor: wait) }
        repeated.withLock { $0 += 1 }
        try await Task.sleep(
          for: connection.retries.pause(after: attempt, serverWait: wait, using: &random))
        attempt += 1
      }
    }
  }

  private func understand<Value>(_ answer: Answer, _ read: (Answer) throws -> Value) throws -> Value
  {
    do {
      return try read(answer)
    } catch StorageError.invalidJSON(_, let byte, let reason) {
      if byte >= answer.text.count {
        throw AttemptFailure.transient(reason: "the answer broke off", wait: nil)
      }
      throw ExportError.unexpectedAnswer(
        url: answer.url, reason: "answered with no JSON at byte \(byte): \(reason)")
    } catch let error as StorageError {
      throw ExportError.unexpectedAnswer(url: answer.url, reason: "\(error)")
    }
  }

  private func close(gateFor wait: Duration) {
    let until = ContinuousClock.now + wait
    gate.withLock { $0 = max($0 ?? until, until) }
  }

  private func waitForGate() async throws {
    while let until = gate.withLock({ $0 }), until > .now {
      try await Task.sleep(until: until, clock: .continuous)
    }
  }
}

/// Does work with a client of its own; errors of files become errors of exports.
package func withClient<Result>(
  _ connection: ServerConnection, _ work: (QueryClient) async throws -> Result
) async throws -> Result {
  let client = try QueryClient(connection)
  do {
    let result = try await work(client)
    await client.close()
    return result
  } catch {
    await client.close()
    throw (error as? StorageError).map(ExportError.storage) ?? error
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
      throw AttemptFailure.transient(
        reason: "no whole answer within \(limit.components.seconds) s", wait: nil)
    }
    defer { group.cancelAll() }
    guard let first = try await group.next() else { preconditionFailure("a group without tasks") }
    return first
  }
}
