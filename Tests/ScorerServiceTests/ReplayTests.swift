import Scoring
import Models
import Features
import Companions
import Foundation
import Storage
import Telemetry
import Testing

@Suite("Scores of a running scorer")
struct ReplayTests {
  @Test("Replaying recorded days gives the offline scores, bit for bit")
  func equality() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let replayed = try await run(
      tool,
      [
        "replay", "--model", "\(scene.registry)/small@champion", "--input", scene.snapshot,
        "--scorer", "http://127.0.0.1:\(scorer.port)", "--output", "json", "--quiet",
      ])
    #expect(replayed.code == 0, "\(replayed.errors)")
    #expect(replayed.output.contains("\"rows\": 1800"), "\(replayed.output)")
    #expect(try await scorer.metric("samples_total", "result=\"accepted\"") == 5400)
    #expect(try await scorer.metric("services") == 2)
    #expect(try await scorer.metric("warming_services") == 0)
  }

  @Test("A scorer with another model, or with the same rows before, is no proof")
  func unequal() async throws {
    let scene = try await ScorerScene()
    try await scene.publish(scene.recalibrated(by: 2), alias: "challenger")
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    func replay(_ alias: String) async throws -> (code: Int32, output: String, errors: String) {
      try await run(
        tool,
        [
          "replay", "--model", "\(scene.registry)/small@\(alias)", "--input", scene.snapshot,
          "--scorer", "http://127.0.0.1:\(scorer.port)", "--quiet",
        ])
    }
    let other = try await replay("challenger")
    #expect(other.code == 4)
    #expect(other.errors.contains("the scorer has the model"))
    _ = try await scorer.score([("cart", try scene.rows(of: "cart")[0])])
    let stale = try await replay("champion")
    #expect(stale.code == 3)
    #expect(stale.errors.contains("1 of 1800 rows were not scored (stale: 1)"), "\(stale.errors)")
  }

  @Test("Both protocols give the same scores, and cells without a row count as missing ones")
  func protocols() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    var offline = try #require(scene.model.scoring.scorer(for: "cart"))
    for (cell, row) in try scene.rows(of: "cart").prefix(80).enumerated() {
      var row = row
      row.logs = nil
      if (40..<46).contains(cell) {
        row.metrics = row.metrics.map { _ in .nan }
        _ = offline.push(row)
        continue
      }
      let expected = offline.push(row)
      let values = row.metrics.map { $0.isFinite ? "\($0)" : "null" }.joined(separator: ",")
      let answer = try await scorer.post(
        "/v2/models/small/infer",
        """
        {"id": "a \\"b\\"", "inputs": [
          {"name": "service", "datatype": "BYTES", "shape": [1], "data": ["cart"]},
          {"name": "time", "datatype": "INT64", "shape": [1], "data": [\(row.time.milliseconds)]},
          {"name": "values", "datatype": "FP64", "shape": [1, 3], "data": [[\(values)]]}]}
        """)
      #expect(answer.status == 200, "\(answer.text)")
      let document = try answer.json()
      #expect(try document["id"].string == "a \"b\"")
      let outputs = try document["outputs"].elements
      let scores = try outputs[1]["data"].elements.map { element in
        if case .null = element.value { return Float.nan }
        return Float(try element.number)
      }
      #expect(areEqual(scores, expected), "cell \(cell): \(scores), not \(expected)")
    }
  }

  @Test("Rows that cannot be scored are counted by what is wrong with them")
  func refusals() async throws {
    let scene = try await ScorerScene()
    let scorer = try await RunningScorer(
      model: "\(scene.registry)/small@champion", state: "\(scene.folder.path)/state",
      in: scene.folder)
    try await scorer.untilReady()
    let rows = try scene.rows(of: "cart")
    var future = rows[2]
    future.time = Timestamp(milliseconds: 32_503_680_000_000)
    let (_, answers) = try await scorer.score([
      ("cart", rows[1]), ("cart", rows[1]), ("cart", rows[0]), ("cart", future),
      ("nobody", rows[1]), ("cart", rows[2]),
    ])
    #expect(
      answers.map(\.result)
        == ["accepted", "stale", "stale", "future", "unknown_series", "accepted"])
    for (body, reason) in [
      ("{\"rows\":[{\"service\":\"cart\"}]}", "without 'time'"),
      ("{\"rows\":[{\"service\":\"cart\",\"time\":1,\"values\":[1,2,3,4]}]}", "4 values"),
      ("{\"rows\":[{\"service\":\"cart\",\"time\":1,\"values\":[1,]}]}", "byte"),
      ("{\"rows\":[{\"service\":\"cart\",\"time\":1,\"values\":[01]}]}", "byte"),
      ("{\"rows\":[", "truncated"), ("[]", "byte"), ("{}", "no member 'rows'"),
    ] {
      let answer = try await scorer.post("/v1/rows", body)
      #expect(answer.status == 400)
      #expect(answer.text.contains(reason), "\(answer.text)")
    }
    let unknown = try await scorer.post("/v2/models/other/infer", "{}")
    #expect(unknown.status == 404)
    #expect(try await scorer.get("/nothing").status == 404)
    #expect(try await scorer.metric("samples_total", "result=\"malformed\"") == 7)
    #expect(try await scorer.metric("samples_total", "result=\"stale\"") == 6)
    #expect(
      try await scorer.metric("requests_total", "endpoint=\"rows\",code=\"400\"") == 7)
  }
}
