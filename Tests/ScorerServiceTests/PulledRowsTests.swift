import Companions
import Foundation
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
}
