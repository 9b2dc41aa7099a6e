import Companions
import Diagnostics
import Exporters
import Foundation
import Storage
import Synchronization
import Telemetry
import Testing
import Transport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A run with more parameters and metrics than one request takes.
private func sampleRun(_ id: String = "shop-012345-1", metrics: Int = 1100) -> MLflowRun {
  var run = MLflowRun(
    experiment: "shop", id: id, started: testNow, ended: testNow + .seconds(90))
  run.parameters = (0..<250).map { ("models.key[\($0)]", "value \($0)") }
  run.parameters += [
    ("long", String(repeating: "x", count: 9000)), ("empty", ""), ("models.key[0]", "again"),
  ]
  run.metrics = (0..<metrics).map { ("ensemble.m\($0)", Double($0) / 7) }
  run.metrics += [("ensemble.infinite", .infinity)]
  run.tags = [("autopilot.kind", "run")]
  return run
}

@Suite struct MLflowMirrorTests {
  private let standIn = MLflowStandIn()

  private func server() async throws -> StandInServer {
    try await StandInServer { [standIn] request in
      do {
        return try standIn.answer(request)
      } catch {
        return .text("\(error)", status: 400)
      }
    }
  }

  private func mirrored(
    _ runs: [MLflowRun], _ server: StandInServer, attempts: Int = 3
  ) async throws -> MLflowSummary {
    var connection = try connection(to: server.url)
    connection.retries.attempts = attempts
    return try await mirror(runs, to: connection, progress: quiet)
  }

  @Test func `a run arrives with all that is known of it, and again changes nothing`() async throws
  {
    let server = try await server()
    let runs = [sampleRun(), sampleRun("shop-012345-2", metrics: 1)]
    #expect(try await mirrored(runs, server) == MLflowSummary(created: 2, completed: 0, present: 0))
    var again = runs
    again[0].tags.append(("autopilot.tag.best", "true"))
    #expect(
      try await mirrored(again, server) == MLflowSummary(created: 0, completed: 0, present: 2))
    let state = standIn.state.withLock { $0 }
    #expect(state.experiments == ["shop": "1"] && state.runs.count == 2)
    let run = try #require(state.runs["run0"])
    #expect(run.status == "FINISHED" && run.name == "shop-012345-1")
    #expect(run.metrics.count == 1100 && run.metrics["ensemble.m7"] == 1)
    // Names are made to fit, the first of equal ones counts, and empty values have no place.
    #expect(run.parameters.count == 251)
    #expect(run.parameters["models.key_0_"] == "value 0")
    #expect(run.parameters["long"]?.count == 500)
    #expect(run.tags["autopilot.run_id"] == "shop-012345-1")
    #expect(run.tags["autopilot.tag.best"] == "true")
  }

  @Test(arguments: [
    "experiments/create", "runs/create", "runs/log-batch", "runs/update", "runs/search",
  ])
  func `an answer that is lost makes nothing twice`(request: String) async throws {
    standIn.state.withLock { $0.failures[request] = 2 }
    let server = try await server()
    let summary = try await mirrored([sampleRun()], server)
    #expect(summary == MLflowSummary(created: 1, completed: 0, present: 0))
    let state = standIn.state.withLock { $0 }
    #expect(state.experiments.count == 1 && state.runs.count == 1)
    #expect(state.runs["run0"]?.status == "FINISHED")
  }

  @Test func `a run that broke off is completed`() async throws {
    standIn.state.withLock { $0.failures["runs/log-batch"] = 100 }
    let server = try await server()
    let error = await exportError { try await mirrored([sampleRun()], server) }
    #expect(error?.kind == .environment)
    #expect(standIn.state.withLock { $0.runs["run0"]?.status } == "RUNNING")
    standIn.state.withLock { $0.failures = [:] }
    #expect(
      try await mirrored([sampleRun()], server)
        == MLflowSummary(created: 0, completed: 1, present: 0))
    #expect(standIn.state.withLock { $0.runs.count } == 1)
  }

  @Test func `credentials of the environment are sent, and told in no message`() async throws {
    let server = try await StandInServer { request in
      .text("{\"message\": \"no: \(request.headers["authorization"] ?? "")\"}", status: 401)
    }
    var connection = try connection(to: server.url)
    connection.credentials.environmentBasicAuth = "me:s3cret"
    let error = await exportError {
      try await mirror([sampleRun()], to: connection, progress: quiet)
    }
    let text = try #require(error?.description)
    #expect(server.seen[0].headers["authorization"] == "Basic bWU6czNjcmV0")
    #expect(text.contains("MLFLOW_TRACKING_TOKEN") && text.contains("401"))
    #expect(!text.contains("s3cret") && !text.contains("bWU6czNjcmV0"))
    connection.credentials.environmentBasicAuth = nil
    connection.credentials.environmentToken = "two words"
    #expect(
      await exportError { try await mirror([sampleRun()], to: connection, progress: quiet) }?
        .description.contains("one token") == true)
  }
}

