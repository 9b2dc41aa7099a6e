internal import Diagnostics
internal import LiveTelemetry
internal import Logging
internal import ScorerService
internal import Synchronization
internal import Telemetry

/// Writes the scores of cells to a Prometheus.
final class ScoreOutput: Sendable {
  /// Samples that wait at most; the oldest go first.
  private static let longestQueue = 200_000
  private static let metric = "autopilotops_score"

  private let sender: RemoteWriteSender
  private let logger: Logger
  private let waiting = Mutex<[(service: String, time: Timestamp, score: Float)]>([])

  init(_ servers: Servers, logger: Logger) throws {
    guard let output = servers.configuration.scores else {
      preconditionFailure("no output of scores is configured")
    }
    sender = try RemoteWriteSender(
      servers.connection(
        output.url, tokenFile: output.tokenFile, authorities: output.authorities,
        tenant: output.tenant))
    self.logger = logger
  }

  /// Takes a cell from the threads of connections.
  func take(_ cell: ScoredCell) {
    guard !cell.score.isNaN else { return }
    waiting.withLock { waiting in
      if waiting.count >= Self.longestQueue { waiting.removeFirst(Self.longestQueue / 10) }
      waiting.append((cell.service, cell.time, cell.score))
    }
  }

  func run(_ scorer: Scorer) async throws {
    while true {
      try await Task.sleep(for: .seconds(2))
      let cells = waiting.withLock { waiting in
        defer { waiting = [] }
        return waiting
      }
      guard !cells.isEmpty, let model = scorer.modelInUse else { continue }
      let samples = cells.map {
        SentSample(
          labels: ["__name__": Self.metric, "service": $0.service, "model": model.name],
          time: $0.time, value: Double($0.score))
      }
      do {
        try await sender.send(samples)
      } catch is CancellationError {
        return
      } catch {
        logger.warning(
          "scores were not written",
          metadata: [
            "samples": "\(samples.count)",
            "error": "\((error as? any DiagnosedError)?.description ?? "\(error)")",
          ])
      }
    }
  }
}
