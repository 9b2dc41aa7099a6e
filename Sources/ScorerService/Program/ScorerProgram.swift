internal import UnixSignals
internal import Diagnostics
internal import Hummingbird
internal import HummingbirdCore
public import Logging
internal import NIOCore
internal import NIOSSL
internal import NIOPosix
public import Registry
internal import ServiceLifecycle
internal import Storage

/// The scorer as a program: servers, the watch over models, and whatever brings rows.
public struct ScorerProgram: Sendable {
  /// Longest wait for requests under way when the end comes.
  static let drainLimit = Duration.seconds(20)
  /// Silent connections are closed after that.
  static let idleLimit = TimeAmount.seconds(75)

  /// A part of the service that runs beside the servers until the end, such as an input that asks a
  /// Prometheus.
  public typealias Part = @Sendable (Scorer) async throws -> Void

  private let scorer: Scorer
  private let loader: ModelLoader
  private let tokens: WatchedFiles<BearerTokens>?
  private let encryption: WatchedFiles<NIOSSLContext>?
  private let parts: [(name: String, run: Part)]
  private let routes: [ServedRoute]
  private let logger: Logger

  /// Reads every file that the configuration names.
  ///
  /// - Parameters:
  ///   - stores: Opens registries.
  ///   - parts: Run beside the servers; they end when cancelled.
  ///   - routes: Further requests that are answered.
  ///   - sinks: Told of every cell that was scored; called on the threads of connections, so quick.
  /// - Throws: An error that names the file that cannot be used.
  public init(
    _ configuration: ScorerConfiguration, stores: StoreCatalogue, logger: Logger,
    parts: [(name: String, run: Part)] = [], routes: [ServedRoute] = [],
    sinks: [@Sendable (ScoredCell) -> Void] = []
  ) throws {
    tokens = try configuration.tokens.map { path in
      try WatchedFiles([path]) { try BearerTokens($0[0], path: path) }
    }
    encryption = try configuration.encryption?.watched()
    scorer = Scorer(configuration, logger: logger, sinks: sinks)
    loader = ModelLoader(stores: stores, trust: configuration.trust)
    (self.parts, self.routes, self.logger) = (parts, routes, logger)
  }

  /// Makes this process's tasks run on the threads of its connections, which spares every request two
  /// changes of threads. Call it once, first of all.
  public static func shareThreads() {
    ProcessFigures.begin()
    NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
  }

  /// Runs until SIGTERM or SIGINT: then readiness drops first, requests under way are finished, and
  /// state is written.
  ///
  /// - Throws: `ServiceError` when an address cannot be listened on.
  public func run() async throws {
    let configuration = scorer.configuration
    let watcher = ModelWatcher(scorer: scorer, loader: loader)
    let main = Application(
      responder: ScorerResponder(scorer: scorer, tokens: tokens, routes: routes),
      server: server(),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.listen.address, port: configuration.listen.port),
        backlog: 1024),
      onServerRunning: { [logger] in listening("requests", $0, logger) }, logger: quiet)
    let metrics = Application(
      responder: MetricsResponder(scorer: scorer),
      server: .http1(configuration: .init(idleTimeout: Self.idleLimit)),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.metrics.address, port: configuration.metrics.port)),
      onServerRunning: { [logger] in listening("metrics", $0, logger) }, logger: quiet)
    let housekeeping = Housekeeping(scorer: scorer, refresh: refreshes)
    // The first ends last: what requests under way still score goes to the parts.
    var services: [any Service] = [metrics, housekeeping]
    services += parts.map { PartService(name: $0.name, scorer: scorer, body: $0.run) }
    services += [main, watcher] as [any Service]
    services.append(Readiness(scorer: scorer))
    var group = ServiceGroupConfiguration(
      services: services.map { service in
        service is Readiness
          ? .init(service: service, successTerminationBehavior: .ignore)
          : .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
      },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    group.maximumGracefulShutdownDuration = Self.drainLimit
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as IOError {
      throw ServiceError.cannotListen(
        address: "\(configuration.listen.address):\(configuration.listen.port) or "
          + "\(configuration.metrics.address):\(configuration.metrics.port)", reason: "\(error)")
    }
    await scorer.finish()
    logger.info("ended")
  }

  private var quiet: Logger {
    var logger = logger
    logger.logLevel = max(logger.logLevel, .warning)
    return logger
  }

  private func server() -> HTTPServerBuilder {
    let plain = HTTP1Channel.Configuration(idleTimeout: Self.idleLimit)
    guard let encryption else { return .http1(configuration: plain) }
    return HTTPServerBuilder { responder in
      EncryptedChannel(
        base: HTTP1Channel(responder: responder, configuration: plain), context: encryption)
    }
  }

  private var refreshes: [@Sendable () async -> Void] {
    var bodies: [@Sendable () async -> Void] = []
    if let tokens {
      bodies.append { [logger] in _ = try? await offLoop { tokens.refresh(logger) } }
    }
    if let encryption {
      bodies.append { [logger] in _ = try? await offLoop { encryption.refresh(logger) } }
    }
    return bodies
  }
}

private func listening(_ what: String, _ channel: any Channel, _ logger: Logger) {
  logger.info(
    "listening",
    metadata: [
      "for": "\(what)", "address": "\(channel.localAddress?.description ?? "unknown")",
      "port": "\(channel.localAddress?.port ?? 0)",
    ])
}

/// A part that brings or takes rows.
private struct PartService: Service, CustomStringConvertible {
  let name: String
  let scorer: Scorer
  let body: ScorerProgram.Part

  var description: String { name }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          try await body(scorer)
        } catch is CancellationError {
          return
        } catch {
          scorer.logger.error(
            "\(name) ended; it starts again",
            metadata: ["error": "\((error as? any DiagnosedError)?.description ?? "\(error)")"])
        }
        try? await Task.sleep(for: .seconds(5))
      }
    }
  }
}
