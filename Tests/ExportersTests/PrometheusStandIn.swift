import Companions
import Foundation

/// Prometheus's range queries over a series whose value at t is t in minutes.
struct PrometheusStandIn: Sendable {
  var names = ["up"]
  /// The most samples of one answer; more is refused as Prometheus refuses it.
  var mostSamples = Int.max

  func answer(_ request: SeenRequest) -> StandInAnswer {
    let parameters = request.parameters
    if request.path.hasSuffix("/api/v1/label/__name__/values") {
      return .text(
        "{\"status\":\"success\",\"data\":[\(names.map { "\"\($0)\"" }.joined(separator: ","))]}")
    }
    guard request.path.hasSuffix("/api/v1/query_range"),
      let start = Double(parameters["start"] ?? ""), let end = Double(parameters["end"] ?? ""),
      let step = Double(parameters["step"] ?? ""), let query = parameters["query"]
    else { return .text("404 page not found", status: 404) }
    if query == "up(" {
      return .text(
        #"{"status":"error","errorType":"bad_data","error":"1:4: parse error: unclosed left parenthesis"}"#,
        status: 400)
    }
    let points = Int((end - start) / step) + 1
    if points > 11_001 {
      return .text(
        #"{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points per timeseries."}"#,
        status: 400)
    }
    if points > mostSamples {
      return .text(
        #"{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory in query execution"}"#,
        status: 422)
    }
    let values = (0..<points).map { index in
      let time = start + Double(index) * step
      return "[\(time),\"\(time / 60)\"]"
    }
    return .text(
      #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},"values":["#
        + values.joined(separator: ",") + "]}]}}")
  }
}
