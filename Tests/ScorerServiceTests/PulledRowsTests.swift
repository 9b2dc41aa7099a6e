import Companions
import Features
import Foundation
import Synchronization
import Telemetry
import Testing

/// A Prometheus that knows every service of the scene at every instant, or none, and a Loki in which
/// nothing was ever logged.
private func server(isDead: Bool = false) async throws -> StandInServer {
  try await StandInServer { request in
    let parameters = request.parameters
    switch request.path {
    case "/loki/api/v1/query_range":
      return .text(#"{"status":"success","data":{"resultType":"streams","result":[]}}"#)
    case "/api/v1/query":
      let time = Date().timeIntervalSince1970
      return .text(
        #"{"status":"success","data":{"resultType":"scalar","result":[\#(time),"\#(time)"]}}"#)
    default: break
    }
    guard let start = Double(parameters["start"] ?? ""), let end = Double(parameters["end"] ?? ""),
      let step = Double(parameters["step"] ?? "")
    else { return .text("404 page not found", status: 404) }
    var series: [String] = []
    for service in isDead ? [] : ScorerScene.services {
      for (name, level) in [("requests", 60.0), ("cpu", 30), ("queue", 3)] {
        let values = stride(from: start, through: end, by: step).map { "[\($0),\"\(level)\"]" }
        series.append(
          #"{"metric":{"__name__":"\#(name)","service":"\#(service)"},"values":["#
            + values.joined(separator: ",") + "]}")
      }
    }
    return .text(
      #"{"status":"success","data":{"resultType":"matrix","result":["#
        + series.joined(separator: ",") + "]}}")
  }
}

@Suite("Rows of servers that a scorer asks")
struct PulledRowsTests {
  @Test("History fills the windows however old it is, for it is not a client's to be refused")
  func history() async throws {
    let scene = try await ScorerScene()
    let prometheus = try await server()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, inputs: "{prometheus: {url: \"\(prometheus.url)\"}}", oldest: "1m")
    try await scorer.untilReady()
    // Windows of two hours are 24 cells of three metrics.
    try await scorer.until("back-filled") {
      try await scorer.metric("samples_total", "result=\"accepted\"") ?? 0 >= 2 * 24 * 3
    }
    #expect(try await scorer.metric("warming_services") == 0)
    #expect(try await scorer.metric("samples_total", "result=\"stale\"") == 0)
  }

  @Test("Servers that answer without samples are stale inputs, but silence of logs is none")
  func freshness() async throws {
    let scene = try await ScorerScene()
    let dead = try await server(isDead: true)
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder,
      inputs: "{prometheus: {url: \"\(dead.url)\"}, loki: {url: \"\(dead.url)\"}}")
    try await scorer.untilReady()
    // Every cell has a row in which nothing is known.
    try await scorer.until("scored") { try await scorer.metric("services") == 2 }
    try await scorer.until("back-filled") { try await scorer.metric("warming_services") == 0 }
    #expect(try await scorer.metric("samples_total", "result=\"accepted\"") == 0)
    #expect(try await scorer.metric("input_timestamp_seconds", "input=\"prometheus\"") == 0)
    let loki = try #require(
      try await scorer.metric("input_timestamp_seconds", "input=\"loki\""))
    #expect(loki > Date().timeIntervalSince1970 - 700)
  }

  private enum Fault { case down, slow, garbage, lying }

  @Test("A Prometheus that is down, slow or lying is told of, and costs no service its history")
  func faults() async throws {
    let scene = try await ScorerScene()
    let fault = Mutex(Fault.down)
    let prometheus = try await StandInServer { request in
      let parameters = request.parameters
      let current = fault.withLock { $0 }
      if request.path == "/api/v1/query" {
        let time = Date().timeIntervalSince1970
        return .text(
          #"{"status":"success","data":{"resultType":"scalar","result":[\#(time),"\#(time)"]}}"#)
      }
      guard let start = Double(parameters["start"] ?? ""),
        let end = Double(parameters["end"] ?? ""), let step = Double(parameters["step"] ?? "")
      else { return .text("404 page not found", status: 404) }
      switch current {
      case .down: return .text("no healthy upstream", status: 503)
      case .slow: return StandInAnswer(body: Array("{}".utf8), delay: .seconds(4))
      case .garbage: return .text("<html>Please sign in</html>")
      case .lying: break
      }
      func series(_ labels: String, _ times: [Double], _ value: (Int) -> Double) -> String {
        let values = times.enumerated().map { "[\($1),\"\(value($0))\"]" }
        return #"{"metric":{\#(labels)},"values":["# + values.joined(separator: ",") + "]}"
      }
      let times = Array(stride(from: start, through: end, by: step))
      var all: [String] = []
      for service in ScorerScene.services {
        for (name, level) in [("requests", 60.0), ("cpu", 30), ("queue", 3)] {
          // What it says of an hour from now, nobody has asked for.
          all.append(
            series(
              #""__name__":"\#(name)","service":"\#(service)""#, times + [end + 3_600]
            ) { _ in level })
        }
      }
      // Far more pods than there are, and metrics of which nobody has heard.
      for number in 0..<3_000 {
        all.append(
          series(
            #""__name__":"queue","service":"cart","pod":"cart-\#(number)""#, [end]
          ) { _ in 3 })
      }
      all.append(series(#""__name__":"mystery","service":"cart""#, times) { Double($0) })
      return .text(
        #"{"status":"success","data":{"resultType":"matrix","result":["#
          + all.joined(separator: ",") + "]}}")
    }
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder, limits: "series: 1000",
      inputs: "{prometheus: {url: \"\(prometheus.url)\", timeout: 1s}}")
    try await scorer.untilReady()
    func failures(_ reason: String) async throws -> Double {
      try await scorer.metric(
        "input_errors_total", "input=\"prometheus\",reason=\"\(reason)\"") ?? 0
    }
    try await scorer.until("told that it is down", seconds: 120) {
      try await failures("unavailable") > 0
    }
    fault.withLock { $0 = .slow }
    let failed = try await failures("unavailable")
    try await scorer.until("told that it is slow", seconds: 120) {
      try await failures("unavailable") > failed + 1
    }
    fault.withLock { $0 = .garbage }
    try await scorer.until("told that it talks nonsense", seconds: 120) {
      try await failures("unexpected_answer") > 0
    }
    #expect(try await scorer.metric("services") == 0)
    fault.withLock { $0 = .lying }
    try await scorer.until("back-filled", seconds: 120) {
      guard try await scorer.metric("services") == 2 else { return false }
      return try await scorer.metric("warming_services") == 0
    }
    for result in ["future", "dropped", "unknown_series"] {
      #expect(
        try await scorer.metric("samples_total", "result=\"\(result)\"") ?? 0 > 0, "\(result)")
    }
    #expect(try await scorer.metric("samples_total", "result=\"accepted\"") ?? 0 >= 24 * 2 * 2)
    #expect(try await scorer.get("/v2/health/ready").status == 200)
  }

  @Test("Rows that a client sends without a value do not make it a fresh input")
  func emptyRows() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let first = try scene.rows(of: "cart")[0]
    let empty = TelemetryRow(time: first.time, metrics: [.nan, .nan, .nan], logs: nil)
    #expect(try await scorer.score([("cart", empty)]).rows.map(\.result) == ["accepted"])
    #expect(try await scorer.metric("input_timestamp_seconds", "input=\"push\"") == 0)
    #expect(try await scorer.score([("payment", first)]).rows.map(\.result) == ["accepted"])
    #expect(
      try await scorer.metric("input_timestamp_seconds", "input=\"push\"") == first.time.seconds)
  }
}
