import Companions
import Foundation
import Storage
import Telemetry

/// Loki's range queries over lines in memory: oldest first, the start included and the end not.
struct LokiKeeper: Sendable {
  struct Line: Sendable {
    var labels: [String: String]
    /// Nanoseconds since 1970.
    var time: Int64
    var text: String
  }

  var lines: [Line]

  func answer(_ request: SeenRequest) -> StandInAnswer {
    let parameters = request.parameters
    guard request.path == "/loki/api/v1/query_range", let start = Int64(parameters["start"] ?? ""),
      let end = Int64(parameters["end"] ?? ""), let limit = Int(parameters["limit"] ?? ""),
      parameters["direction"] == "forward"
    else { return .text("404 page not found", status: 404) }
    let found = lines.filter { $0.time >= start && $0.time < end }.prefix(limit)
    let streams = Dictionary(grouping: found, by: \.labels).map { labels, lines -> JSONValue in
      [
        "stream": .object(labels.mapValues { .string($0) }),
        "values": .array(lines.map { .array([.string("\($0.time)"), .string($0.text)]) }),
      ]
    }
    let answer: JSONValue = [
      "status": "success", "data": ["resultType": "streams", "result": .array(streams)],
    ]
    return .text(answer.text())
  }

  /// Lines of two services, some of them at the same millisecond, in the order of time.
  static func lines(from start: Int64, minutes: Int, seed: UInt64) -> [Line] {
    var random = SplitMix(state: seed)
    var lines: [Line] = []
    let texts = [
      "GET /cart/%d took 12 ms", "level=warn retry %d", "ERROR cannot reach 10.0.0.%d",
      "order %d placed", "user %d left",
    ]
    for second in 0..<minutes * 60 where Int.random(in: 0..<6, using: &random) == 0 {
      // One in the first and the last cell, so that both exports cover the same.
      let service = ["cart", "pay"].randomElement(using: &random) ?? "cart"
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let text = (texts.randomElement(using: &random) ?? "").replacing(
          "%d", with: "\(Int.random(in: 1..<99, using: &random))")
        let nanoseconds = Int64.random(in: 0..<4, using: &random) * 250_000_000
        lines.append(
          Line(
            labels: ["app": service, "pod": "\(service)-\(Int.random(in: 0..<2, using: &random))"],
            time: (start + Int64(second) * 1000) * 1_000_000 + nanoseconds
              + Int64.random(in: 0..<1_000_000, using: &random), text: text))
      }
    }
    return lines.sorted { $0.time < $1.time }
  }

  /// The lines as `autopilot export loki` writes them.
  static func export(_ lines: [Line]) -> String {
    lines.map { line in
      let (seconds, rest) = line.time.quotientAndRemainder(dividingBy: 1_000_000_000)
      let digits = String(rest + 1_000_000_000).dropFirst()
      let stamp = "\(Timestamp(seconds: seconds).description.dropLast()).\(digits)Z"
      let value: JSONValue = [
        "labels": .object(line.labels.mapValues { .string($0) }), "line": .string(line.text),
        "timestamp": .string(stamp),
      ]
      return value.text() + "\n"
    }.joined()
  }
}
