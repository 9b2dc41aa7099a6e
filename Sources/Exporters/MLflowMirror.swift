public import Diagnostics
internal import Storage
internal import Telemetry
internal import Transport

/// What came of telling an MLflow server of runs.
public struct MLflowSummary: Hashable, Sendable {
  /// Runs that are new there.
  public var created = 0
  /// Runs that were begun there before, and are whole now.
  public var completed = 0
  /// Runs that were there; their tags were brought up to date.
  public var present = 0

  /// Makes a summary.
  public init(created: Int = 0, completed: Int = 0, present: Int = 0) {
    (self.created, self.completed, self.present) = (created, completed, present)
  }
}

/// Tells an MLflow server of runs over its REST API (`/api/2.0/mlflow`).
///
/// A run is looked for by a tag with its id first, so that telling of it again, also after it broke
/// off, makes no second one.
///
/// - Throws: `ExportError`.
public func mirror(
  _ runs: [MLflowRun], to connection: ServerConnection, progress: ProgressSink
) async throws -> MLflowSummary {
  do {
    return try await withClient(connection) { client in
      let session = MLflowSession(client: client)
      var summary = MLflowSummary()
      var experiments: [String: String] = [:]
      for (index, run) in runs.enumerated() {
        let experiment: String
        if let known = experiments[run.experiment] {
          experiment = known
        } else {
          experiment = try await session.experiment(named: run.experiment)
          experiments[run.experiment] = experiment
        }
        try await session.mirror(run, into: experiment, &summary)
        progress(
          ProgressEvent(
            stage: "mirror", completed: index + 1, total: runs.count, detail: run.id))
      }
      return summary
    }
  } catch ExportError.refused(let url, let status, let message) where [401, 403].contains(status) {
    throw ExportError.credentials(
      path: "MLFLOW_TRACKING_TOKEN or MLFLOW_TRACKING_USERNAME",
      reason: "\(url) refuses what they say with HTTP \(status)"
        + (message.isEmpty ? "" : ": \(message)"))
  }
}

/// Questions to one server.
private struct MLflowSession {
  let client: QueryClient
  private let prefix = "/api/2.0/mlflow"
  /// What the server takes in one request.
  private let mostParameters = 100
  private let mostMetrics = 1000

  func experiment(named name: String) async throws -> String {
    if let known = try await found(name) { return known }
    do {
      return try await client.send(
        ["name": .string(name)], to: "\(prefix)/experiments/create", stream: 1
      ) { try document($0)["experiment_id"].string }
    } catch let error as ExportError {
      // Another process may have made it meanwhile, or an attempt whose answer was lost.
      guard case .refused = error, let made = try await found(name) else { throw error }
      return made
    }
  }

  private func found(_ name: String) async throws -> String? {
    do {
      return try await client.ask(
        "\(prefix)/experiments/get-by-name", [("experiment_name", name)], stream: 0
      ) { try document($0)["experiment"]["experiment_id"].string }
    } catch ExportError.refused(_, 404, _) {
      return nil
    }
  }

  func mirror(_ run: MLflowRun, into experiment: String, _ summary: inout MLflowSummary)
    async throws
  {
    let known = try await search(run, in: experiment)
    let tags = pairs(run.fittingTags) { .string($0) }
    if let known, known.isFinished {
      try await log(["run_id": .string(known.id), "tags": tags])
      summary.present += 1
      return
    }
    let id: String
    if let known {
      id = known.id
    } else {
      id = try await create(run, in: experiment)
    }
    for part in parts(of: run.fittingParameters, mostParameters) {
      try await log(["run_id": .string(id), "params": pairs(Array(part)) { .string($0) }])
    }
    for part in parts(of: run.fittingMetrics, mostMetrics) {
      let metrics = part.map { metric -> JSONValue in
        [
          "key": .string(metric.name), "value": .number(metric.value),
          "timestamp": .number(Double(run.ended.milliseconds)), "step": 0,
        ]
      }
      try await log(["run_id": .string(id), "metrics": .array(metrics)])
    }
    try await log(["run_id": .string(id), "tags": tags])
    // Last: a run that is not finished there is gone through again.
    try await client.send(
      [
        "run_id": .string(id), "status": .string(run.hasFailed ? "FAILED" : "FINISHED"),
        "end_time": .number(Double(run.ended.milliseconds)),
      ], to: "\(prefix)/runs/update", stream: 5
    ) { _ = try document($0) }
    if known == nil { summary.created += 1 } else { summary.completed += 1 }
  }

  private func search(
    _ run: MLflowRun, in experiment: String
  ) async throws -> (id: String, isFinished: Bool)? {
    try await client.send(
      [
        "experiment_ids": [.string(experiment)], "max_results": 1,
        "filter": .string(
          "tags.`\(MLflowRun.idTag)` = '\(run.id)' AND tags.`\(MLflowRun.startTag)` = "
            + "'\(run.started)'"),
      ], to: "\(prefix)/runs/search", stream: 2
    ) { answer in
      guard let info = try document(answer).optional("runs")?.elements.first?["info"] else {
        return nil
      }
      return (
        try info["run_id"].string, ["FINISHED", "FAILED"].contains(try info["status"].string)
      )
    }
  }

  /// Makes a run; one whose making was answered too late is found before another is made.
  private func create(_ run: MLflowRun, in experiment: String) async throws -> String {
    let document: JSONValue = [
      "experiment_id": .string(experiment), "run_name": .string(run.id),
      "start_time": .number(Double(run.started.milliseconds)),
      "tags": pairs(run.fittingTags) { .string($0) },
    ]
    var left = client.connection.retries.attempts
    while true {
      do {
        return try await client.send(
          document, to: "\(prefix)/runs/create", attempts: 1, stream: 3
        ) { try self.document($0)["run"]["info"]["run_id"].string }
      } catch let error as ExportError {
        left -= 1
        guard case .unavailable = error, left > 0 else { throw error }
        if let made = try await search(run, in: experiment) { return made.id }
      }
    }
  }

  private func log(_ batch: JSONValue) async throws {
    try await client.send(batch, to: "\(prefix)/runs/log-batch", stream: 4) {
      _ = try document($0)
    }
  }

  private func document(_ answer: Answer) throws -> JSONDocument {
    JSONDocument(try JSONValue(parsing: answer.text, source: answer.url), source: answer.url)
  }

  private func pairs<Value>(
    _ pairs: [(name: String, value: Value)], _ json: (Value) -> JSONValue
  ) -> JSONValue {
    .array(pairs.map { ["key": .string($0.name), "value": json($0.value)] })
  }

  private func parts<Element>(of elements: [Element], _ size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: elements.count, by: size).map {
      elements[$0..<min($0 + size, elements.count)]
    }
  }
}
