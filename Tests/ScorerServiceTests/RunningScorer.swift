import Scoring
import Features
import Companions
import Foundation
import Models
import Storage
import Telemetry

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The built `autopilot-scorer`, which lies beside `autopilot`.
let scorerProgram = URL(fileURLWithPath: tool).deletingLastPathComponent()
  .appendingPathComponent("autopilot-scorer").path

/// Why a test cannot go on.
struct ScorerFailure: Error, CustomStringConvertible {
  var description: String
}

/// An answer of a scorer.
struct Answer {
  var status: Int
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  func json() throws -> JSONDocument {
    JSONDocument(try JSONValue(parsing: body, source: "answer"), source: "answer")
  }
}

/// A scorer as a process of its own, asked over HTTP.
final class RunningScorer: Sendable {
  let companion: Companion
  let log: String
  let port: Int
  let metricsPort: Int

  /// Starts a scorer and waits until it listens.
  ///
  /// - Parameters:
  ///   - settings: Further lines of the configuration.
  ///   - inputs: Where its rows come from, as a mapping of YAML.
  ///   - oldest: What `limits.oldest` is.
  ///   - launcher: A program with arguments that becomes the scorer.
  init(
    model: String, state: String, in folder: TestFolder, settings: String = "",
    limits: String = "", requestsPerSecond: Int = 1_000_000, inputs: String = "{push: true}",
    oldest: String = "36500d", launcher: [String] = [], environment: [String: String] = [:]
  ) async throws {
    let id = UUID().uuidString.prefix(8)
    let config = try folder.write(
      "scorer-\(id).yaml",
      """
      model: \(model)
      poll: 1s
      state: \(state)
      listen: {address: 127.0.0.1, port: 0}
      metrics: {address: 127.0.0.1, port: 0}
      inputs: \(inputs)
      limits: {oldest: \(oldest), requests_per_second: \(requestsPerSecond)\(limits.isEmpty ? "" : ", " + limits)}
      \(settings)
      """)
    log = "\(folder.path)/scorer-\(id).log"
    let command = launcher + [scorerProgram, "--config", config]
    companion = try Companion(
      command[0], Array(command.dropFirst()), log: log, environment: environment)
    var ports: [String: Int] = [:]
    for _ in 0..<2_400 {
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      for line in text.split(separator: "\n") {
        guard let value = try? JSONValue(parsing: Array(line.utf8), source: "log"),
          case .object(let members) = value, case .string(let what)? = members["for"],
          case .string(let port)? = members["port"]
        else { continue }
        ports[what] = Int(port)
      }
      if ports.count == 2 { break }
      guard companion.process.isRunning else { throw ScorerFailure(description: text) }
      try await Task.sleep(for: .milliseconds(25))
    }
    guard let port = ports["requests"], let metricsPort = ports["metrics"] else {
      throw ScorerFailure(description: "the scorer does not listen; see \(log)")
    }
    (self.port, self.metricsPort) = (port, metricsPort)
  }

  /// Waits until a model is in use.
  func untilReady() async throws {
    try await until("ready") { try await self.get("/v2/health/ready").status == 200 }
  }

  func until(
    _ what: String, seconds: Int = 60, _ isDone: () async throws -> Bool
  ) async throws {
    for _ in 0..<seconds * 40 {
      if try await isDone() { return }
      try await Task.sleep(for: .milliseconds(25))
    }
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    throw ScorerFailure(description: "never \(what): \(text.suffix(2000))")
  }

  func get(_ path: String, token: String? = nil, metrics: Bool = false) async throws -> Answer {
    try await send("GET", path, nil, token: token, port: metrics ? metricsPort : port)
  }

  func post(_ path: String, _ body: String, token: String? = nil) async throws -> Answer {
    try await send("POST", path, body, token: token, port: port)
  }

  private func send(
    _ method: String, _ path: String, _ body: String?, token: String?, port: Int
  ) async throws -> Answer {
    guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else {
      throw ScorerFailure(description: path)
    }
    var request = URLRequest(url: url, timeoutInterval: 20)
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard let response = response as? HTTPURLResponse else {
      throw ScorerFailure(description: "no answer of HTTP")
    }
    return Answer(
      status: response.statusCode,
      headers: Dictionary(
        response.allHeaderFields.map { ("\($0.key)".lowercased(), "\($0.value)") },
        uniquingKeysWith: { first, _ in first }), body: Array(data))
  }

  /// The value of a metric; nil when there is none with these labels.
  func metric(_ name: String, _ labels: String = "") async throws -> Double? {
    let answer = try await get("/metrics", metrics: true)
    let series = "autopilotops_scorer_\(name)\(labels.isEmpty ? "" : "{\(labels)}") "
    return answer.text.split(separator: "\n").first { $0.hasPrefix(series) }
      .flatMap { Double($0.dropFirst(series.count)) }
  }
}

/// A row as clients send it.
func rowJSON(_ service: String, _ row: TelemetryRow) -> String {
  let values = row.metrics.map { $0.isFinite ? "\($0)" : "null" }.joined(separator: ",")
  let logs = (row.logs ?? []).map {
    "{\"pattern\":\(JSONValue.string($0.pattern.text).text()),\"level\":\"\($0.pattern.level)\","
      + "\"lines\":\($0.lines)}"
  }
  let transitions = (row.transitions ?? []).map {
    "{\"from\":\(JSONValue.string($0.from.text).text()),\"from_level\":\"\($0.from.level)\","
      + "\"to\":\(JSONValue.string($0.to.text).text()),\"to_level\":\"\($0.to.level)\","
      + "\"lines\":\($0.lines)}"
  }
  return "{\"service\":\"\(service)\",\"time\":\"\(row.time)\",\"values\":[\(values)]"
    + (row.logs == nil ? "" : ",\"logs\":[\(logs.joined(separator: ","))]")
    + (row.transitions == nil ? "" : ",\"transitions\":[\(transitions.joined(separator: ","))]")
    + "}"
}

/// What a scorer made of a row.
struct RowAnswer: Equatable {
  var result: String
  var scores: [Float]
}

extension RunningScorer {
  /// Sends rows and reads their scores.
  func score(
    _ rows: [(service: String, row: TelemetryRow)], token: String? = nil
  ) async throws -> (version: String, rows: [RowAnswer]) {
    let body = "{\"rows\":[\(rows.map { rowJSON($0.service, $0.row) }.joined(separator: ","))]}"
    let answer = try await post("/v1/rows", body, token: token)
    guard answer.status == 200 else {
      throw ScorerFailure(description: "HTTP \(answer.status): \(answer.text)")
    }
    let document = try answer.json()
    return (
      try document["version"].string,
      try document["rows"].elements.map { row in
        RowAnswer(
          result: try row["result"].string,
          scores: try row.optional("scores")?.elements.map { element in
            if case .null = element.value { return .nan }
            return Float(try element.number)
          } ?? [])
      }
    )
  }
}

/// Whether scores are equal bit for bit; NaN is equal to NaN.
func areEqual(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
}
