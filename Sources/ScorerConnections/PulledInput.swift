internal import Features
internal import LiveTelemetry
internal import Logging
internal import ScorerService
internal import Telemetry

/// Rows of a Prometheus and a Loki that are asked.
struct PulledInput: Sendable {
  /// Rows that are scored before other tasks have a turn.
  private static let chunk = 64

  private let prometheus: PrometheusInputSettings?
  private let loki: LokiInput?
  private let configuration: ScorerConfiguration
  private let order: InputOrder
  private let logger: Logger

  init(_ servers: Servers, order: InputOrder, logger: Logger) throws {
    prometheus = try servers.prometheus
    loki = try servers.loki
    configuration = servers.configuration
    (self.order, self.logger) = (order, logger)
  }

  func run(_ scorer: Scorer) async throws {
    try await scorer.forEachModel { model in try await run(model, scorer) }
  }

  private func run(_ model: ModelInUse, _ scorer: Scorer) async throws {
    let schema = LiveSchema(
      model.features, serviceLabels: model.serviceLabels, kinds: model.metricKinds)
    var settings = PullSource.Settings()
    let delays = [configuration.inputs.prometheus?.delay, configuration.inputs.loki?.delay]
    settings.delay = delays.compactMap { $0 }.max() ?? settings.delay
    settings.limits.series = configuration.limits.series
    let source = try PullSource(
      schema, prometheus: prometheus?.input(for: schema), loki: loki, settings: settings,
      observer: InputWitness(scorer: scorer, logger: logger))
    // A service that has no past needs all of its history; the others' rows of it are old.
    let lasts = schema.services.map { scorer.lastTime(of: $0.name) }
    let last = lasts.contains { $0 == nil } ? nil : lasts.compactMap { $0 }.min()
    let delay = settings.delay
    order.begin(model: model.digest)
    try await source.run(after: last) { rows in
      let input = prometheus == nil ? ScorerMetrics.Input.loki : .prometheus
      for start in stride(from: 0, to: rows.count, by: Self.chunk) {
        let part = rows[start..<min(rows.count, start + Self.chunk)].filter { row in
          scorer.lastTime(of: row.service).map { row.row.time > $0 } ?? true
        }
        scorer.take(part.map { ($0.service, $0.row) }, from: input)
        // Requests of clients share these threads.
        await Task.yield()
        try Task.checkCancellation()
      }
      if let newest = rows.last?.row.time {
        order.asked(
          newest, latest: LiveClock.system.wall() - delay, interval: schema.interval,
          model: model.digest)
      }
    }
  }
}
