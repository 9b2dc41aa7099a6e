internal import ArgumentParser
internal import Evaluation
internal import Experiments
internal import Exporters
internal import Foundation
internal import Pipeline
internal import Telemetry
internal import Transport

/// An MLflow server that is told of runs.
struct MirrorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "An MLflow server to tell of what is recorded; by default MLFLOW_TRACKING_URI of the "
        + "environment, if it is an address. Credentials come from MLFLOW_TRACKING_TOKEN, or "
        + "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.", valueName: "url"))
  var mlflowURL: String?

  /// Tells the server of runs, if there is one. What was done stays done when that fails; it is only
  /// told.
  func mirror(_ runs: [RecordedRun], common: CommonOptions) async {
    let environment = processEnvironment()
    let named = mlflowURL ?? environment["MLFLOW_TRACKING_URI"].flatMap { $0.isEmpty ? nil : $0 }
    guard let named, !runs.isEmpty else { return }
    if mlflowURL == nil, !named.hasPrefix("http://"), !named.hasPrefix("https://") {
      writeError(
        "autopilot: warning: MLFLOW_TRACKING_URI is not the address of a server; the run was not "
          + "mirrored")
      return
    }
    do {
      _ = try await mirrored(runs, to: named, experiment: nil, common: common)
    } catch {
      writeError("autopilot: warning: the run was not mirrored: \(error)")
    }
  }
}

/// Tells an MLflow server of runs.
///
/// - Parameter experiment: The experiment; nil for that of the environment or the runs' names.
func mirrored(
  _ runs: [RecordedRun], to url: String, experiment: String?, common: CommonOptions
) async throws -> MLflowSummary {
  let environment = processEnvironment()
  func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
  var connection = ServerConnection(
    address: try ServerAddress(url), now: Stopwatch().started)
  if let token = value("MLFLOW_TRACKING_TOKEN") {
    connection.credentials.environmentToken = token
  } else if let user = value("MLFLOW_TRACKING_USERNAME") {
    connection.credentials.environmentBasicAuth =
      "\(user):\(value("MLFLOW_TRACKING_PASSWORD") ?? "")"
  }
  connection.security.authorityFile = value("MLFLOW_TRACKING_SERVER_CERT_PATH")
  connection.security.verifies = value("MLFLOW_TRACKING_INSECURE_TLS") != "true"
  connection.retries.attempts = 3
  connection.timeout = .seconds(30)
  connection.environment = environment
  connection.seed = UInt64(ProcessInfo.processInfo.processIdentifier)
  let documents = runs.map {
    MLflowRun($0, experiment: experiment ?? value("MLFLOW_EXPERIMENT_NAME") ?? $0.record.name)
  }
  return try await common.withProgress { [connection] progress in
    try await Exporters.mirror(documents, to: connection, progress: progress)
  }
}

extension MLflowRun {
  /// A recorded run in the server's words.
  init(_ run: RecordedRun, experiment: String) {
    let record = run.record
    self.init(
      experiment: experiment, id: run.id, started: record.started,
      ended: record.started + TimeSpan(milliseconds: Int64(record.wallSeconds * 1000)))
    hasFailed = record.failure != nil
    parameters =
      (try? configurationValues(record.configuration, source: run.id))?
      .map { ($0.key, $0.value) } ?? []
    for metric in record.metrics {
      metrics.append((metric.name, metric.value))
      if let interval = metric.interval {
        metrics += [("\(metric.name).low", interval.low), ("\(metric.name).high", interval.high)]
      }
    }
    metrics.append(("time.wall_seconds", record.wallSeconds))
    metrics += record.fitSeconds.sorted { $0.key < $1.key }
      .map { ("time.fit_seconds.\($0.key)", $0.value) }
    let environment = record.environment
    tags = [
      ("autopilot.kind", record.kind.rawValue), ("autopilot.dataset", record.datasetDigest),
      ("autopilot.artifact", record.artifactDigest ?? ""),
      ("autopilot.configuration", record.configurationDigest),
      ("autopilot.version", environment.toolVersion),
      ("autopilot.executable", environment.executableDigest),
      ("autopilot.system", environment.system),
      ("autopilot.architecture", environment.architecture),
      ("autopilot.processor", environment.processor),
      ("autopilot.threads", String(environment.threads)), ("autopilot.seed", String(record.seed)),
      ("mlflow.source.name", "autopilot"),
    ]
    if let failure = record.failure { tags.append(("autopilot.failure", failure)) }
    if let trial = record.trial {
      tags += [
        ("autopilot.study", trial.study), ("autopilot.trial", String(trial.number)),
        ("autopilot.share", String(trial.share)),
      ]
    }
    tags += run.tags.map { ("autopilot.tag.\($0)", "true") }
  }
}
