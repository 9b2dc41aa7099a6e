internal import Features
internal import LiveTelemetry
internal import Logging
internal import ScorerService
internal import Storage
internal import Synchronization
internal import Telemetry

/// Rows of what a Prometheus writes.
final class WrittenInput: Sendable {
  private let receiver = Mutex<RemoteWriteReceiver?>(nil)
  private let configuration: ScorerConfiguration
  private let order: InputOrder
  private let logger: Logger

  init(_ configuration: ScorerConfiguration, order: InputOrder, logger: Logger) {
    (self.configuration, self.order, self.logger) = (configuration, order, logger)
  }

  var route: ServedRoute {
    ServedRoute(method: "POST", path: "/api/v1/write", endpoint: .write) { [self] request in
      guard let receiver = receiver.withLock({ $0 }) else {
        return ServedAnswer(
          503, contentType: "text/plain", body: Array("no model yet\n".utf8), retryAfter: 5)
      }
      let answer = receiver.receive(
        request.body, contentType: request.headers["content-type"],
        contentEncoding: request.headers["content-encoding"])
      return ServedAnswer(
        answer.status, contentType: "text/plain; charset=utf-8",
        body: answer.message.isEmpty ? [] : Array("\(answer.message)\n".utf8))
    }
  }

  func run(_ scorer: Scorer) async throws {
    try await scorer.forEachModel { [self] model in
      let schema = LiveSchema(
        model.features, serviceLabels: model.serviceLabels, kinds: model.metricKinds)
      let prometheus = configuration.inputs.prometheus
      var settings = RemoteWriteReceiver.Settings(step: prometheus?.step ?? schema.interval)
      settings.limits.series = configuration.limits.series
      if let prometheus {
        settings.delay = prometheus.delay + schema.interval * InputOrder.patience
      }
      let last = schema.services.compactMap { scorer.lastTime(of: $0.name) }.max()
      let next = try RemoteWriteReceiver(
        schema, settings: settings, after: last, continuing: receiver.withLock { $0 },
        observer: InputWitness(scorer: scorer, logger: logger))
      receiver.withLock { $0 = next }
      try await next.run { rows in
        for row in rows
        where prometheus == nil
          || order.admits(
            row.row.metrics, of: row.row.time, after: scorer.lastTime(of: row.service),
            interval: schema.interval, model: model.digest)
        { scorer.take([(row.service, row.row)], from: .remoteWrite) }
      }
    }
  }
}
