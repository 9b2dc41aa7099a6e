internal import Alerting
internal import Exporters
internal import Ingest
internal import LiveTelemetry
public import Logging
public import ScorerService
internal import Storage
internal import Telemetry
internal import Transport

/// Connects the scorer with what the configuration names: servers that are asked for rows, a receiver
/// of remote writes, Alertmanager, verdicts, and a Prometheus that scores are written to.
public struct ScorerConnections: Sendable {
  /// What runs beside the servers.
  public private(set) var parts: [(name: String, run: ScorerProgram.Part)] = []
  /// Further requests that are answered.
  public private(set) var routes: [ServedRoute] = []
  /// Who is told of scored cells.
  public private(set) var sinks: [@Sendable (ScorerService.ScoredCell) -> Void] = []

  /// Reads the files that the configuration names for its connections.
  ///
  /// - Parameters:
  ///   - environment: Names proxies.
  ///   - isTrial: Whether nothing is to run: then no file is made either.
  /// - Throws: An error that names the key or file that cannot be used.
  public init(
    _ configuration: ScorerConfiguration, environment: [String: String], logger: Logger,
    isTrial: Bool = false
  ) throws {
    let servers = Servers(configuration: configuration, environment: environment)
    let order = InputOrder()
    if configuration.inputs.prometheus != nil || configuration.inputs.loki != nil {
      let input = try PulledInput(servers, order: order, logger: logger)
      parts.append(("inputs", input.run))
    }
    if configuration.inputs.remoteWrite {
      let input = WrittenInput(configuration, order: order, logger: logger)
      parts.append(("remote write", input.run))
      routes.append(input.route)
    }
    if let path = configuration.incidents { _ = try readIncidents(IncidentsSource(path: path)) }
    var desk: AlertingOutput?
    if configuration.alertmanager != nil {
      let output = try AlertingOutput(servers, logger: logger, isTrial: isTrial)
      // The first ends last: cells that inputs still bring reach the desk.
      parts.insert(("alerts", output.run), at: 0)
      sinks.append(output.take)
      desk = output
    }
    if configuration.verdicts != nil {
      routes += VerdictRoutes(configuration, links: desk?.links, desk: desk).routes
    }
    if configuration.scores != nil {
      let output = try ScoreOutput(servers, logger: logger)
      parts.append(("scores", output.run))
      sinks.append(output.take)
    }
  }
}

/// How to reach the servers of a configuration.
struct Servers: Sendable {
  let configuration: ScorerConfiguration
  let environment: [String: String]

  func connection(
    _ url: String, timeout: TimeSpan = .seconds(10), tokenFile: String?, authorities: String?,
    tenant: String? = nil, attempts: Int = 2
  ) throws -> ServerConnection {
    let address: ServerAddress
    do throws(ExportError) {
      address = try ServerAddress(url)
    } catch {
      throw ConnectionError.invalidAddress(reason: error.description)
    }
    var connection = ServerConnection(address: address, now: Timestamp(milliseconds: 0))
    connection.timeout = .milliseconds(timeout.milliseconds)
    connection.credentials.bearerTokenFile = tokenFile
    connection.credentials.tenant = tenant
    connection.security.authorityFile = authorities
    connection.environment = environment
    connection.retries.attempts = attempts
    connection.retries.base = .milliseconds(500)
    connection.retries.longestServerWait = .seconds(30)
    return connection
  }

  var prometheus: PrometheusInputSettings? {
    get throws {
      guard let input = configuration.inputs.prometheus else { return nil }
      return PrometheusInputSettings(
        connection: try connection(
          input.url, timeout: input.timeout, tokenFile: input.tokenFile,
          authorities: input.authorities, tenant: input.tenant),
        query: input.match ?? "{__name__!=\"\"}", step: input.step)
    }
  }

  var loki: LokiInput? {
    get throws {
      guard let input = configuration.inputs.loki else { return nil }
      return LokiInput(
        connection: try connection(
          input.url, timeout: input.timeout, tokenFile: input.tokenFile,
          authorities: input.authorities, tenant: input.tenant),
        queries: [input.query ?? "{service_name=~\".+\"}"])
    }
  }
}

/// A Prometheus to ask, before the model says at which step.
struct PrometheusInputSettings: Sendable {
  let connection: ServerConnection
  let query: String
  let step: TimeSpan?

  func input(for schema: LiveSchema) -> PrometheusInput {
    PrometheusInput(connection: connection, queries: [query], step: step ?? schema.interval)
  }
}

/// Passes on what inputs say to metrics and log.
struct InputWitness: LiveObserver {
  let scorer: Scorer
  let logger: Logger

  func counted(_ result: SampleResult, _ count: Int, from input: LiveInput) {
    let outcome: RowOutcome? =
      switch result {
      case .accepted: nil  // The scorer counts what it takes.
      case .stale: .stale
      case .future: .future
      case .unknownSeries: .unknownSeries
      case .malformed: .malformed
      case .dropped: .dropped
      }
    if let outcome { scorer.metrics.count(outcome, samples: count) }
  }

  func failed(_ input: LiveInput, _ failure: InputFailure, message: String) {
    let reason: ScorerMetrics.InputFailure =
      switch failure {
      case .unavailable: .unavailable
      case .credentials: .credentials
      case .unexpectedAnswer: .unexpectedAnswer
      case .clockJump: .clockJump
      }
    scorer.metrics.count(input.metric, failure: reason)
    logger.warning(
      "input failed",
      metadata: [
        "input": "\(input.rawValue)", "reason": "\(failure.rawValue)", "error": "\(message)",
      ])
  }

  func received(upTo time: Timestamp, from input: LiveInput) {
    scorer.metrics.advance(input.metric, to: time)
  }
}

extension LiveInput {
  var metric: ScorerMetrics.Input {
    switch self {
    case .prometheus: .prometheus
    case .loki: .loki
    case .remoteWrite: .remoteWrite
    }
  }
}
