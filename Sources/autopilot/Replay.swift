internal import Diagnostics
internal import Features
internal import Foundation
internal import Scoring
internal import Storage
internal import Telemetry
internal import Transport

/// Why a replay proves nothing, or what it proves.
enum ReplayError: DiagnosedError, Equatable {
  /// The address is none of a server.
  case invalidAddress(String)
  /// The scorer has another model.
  case otherModel(url: String, expected: String, found: String)
  /// The scorer answered otherwise than it should.
  case refused(url: String, status: Int, reason: String)
  /// Rows were not scored.
  case notScored(rows: Int, of: Int, results: String)
  /// Scores differ.
  case differs(count: Int, of: Int, first: [String])
  /// Nothing of the data is known to the model.
  case nothing

  var kind: FailureKind {
    switch self {
    case .invalidAddress, .otherModel, .nothing: .invalidInput
    case .refused(_, let status, _): status >= 500 ? .environment : .invalidInput
    case .notScored: .inconclusive
    case .differs: .regression
    }
  }

  var description: String {
    switch self {
    case .invalidAddress(let url): "\(url): is no address such as http://127.0.0.1:8080"
    case .otherModel(let url, let expected, let found):
      "\(url): the scorer has the model \(found.prefix(19)), not \(expected.prefix(19)); start it with the "
        + "same artifact"
    case .refused(let url, let status, let reason): "\(url): HTTP \(status): \(reason)"
    case .notScored(let rows, let all, let results):
      "\(rows) of \(all) rows were not scored (\(results)); start the scorer with an empty folder of "
        + "state and limits.oldest beyond the age of the data"
    case .differs(let count, let all, let first):
      "\(count) of \(all) scores differ; the first: " + first.joined(separator: "; ")
    case .nothing: "the model knows no service of the data in that time"
    }
  }
}

/// Sends a dataset's rows to a scorer in the order of time, and compares its scores with those that
/// the same model gives offline.
struct Replay {
  let url: String
  let token: String?
  let cellsPerRequest: Int

  /// What was compared.
  struct Outcome {
    var rows = 0
    var scores = 0
    var seconds = 0.0
  }

  private static let mostDifferences = 5

  /// Sends the cells of a range of the grid; offline scores start there too.
  func callAsFunction(
    _ model: ScoringModel, digest: String, _ dataset: Dataset, cells: Range<Int>,
    progress: ProgressSink
  ) async throws -> Outcome {
    let transport = try connect()
    try await checkModel(digest, transport)
    var grid = dataset.grid
    (grid.first, grid.count) = (dataset.grid.timestamp(at: cells.lowerBound), cells.count)
    var services: [Service] = dataset.services.compactMap {
      Service($0, dataset.grid, cells: cells, model: model)
    }
    guard !services.isEmpty else { throw ReplayError.nothing }
    var outcome = Outcome()
    var differences: [String] = []
    var different = 0
    var unscored: [String: Int] = [:]
    let start = ContinuousClock.now
    for first in stride(from: 0, to: cells.count, by: cellsPerRequest) {
      let part = min(cellsPerRequest, cells.count - first)
      var sent: [(service: Int, time: Timestamp, scores: [Float])] = []
      var body = "{\"rows\":["
      for _ in 0..<part {
        for index in services.indices {
          guard let row = services[index].rows.next() else { continue }
          body += (sent.isEmpty ? "" : ",") + services[index].json(row)
          sent.append((index, row.time, services[index].scorer.push(row)))
        }
      }
      body += "]}"
      let answers = try await send(Array(body.utf8), transport)
      guard answers.count == sent.count else {
        throw ReplayError.refused(
          url: url, status: 200, reason: "\(answers.count) answers for \(sent.count) rows")
      }
      for (row, answer) in zip(sent, answers) {
        outcome.rows += 1
        guard answer.result == "accepted" else {
          unscored[answer.result, default: 0] += 1
          continue
        }
        for (detector, score) in row.scores.enumerated() {
          outcome.scores += 1
          let found = detector < answer.scores.count ? answer.scores[detector] : .nan
          guard found.bitPattern != score.bitPattern, !(found.isNaN && score.isNaN) else {
            continue
          }
          different += 1
          guard differences.count < Self.mostDifferences else { continue }
          differences.append(
            "\(services[row.service].name) at \(row.time), \(model.scoreNames[detector]): offline "
              + "\(score), scorer \(found)")
        }
      }
      progress(
        ProgressEvent(stage: "replay", completed: first + part, total: cells.count))
    }
    outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
    guard unscored.isEmpty else {
      throw ReplayError.notScored(
        rows: unscored.values.reduce(0, +), of: outcome.rows,
        results: unscored.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
          .joined(separator: ", "))
    }
    guard different == 0 else {
      throw ReplayError.differs(count: different, of: outcome.scores, first: differences)
    }
    return outcome
  }

