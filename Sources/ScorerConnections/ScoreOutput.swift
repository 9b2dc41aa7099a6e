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
  private let waiting = Mutex<Waiting>(Waiting())

  private struct Waiting {
    var cells: [(service: String, time: Timestamp, score: Float)] = []
    /// Cells that went since the last time.
    var dropped = 0
  }

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
    guard !cell.score.isNaN, !cell.isRestored else { return }
    waiting.withLock { waiting in
      if waiting.cells.count >= Self.longestQueue {
        waiting.cells.removeFirst(Self.longestQueue / 10)
        waiting.dropped += Self.longestQueue / 10
      }
      waiting.cells.append((cell.service, cell.time, cell.score))
    }
  }

  func run(_ scorer: Scorer) async throws {
    while true {
      try await Task.sleep(for: .seconds(2))
      let (cells, dropped) = waiting.withLock { waiting in
        defer { waiting = Waiting() }
        return (waiting.cells, waiting.dropped)
      }
      scorer.metrics.count(dropped: dropped, by: .scores)
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
        scorer.metrics.count(dropped: samples.count, by: .scores)
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
