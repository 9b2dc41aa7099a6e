import Companions
import Exporters
import Foundation
import Ingest
import Storage
import Telemetry
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A Prometheus with two days of data made beforehand, which also scrapes a node exporter.
private final class LivePrometheus {
  static let missing = ["prometheus", "promtool", "prometheus-node-exporter"]
    .filter { program($0) == nil }

  let url: String
  /// The last instant of the data made beforehand.
  let last: Timestamp
  private let folder: TestFolder
  private let companions: [Companion]

  init() async throws {
    folder = try TestFolder()
    let hour = Int64(Date().timeIntervalSince1970) / 3600 * 3600
    last = Timestamp(seconds: hour - 7200)
    let metrics = try folder.write("shop.om", Self.openMetrics(until: last))
    let data = "\(folder.path)/data"
    let blocks = try await run(
      try #require(program("promtool")),
      ["tsdb", "create-blocks-from", "openmetrics", metrics, data])
    try #require(blocks.code == 0, "\(blocks.errors)")
    let (node, port) = (try await closedPort(), try await closedPort())
    let configuration = try folder.write(
      "prometheus.yml",
      """
      global: {scrape_interval: 1s}
      scrape_configs:
        - job_name: node
          static_configs: [{targets: ["127.0.0.1:\(node)"]}]

      """)
    companions = [
      try Companion(
        try #require(program("prometheus-node-exporter")),
        ["--web.listen-address=127.0.0.1:\(node)"]),
      try Companion(
        try #require(program("prometheus")),
        [
          "--config.file=\(configuration)", "--storage.tsdb.path=\(data)",
          "--storage.tsdb.retention.time=3650d", "--web.listen-address=127.0.0.1:\(port)",
        ], log: "\(folder.path)/log"),
    ]
    url = "http://127.0.0.1:\(port)"
    // Discovery is batched: the first scrape comes some seconds after the start.
    for _ in 0..<600 {
      if try await scrapes() >= 6 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    let log = try String(contentsOfFile: "\(folder.path)/log", encoding: .utf8)
    Issue.record("no scrape within a minute: \(log.suffix(2000))")
  }

  /// How often the node exporter has been scraped.
  private func scrapes() async throws -> Int {
    let answer = try? await get(
      "query", ["query": "count_over_time(up{job=\"node\"}[5m])"])
    let value = try answer?["data"]["result"].elements.first?["value"].elements.last?.string
    return value.flatMap { Int($0) } ?? 0
  }

  /// Asks Prometheus by another HTTP client than the one under test.
  func get(_ path: String, _ parameters: [String: String]) async throws -> JSONDocument {
    var address = try #require(URLComponents(string: "\(url)/api/v1/\(path)"))
    address.queryItems = parameters.map { URLQueryItem(name: $0.key, value: $0.value) }
    let (data, _) = try await URLSession.shared.data(from: try #require(address.url))
    return JSONDocument(try JSONValue(parsing: Array(data), source: path), source: path)
  }

  /// Two days of a gauge with a gap and of a counter with a reset, a sample a minute.
  private static func openMetrics(until last: Timestamp) -> String {
    var random = SplitMix(state: 3)
    var text = "# TYPE queue_length gauge\n"
    let times = (0..<2880).reversed().map { last.milliseconds / 1000 - Int64($0) * 60 }
    for service in ["cart", "pay"] {
      for (index, time) in times.enumerated() where !(600..<660).contains(index) {
        let value = Double.random(in: 0..<1000, using: &random)
        text += "queue_length{service=\"\(service)\"} \(value) \(time)\n"
      }
    }
    text += "# TYPE requests counter\n"
    for (index, time) in times.enumerated() {
      text += "requests_total{service=\"cart\"} \(index % 1700 * 3) \(time)\n"
    }
    return text + "# EOF\n"
  }
}

/// Samples of a matrix by series and time in milliseconds, as Prometheus writes their values.
private func samples(_ answers: [JSONDocument]) throws -> [String: [Int64: String]] {
  var found: [String: [Int64: String]] = [:]
  for answer in answers {
    for series in try answer["data"]["result"].elements {
      let name = series.value.metricText
      for sample in try series["values"].elements {
        let parts = try sample.elements
        let time = Int64((try parts[0].number * 1000).rounded())
        // A sample that came twice would hide behind a dictionary.
        #expect(found[name]?[time] == nil, "\(name) twice at \(time)")
        found[name, default: [:]][time] = try parts[1].string
      }
    }
  }
  return found
}

extension JSONValue {
  fileprivate var metricText: String {
    guard case .object(let members) = self else { return "" }
    return members["metric"]?.text() ?? ""
  }
}

private func answers(in folder: String) throws -> [JSONDocument] {
  try chunks(in: folder).map {
    JSONDocument(try JSONValue(parsing: Array($0.text.utf8), source: $0.name), source: $0.name)
  }
}

@Suite(
  .serialized,
  .enabled(
    if: LivePrometheus.missing.isEmpty,
    "needs \(LivePrometheus.missing.joined(separator: ", ")); scripts/setup-components.sh"))
struct LivePrometheusTests {
  @Test func `an export equals what the server answers itself, and so does its dataset`()
    async throws
  {
    let prometheus = try await LivePrometheus()
    let folder = try TestFolder()
    let (start, end) = (prometheus.last - .days(2), prometheus.last)
    let result = try await run(
      tool,
      [
        "export", "prometheus", "--url", prometheus.url, "--match", "{service=~\"cart|pay\"}",
        "--start", start.description, "--end", end.description, "--step", "1m", "--points", "500",
        "--out", "\(folder.path)/export",
      ])
    try #require(result.code == 0, "\(result.errors)")
    let exported = try samples(answers(in: "\(folder.path)/export"))
    let direct = try await samples([
      prometheus.get(
        "query_range",
        [
          "query": "{service=~\"cart|pay\"}", "start": "\(start.seconds)", "end": "\(end.seconds)",
          "step": "60",
        ])
    ])
    #expect(exported == direct)
    #expect(exported.count == 3)

    let dataset = try ingest(
      IngestConfiguration(
        interval: .minutes(1), sources: [.prometheus(path: "\(folder.path)/export/chunks")]))
    #expect(dataset.report.skipped == 0)
    #expect(dataset.report.samples == direct.values.reduce(0) { $0 + $1.count })
    for frame in dataset.services {
      let column = try #require(frame.columns.firstIndex { $0.name == "queue_length" })
      let text = "{\"__name__\":\"queue_length\",\"service\":\"\(frame.service)\"}"
      let expected = try #require(direct[text])
      var compared = 0
      for row in 0..<dataset.grid.count {
        let value = frame.values[row * frame.columns.count + column]
        let time = dataset.grid.timestamp(at: row).milliseconds
        #expect(value.isNaN ? expected[time] == nil : Double(expected[time] ?? "") == value)
        compared += value.isNaN ? 0 : 1
      }
      #expect(compared == expected.count)
    }
  }

  @Test
  func `a real node exporter's series come out as the server has them, and so do its complaints`()
    async throws
  {
    let prometheus = try await LivePrometheus()
    let folder = try TestFolder()
    func series(_ start: Timestamp, _ end: Timestamp) async throws -> [String: [Int64: String]] {
      try await samples([
        prometheus.get(
          "query_range",
          [
            "query": "{job=\"node\"}", "start": "\(start.seconds)", "end": "\(end.seconds)",
            "step": "1",
          ])
      ])
    }
    // A scrape under way now will be of an instant that is already past, and on a busy machine one may fail.
    var end = Timestamp(seconds: 0)
    for _ in 0..<600 {
      end = Timestamp(seconds: Int64(Date().timeIntervalSince1970) - 3)
      if try await series(end - .seconds(3), end).count > 200 { break }
      try await Task.sleep(for: .milliseconds(200))
    }
    let start = end - .seconds(3)
    let result = try await run(
      tool,
      [
        "export", "prometheus", "--url", prometheus.url, "--match", "{job=\"node\"}", "--start",
        start.description, "--end", end.description, "--step", "1s", "--concurrency", "8", "--out",
        "\(folder.path)/export", "--output", "json",
      ])
    try #require(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("may lack late data"))
    let exported = try samples(answers(in: "\(folder.path)/export"))
    let direct = try await series(start, end)
    #expect(exported == direct)
    #expect(exported.count > 200)
    let refused = try await run(
      tool,
      [
        "export", "prometheus", "--url", prometheus.url, "--query", "up(", "--start", "-1h",
        "--out", "\(folder.path)/bad",
      ])
    #expect(refused.code == 4)
    #expect(refused.errors.contains("parse error: unclosed left parenthesis"))
    let dataset = try ingest(
      IngestConfiguration(
        interval: .seconds(1), sources: [.prometheus(path: "\(folder.path)/export/chunks")]))
    #expect(dataset.report.samples == direct.values.reduce(0) { $0 + $1.count })
  }
}
