import Companions
import Exporters
import Storage
import Synchronization

/// What of MLflow's REST API a mirror needs, with MLflow's own limits and error codes.
final class MLflowStandIn: Sendable {
  struct Run {
    var experiment: String
    var name: String
    var status = "RUNNING"
    var tags: [String: String] = [:]
    var parameters: [String: String] = [:]
    var metrics: [String: Double] = [:]
  }

  struct State {
    var experiments: [String: String] = [:]
    var runs: [String: Run] = [:]
    /// Requests to be answered with an error before they work, by the end of their path.
    var failures: [String: Int] = [:]
  }

  let state = Mutex(State())

  func answer(_ request: SeenRequest) throws -> StandInAnswer {
    let body = JSONDocument(
      request.body.isEmpty
        ? .object([:]) : try JSONValue(parsing: request.body, source: "body"),
      source: "body")
    return try state.withLock { state in
      let name = request.path.split(separator: "/").suffix(2).joined(separator: "/")
      let answer = try Self.handle(name, request, body, &state)
      // The work is done, and its answer lost.
      if let left = state.failures[name], left > 0 {
        state.failures[name] = left - 1
        return .text("down", status: 503)
      }
      return answer
    }
  }

  private static func handle(
    _ name: String, _ request: SeenRequest, _ body: JSONDocument, _ state: inout State
  ) throws -> StandInAnswer {
    guard request.path.hasPrefix("/api/2.0/mlflow/") else {
      return .text("Not Found", status: 404)
    }
    func reply(_ value: JSONValue) -> StandInAnswer { .text(value.text()) }
    func refuse(_ status: Int, _ code: String) -> StandInAnswer {
      .text("{\"error_code\": \"\(code)\", \"message\": \"\(code)\"}", status: status)
    }
    switch name {
    case "experiments/get-by-name":
      guard let id = state.experiments[request.parameters["experiment_name"] ?? ""] else {
        return refuse(404, "RESOURCE_DOES_NOT_EXIST")
      }
      return reply(["experiment": ["experiment_id": .string(id)]])
    case "experiments/create":
      let name = try body["name"].string
      guard state.experiments[name] == nil else { return refuse(400, "RESOURCE_ALREADY_EXISTS") }
      state.experiments[name] = String(state.experiments.count + 1)
      return reply(["experiment_id": .string(state.experiments[name] ?? "")])
    case "runs/search":
      let filter = try body["filter"].string
      let found = state.runs.filter { _, run in
        run.tags.filter { ["autopilot.run_id", "autopilot.started"].contains($0.key) }
          .allSatisfy { filter.contains("tags.`\($0.key)` = '\($0.value)'") }
      }
      return reply([
        "runs": .array(
          found.map { ["info": ["run_id": .string($0.key), "status": .string($0.value.status)]] })
      ])
    case "runs/create":
      let id = "run\(state.runs.count)"
      var run = Run(
        experiment: try body["experiment_id"].string, name: try body["run_name"].string)
      for tag in try body["tags"].elements {
        run.tags[try tag["key"].string] = try tag["value"].string
      }
      state.runs[id] = run
      return reply(["run": ["info": ["run_id": .string(id)]]])
    case "runs/log-batch":
      let id = try body["run_id"].string
      let parameters = try body.optional("params")?.elements ?? []
      let metrics = try body.optional("metrics")?.elements ?? []
      guard parameters.count <= 100, metrics.count <= 1000 else {
        return refuse(400, "INVALID_PARAMETER_VALUE")
      }
      for one in parameters {
        state.runs[id]?.parameters[try one["key"].string] = try one["value"].string
      }
      for one in metrics {
        state.runs[id]?.metrics[try one["key"].string] = try one["value"].number
      }
      for one in try body.optional("tags")?.elements ?? [] {
        state.runs[id]?.tags[try one["key"].string] = try one["value"].string
      }
      return reply([:])
    case "runs/update":
      state.runs[try body["run_id"].string]?.status = try body["status"].string
      return reply(["run_info": [:]])
    default: return .text("Not Found", status: 404)
    }
  }
}
