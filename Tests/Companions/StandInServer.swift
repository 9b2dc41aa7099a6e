internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
package import NIOSSL
internal import Synchronization

/// A request as a server sees it.
package struct SeenRequest: Sendable {
  package var method: String
  /// The path without the query.
  package var path: String
  package var headers: [String: String]
  /// Parameters of the query or the form.
  package var parameters: [String: String]
  /// The content.
  package var body: [UInt8]
}

/// An answer, or a way to fail.
package struct StandInAnswer: Sendable {
  package var status = 200
  package var headers: [(String, String)] = []
  package var body: [UInt8] = []
  /// Bytes of the body after which the connection breaks.
  package var breaksAfter: Int?
  /// Whether an answer that breaks says how long it should have been.
  package var saysLength = true
  /// Time until the body is sent.
  package var delay = Duration.zero

  /// An answer, by default of 200 without a body.
  package init(
    status: Int = 200, headers: [(String, String)] = [], body: [UInt8] = [],
    breaksAfter: Int? = nil, saysLength: Bool = true, delay: Duration = .zero
  ) {
    (self.status, self.headers, self.body) = (status, headers, body)
    (self.breaksAfter, self.saysLength, self.delay) = (breaksAfter, saysLength, delay)
  }

  package static func text(_ text: String, status: Int = 200) -> StandInAnswer {
    StandInAnswer(status: status, body: Array(text.utf8))
  }
}

/// A real HTTP server on loopback whose answers are a function of the request.
package final class StandInServer: Sendable {
  package typealias Handler = @Sendable (SeenRequest) async -> StandInAnswer

  package let port: Int
  package let scheme: String
  private let requests: Log
  private let task: Task<Void, any Error>

  private final class Log: Sendable { let list = Mutex<[SeenRequest]>([]) }
  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  /// Every request so far.
  package var seen: [SeenRequest] { requests.list.withLock { $0 } }
  package var url: String { "\(scheme)://127.0.0.1:\(port)" }

  package init(tls: NIOSSLContext? = nil, _ handler: @escaping Handler) async throws {
    let channel = try await ServerBootstrap(group: LoopExecutor.shared.loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    port = channel.channel.localAddress?.port ?? 0
    scheme = tls == nil ? "http" : "https"
    let log = Log()
    requests = log
    task = Task(executorPreference: LoopExecutor.shared) {
      try await channel.executeThenClose { connections in
        await withDiscardingTaskGroup { group in
          do {
            for try await connection in connections {
              group.addTask { await Self.serve(connection, log, handler) }
            }
          } catch {}
          group.cancelAll()
        }
      }
    }
  }

  deinit { task.cancel() }

  private static func serve(_ connection: Connection, _ log: Log, _ handler: Handler) async {
    // A connection that breaks is the client's to notice.
    try? await connection.executeThenClose { inbound, outbound in
      var head: HTTPRequestHead?
      var body = ByteBuffer()
      for try await part in inbound {
        switch part {
        case .head(let next): (head, body) = (next, ByteBuffer())
        case .body(var bytes): body.writeBuffer(&bytes)
        case .end:
          guard let head else { return }
          let request = request(head, body)
          log.list.withLock { $0.append(request) }
          let answer = await handler(request)
          guard try await write(answer, to: outbound) else { return }
        }
      }
    }
  }

  /// False when the connection has to break.
  private static func write(
    _ answer: StandInAnswer, to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws -> Bool {
    var headers = HTTPHeaders(answer.headers.map { ($0.0, $0.1) })
    if answer.saysLength {
      headers.replaceOrAdd(name: "content-length", value: String(answer.body.count))
    } else {
      headers.replaceOrAdd(name: "connection", value: "close")
    }
    let version: HTTPVersion = answer.saysLength ? .http1_1 : .http1_0
    try await outbound.write(
      .head(
        HTTPResponseHead(
          version: version, status: .init(statusCode: answer.status), headers: headers)))
    if answer.delay > .zero { try await Task.sleep(for: answer.delay) }
    let sent = answer.body.prefix(answer.breaksAfter ?? answer.body.count)
    try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: sent))))
    if answer.breaksAfter != nil { return false }
    try await outbound.write(.end(nil))
    return answer.saysLength
  }

  private static func request(_ head: HTTPRequestHead, _ body: ByteBuffer) -> SeenRequest {
    let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
    let form =
      head.method == .POST && parts.count == 1
      ? String(buffer: body) : parts.count > 1 ? parts[1] : ""
    var parameters: [String: String] = [:]
    for pair in form.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      parameters[decoded(sides[0])] = sides.count > 1 ? decoded(sides[1]) : ""
    }
    return SeenRequest(
      method: head.method.rawValue, path: parts[0],
      headers: Dictionary(
        head.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { "\($0),\($1)" }),
      parameters: parameters, body: Array(buffer: body))
  }
}

/// Runs the servers' tasks on a thread of their own.
///
/// Tests that compute keep the threads of the shared pool for minutes, in which a server of the pool would answer nobody.
private final class LoopExecutor: TaskExecutor {
  static let shared = LoopExecutor()

  let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

private func decoded(_ text: String) -> String {
  text.replacing("+", with: " ").removingPercentEncoding ?? text
}

/// A port on which nobody listens.
package func closedPort() async throws -> Int {
  let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .bind(host: "127.0.0.1", port: 0).get()
  let port = channel.localAddress?.port ?? 0
  try await channel.close()
  return port
}
