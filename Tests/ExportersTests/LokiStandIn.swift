import Companions
import Foundation

/// Loki's query API over lines in memory, built from its documentation.
///
/// - `GET /loki/api/v1/query_range`: `start` is included and `end` is not; `direction=forward`
///   gives the oldest lines first; at most `limit` lines over all streams, cut anywhere between
///   lines of one instant; a limit above the server's own is refused with 400 and a plain text.
/// - `GET /loki/api/v1/query` for `sum(count_over_time(… [1ns]))`: the number of lines at `time`.
struct LokiStandIn: Sendable {
  struct Line: Sendable, Hashable {
    var stream: [String: String]
    var time: Int64
    var text: String
  }

  var lines: [Line]
  /// `max_entries_limit_per_query`.
  var mostEntries = 5000
  /// Whether the server counts lines; some proxies allow range queries only.
  var counts = true

  func answer(_ request: SeenRequest) -> StandInAnswer {
    switch request.path {
    case "/loki/api/v1/query_range": return range(request.parameters)
    case "/loki/api/v1/query" where counts: return count(request.parameters)
    default: return .text("404 page not found", status: 404)
    }
  }

  private func range(_ parameters: [String: String]) -> StandInAnswer {
    guard let start = Int64(parameters["start"] ?? ""), let end = Int64(parameters["end"] ?? ""),
      let limit = Int(parameters["limit"] ?? ""), parameters["direction"] == "forward",
      parameters["query"]?.hasPrefix("{") == true
    else {
      return .text("parse error at line 1, col 1: syntax error: unexpected IDENTIFIER", status: 400)
    }
    guard limit <= mostEntries else {
      return .text(
        "max entries limit per query exceeded, limit > max_entries_limit_per_query "
          + "(\(limit) > \(mostEntries))", status: 400)
    }
    let found = lines.filter { $0.time >= start && $0.time < end }
    let first = found.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    .prefix(limit).map(\.element)
    let streams = Dictionary(grouping: first, by: \.stream).map { stream, lines in
      ["stream": stream, "values": lines.map { [String($0.time), $0.text] }] as [String: Any]
    }
    return json(["resultType": "streams", "result": streams, "stats": ["summary": [:]]])
  }

  private func count(_ parameters: [String: String]) -> StandInAnswer {
    guard parameters["query"]?.hasPrefix("sum(count_over_time({") == true,
      parameters["query"]?.hasSuffix(" [1ns]))") == true,
      let time = Int64(parameters["time"] ?? "")
    else { return .text("parse error", status: 400) }
    let count = lines.count { $0.time == time }
    let result: [[String: Any]] =
      count == 0
      ? [] : [["metric": [String: String](), "value": [time / 1_000_000_000, "\(count)"]]]
    return json(["resultType": "vector", "result": result])
  }

  private func json(_ data: [String: Any]) -> StandInAnswer {
    let bytes = try? JSONSerialization.data(withJSONObject: ["status": "success", "data": data])
    return StandInAnswer(
      headers: [("content-type", "application/json")], body: Array(bytes ?? Data()))
  }
}
