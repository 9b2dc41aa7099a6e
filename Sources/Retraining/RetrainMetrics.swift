public import Telemetry

/// What a job tells Prometheus, in the text format, for a node exporter's folder or a push gateway.
///
/// Counters are not among them: a job's process lives for one run, so everything is a gauge of the last
/// one.
public struct RetrainMetrics: Sendable {
  private let model: String
  private let state: RetrainState
  private let seconds: Double
  private let finished: Timestamp
  private let failed: Bool

  /// The outcome of a job that ended with an error.
  public static let failure = "failed"

  /// Makes the metrics of a job that has ended.
  ///
  /// - Parameters:
  ///   - state: What is done; empty where it cannot be read.
  ///   - seconds: How long it took.
  ///   - finished: When it ended.
  ///   - failed: Whether it ended with an error, so that an instant that was due has no model.
  public init(
    model: String, state: RetrainState, seconds: Double, finished: Timestamp, failed: Bool = false
  ) {
    (self.model, self.state) = (model, state)
    (self.seconds, self.finished, self.failed) = (seconds, finished, failed)
  }

  /// The exposition text; it ends with a line break.
  public func text() -> String {
    let last = state.outcomes.last
    let promoted = state.outcomes.last { $0.result == .promoted }
    var text = ""
    func gauge(_ name: String, _ help: String, _ samples: [(labels: String, value: Double)]) {
      guard !samples.isEmpty else { return }
      text +=
        "# HELP autopilotops_retrain_\(name) \(help)\n# TYPE autopilotops_retrain_\(name) gauge\n"
      for sample in samples {
        text += "autopilotops_retrain_\(name){\(sample.labels)} \(sample.value)\n"
      }
    }
    let label = "model=\"\(escaped(model))\""
    gauge(
      "last_run_timestamp_seconds", "When the last job ended.",
      [(label, Double(finished.milliseconds) / 1000)])
    gauge("last_run_duration_seconds", "How long the last job took.", [(label, seconds)])
    gauge(
      "last_success_timestamp_seconds",
      "End of the data of the newest model that the gate let pass.",
      promoted.map { [(label, Double($0.instant.milliseconds) / 1000)] } ?? [])
    gauge(
      "data_timestamp_seconds", "End of the data of the newest model.",
      last.map { [(label, Double($0.instant.milliseconds) / 1000)] } ?? [])
    gauge(
      "champion_version", "The version in use.",
      last.flatMap { $0.result == .promoted ? $0.version : $0.champion }.map {
        [(label, Double($0))]
      } ?? [])
    // A job that failed tells so, whatever the ones before it came to.
    let ended = failed ? Self.failure : last?.result.rawValue
    gauge(
      "last_outcome", "1 for how the last job ended, 0 for all other ways.",
      ended.map { ended in
        (RetrainOutcome.Result.allCases.map(\.rawValue) + [Self.failure]).map {
          ("\(label),outcome=\"\($0)\"", $0 == ended ? 1 : 0)
        }
      } ?? [])
    return text
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