  private func connect() throws -> HTTPTransport {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme, let host = parts.host,
      ["http", "https"].contains(scheme)
    else { throw ReplayError.invalidAddress(url) }
    var options = HTTPTransportOptions()
    options.environment = processEnvironment()
    return try HTTPTransport(
      scheme: scheme, host: host, port: parts.port ?? (scheme == "https" ? 443 : 80),
      options: options)
  }

  private var headers: [(name: String, value: String)] {
    [("content-type", "application/json")]
      + (token.map { [("authorization", "Bearer \($0)")] } ?? [])
  }

  private func checkModel(_ digest: String, _ transport: HTTPTransport) async throws {
    let answer = try await transport.send(limit: 256 << 20) {
      HTTPRequest("GET", "\(url)/v1/services", headers: headers)
    }
    try check(answer)
    let document = JSONDocument(
      try JSONValue(parsing: answer.body, source: url), source: url)
    let found = try document["digest"].string
    guard found == "sha256:\(digest)" else {
      throw ReplayError.otherModel(url: url, expected: "sha256:\(digest)", found: found)
    }
  }

  private func send(
    _ body: [UInt8], _ transport: HTTPTransport
  ) async throws -> [(result: String, scores: [Float])] {
    let answer = try await transport.send(limit: 256 << 20) {
      HTTPRequest("POST", "\(url)/v1/rows", headers: headers, body: body)
    }
    try check(answer)
    var rows: [(result: String, scores: [Float])] = []
    var json = JSONReader(answer.body, source: url)
    try json.object { key, json in
      guard key == "rows" else { return try json.skip() }
      try json.array { json in
        var (result, scores) = ("", [Double]())
        try json.object { key, json in
          switch key {
          case "result": result = try json.string()
          case "scores": try json.numbers(into: &scores, limit: 100)
          default: try json.skip()
          }
        }
        rows.append((result, scores.map { Float($0) }))
      }
    }
    return rows
  }

  private func check(_ answer: HTTPAnswer) throws {
    guard answer.status != 200 else { return }
    let document = try? JSONValue(parsing: answer.body, source: url)
    var reason = String(decoding: answer.body.prefix(200), as: UTF8.self)
    if case .object(let members)? = document, case .string(let text)? = members["error"] {
      reason = text
    }
    throw ReplayError.refused(url: url, status: answer.status, reason: reason)
  }
}

/// A service of the dataset on its way.
private struct Service {
  let name: String
  var rows: PartOfRows
  var scorer: ServiceScorer
  private let quotedName: String

  init?(_ frame: ServiceFrame, _ grid: TimeGrid, cells: Range<Int>, model: ScoringModel) {
    guard let service = model.features.service(named: frame.service),
      let scorer = model.scorer(for: frame.service)
    else { return nil }
    name = frame.service
    quotedName = JSONValue.string(name).text()
    self.scorer = scorer
    rows = PartOfRows(
      rows: FrameRows(frame: frame, grid: grid, columns: service.metricColumns), cells: cells)
  }

  func json(_ row: TelemetryRow) -> String {
    var text = "{\"service\":\(quotedName),\"time\":\"\(row.time)\",\"values\":["
    text += row.metrics.map { $0.isFinite ? "\($0)" : "null" }.joined(separator: ",")
    text += "]"
    if let logs = row.logs {
      let entries = logs.map { entry in
        "{\"pattern\":\(JSONValue.string(entry.pattern.text).text()),\"level\":\"\(entry.pattern.level)\","
          + "\"lines\":\(entry.lines)}"
      }
      text += ",\"logs\":[\(entries.joined(separator: ","))]"
    }
    if let transitions = row.transitions {
      let entries = transitions.map { entry in
        "{\"from\":\(JSONValue.string(entry.from.text).text()),\"from_level\":\"\(entry.from.level)\","
          + "\"to\":\(JSONValue.string(entry.to.text).text()),\"to_level\":\"\(entry.to.level)\","
          + "\"lines\":\(entry.lines)}"
      }
      text += ",\"transitions\":[\(entries.joined(separator: ","))]"
    }
    return text + "}"
  }
}

/// The rows of some cells.
private struct PartOfRows {
  private var rows: FrameRows
  private var left: Int

  init(rows: FrameRows, cells: Range<Int>) {
    (self.rows, left) = (rows, cells.count)
    for _ in 0..<cells.lowerBound { _ = self.rows.next() }
  }

  mutating func next() -> TelemetryRow? {
    guard left > 0 else { return nil }
    left -= 1
    return rows.next()
  }
}
