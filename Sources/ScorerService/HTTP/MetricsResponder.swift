internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Telemetry

/// Answers Prometheus, and questions of health for probes that have no certificate.
struct MetricsResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let scorer: Scorer

  func respond(to request: Request, context: Context) async throws -> Response {
    let path = request.uri.path[...]
    if path == "/metrics", request.method == .get {
      let text = try await offLoop { scorer.exposition() }
      return ServedAnswer(
        200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(text.utf8)
      ).response(closing: false)
    }
    let answer = ServedAnswer.health(path, scorer) ?? .error(404, "metrics are at /metrics")
    return answer.response(closing: false)
  }
}

extension Scorer {
  /// Everything that is counted and measured, as text.
  public func exposition() -> String {
    var text = Exposition()
    metrics.write(to: &text)
    if let fleet = gate.current {
      fleet.write(to: &text, now: now)
    } else {
      text.gauge("services", "Services that are scored.") { $0("", 0) }
      text.gauge("warming_services", "Services whose windows are not yet full.") { $0("", 0) }
    }
    ProcessFigures.now().write(to: &text)
    return text.text
  }
}
