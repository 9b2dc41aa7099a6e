internal import ArgumentParser
internal import Pipeline
internal import Telemetry

/// Options of commands that train.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Train LSTM networks no longer than until this long after the start, such as 2h; keeps the \
      best weights so far. Overrides models.lstm.max_duration.
      """, valueName: "duration"))
  var maxDuration: String?

  @Flag(help: "Remove the checkpoints of an interrupted run instead of going on from them.")
  var restart = false

  func validate() throws {
    guard let maxDuration else { return }
    guard let span = TimeSpan(maxDuration), span >= .seconds(1) else {
      throw ValidationError(
        "--max-duration must be a duration of at least 1s, such as 90m, not '\(maxDuration)'.")
    }
  }

  /// The configuration with what the options override.
  func applied(to configuration: PipelineConfiguration) -> PipelineConfiguration {
    var configuration = configuration
    if let maxDuration, let span = TimeSpan(maxDuration) {
      configuration.models.forecast?.maxDuration = span
    }
    return configuration
  }

  /// Does work whose training SIGTERM and SIGINT stop with its state kept.
  ///
  /// - Parameter checkpoints: The folder of checkpoints.
  func withLimits<Result>(
    checkpoints: String, _ work: (TrainingLimits) async throws -> Result
  ) async throws -> Result {
    let stop = StopRequest()
    let limits = TrainingLimits(checkpoints: checkpoints, restarts: restart, stop: stop)
    let signals = SignalWatch { stop.make() }
    defer { signals.end() }
    return try await work(limits)
  }
}