/// The folder of a Python with MLflow, if one is named.
private let mlflow: String? = {
  guard let python = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"] else {
    return nil
  }
  let path = (python as NSString).deletingLastPathComponent + "/mlflow"
  return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()

@Suite(.enabled(if: mlflow != nil, "AUTOPILOT_PEERS_PYTHON names no Python with mlflow"))
struct MLflowPeerTests {
  @Test func `a real server has what was sent, once`() async throws {
    let folder = try TestFolder()
    let port = try await closedPort()
    let python = try #require(ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"])
    // Threads of tests block signals, which programs inherit.
    let launcher = """
      import os, signal, sys
      signal.pthread_sigmask(signal.SIG_SETMASK, [])
      os.execv(sys.argv[1], sys.argv[1:])
      """
    let server = try Companion(
      python,
      [
        "-c", launcher, try #require(mlflow),
        "server", "--host", "127.0.0.1", "--port", "\(port)", "--workers", "1",
        "--backend-store-uri", "sqlite:///\(folder.path)/mlflow.db", "--artifacts-destination",
        "\(folder.path)/artifacts",
      ], log: "\(folder.path)/log",
      environment: [
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true",
      ])
    // It leads a group of its own, to which its workers belong.
    defer { kill(-server.process.processIdentifier, SIGKILL) }
    let url = "http://127.0.0.1:\(port)"
    let health = try #require(URL(string: url + "/health"))
    for _ in 0..<600 where server.process.isRunning {
      let answer = try? await URLSession.shared.data(from: health)
      if (answer?.1 as? HTTPURLResponse)?.statusCode == 200 { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    var connection = try connection(to: url)
    connection.timeout = .seconds(60)
    let runs = [sampleRun(), sampleRun("shop-012345-2", metrics: 3)]
    #expect(
      try await mirror(runs, to: connection, progress: quiet)
        == MLflowSummary(created: 2, completed: 0, present: 0))
    #expect(
      try await mirror(runs, to: connection, progress: quiet)
        == MLflowSummary(created: 0, completed: 0, present: 2))
    // What its own client says is there.
    let script = """
      import json, mlflow
      mlflow.set_tracking_uri("\(url)")
      runs = mlflow.search_runs(experiment_names=["shop"], output_format="list")
      print(json.dumps([
        {"name": r.info.run_name, "status": r.info.status, "start": r.info.start_time,
         "end": r.info.end_time, "metrics": len(r.data.metrics),
         "m2": r.data.metrics["ensemble.m2"], "params": len(r.data.params),
         "first": r.data.params["models.key_0_"], "id": r.data.tags["autopilot.run_id"]}
        for r in sorted(runs, key=lambda r: r.info.run_name)]))
      """
    let seen = try await run(python, ["-c", script])
    #expect(seen.code == 0, "\(seen.errors)")
    let found = try JSONDocument(
      JSONValue(parsing: Array(seen.output.utf8), source: "mlflow"), source: "mlflow"
    ).elements
    #expect(found.count == 2)
    for (run, expected) in zip(found, runs) {
      #expect(try run["name"].string == expected.id && run["id"].string == expected.id)
      #expect(try run["status"].string == "FINISHED")
      #expect(try run["start"].number == Double(testNow.milliseconds))
      #expect(try run["end"].number == Double(testNow.milliseconds + 90_000))
      #expect(try run["m2"].number == 2.0 / 7 && run["params"].integer == 251)
      #expect(try run["first"].string == "value 0")
    }
    #expect(try found.map { try $0["metrics"].integer } == [1100, 3])
  }
}
