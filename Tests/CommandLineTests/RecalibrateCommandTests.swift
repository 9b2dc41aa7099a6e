import Foundation
import Storage
import Testing

@Suite struct RecalibrateCommandTests {
  @Test func `thresholds move, weights do not, and the result can be published`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    let dataset = "out/datasets/\(try #require(workspace.files(under: "out/datasets").first))"
    let arguments = [
      "recalibrate", "--model", "out/registry/small@champion", "--dataset", dataset, "--from",
      "2026-01-02T18:00:00Z", "--to", "2026-01-03T12:00:00Z", "--out", "moved", "-q",
    ]
    let result = try Tool.run(arguments + ["--false-alarm-rate", "0.05"], in: workspace.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains(", as before"))
    #expect(
      try workspace.read("moved/weights.safetensors")
        == workspace.read("out/registry/small/1/weights.safetensors"))
    #expect(
      try workspace.read("moved/calibration.json")
        != workspace.read("out/registry/small/1/calibration.json"))
    let published = try Tool.run(
      ["publish", "--model", "moved", "--alias", "challenger"], in: workspace.path)
    #expect(published.code == 0, "\(published.errors)")
    #expect(workspace.exists("out/registry/small/2/manifest.json"))
    let outside = try Tool.run(
      arguments.map {
        $0 == "2026-01-03T12:00:00Z" ? "2027-01-03T12:00:00Z" : $0 == "moved" ? "other" : $0
      },
      in: workspace.path)
    #expect(outside.code == 4)
    #expect(outside.errors.contains("the time after calibration holds no cell"))
  }

  @Test func `verdicts become labels, and the next report shows the effect`() throws {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    // Somebody says that a quiet hour of the test time was an incident.
    try workspace.write(
      "verdicts.jsonl",
      """
      {"service":"cart","start":"2026-01-03T20:00:00Z","end":"2026-01-03T21:00:00Z","verdict":"incident","kind":"network","by":"ann"}
      {"service":"pay","start":"2026-01-03T05:00:00Z","end":"2026-01-03T06:00:00Z","verdict":"false_alarm"}

      """)
    let list = try Tool.run(["verdicts", "list", "verdicts.jsonl"], in: workspace.path)
    #expect(list.code == 0)
    #expect(list.output.contains("false_alarm"))
    let review = try Tool.run(
      ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", "--accept-all"],
      in: workspace.path)
    #expect(review.code == 0, "\(review.errors)")
    #expect(review.output.contains("2 of 2 reviewed: 1 added to incidents.csv"))
    let again = try Tool.run(["verdicts", "list", "verdicts.jsonl"], in: workspace.path)
    #expect(again.output.contains("no verdict waits"))
    let next = try Tool.run(["run", "run.yaml", "-q"], in: workspace.path)
    #expect(next.code == 0, "\(next.errors)")
    #expect(next.output.contains("of 2 incidents"))
    let wrong = try Tool.run(
      ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", "--accept", "V-1"],
      in: workspace.path)
    #expect(wrong.code == 64)
  }

  @Test func `twenty reviewers at once lose nothing, and of two who disagree the first stands`()
    throws
  {
    let workspace = try Workspace()
    let lines = (0..<20).map { number in
      let hour = number < 10 ? "0\(number)" : "\(number)"
      return "{\"service\":\"cart\",\"start\":\"2026-01-03T\(hour):00:00Z\","
        + "\"end\":\"2026-01-03T\(hour):30:00Z\",\"verdict\":\"incident\"}\n"
    }
    try workspace.write("verdicts.jsonl", lines.joined())
    let list = try Tool.run(
      ["verdicts", "list", "verdicts.jsonl", "--output", "json"], in: workspace.path)
    let document = try JSONValue(parsing: Array(list.output.utf8), source: "list")
    let ids = try JSONDocument(document, source: "list").elements.map { try $0["id"].string }
    #expect(ids.count == 20)
    func review(_ choice: String, _ id: String) throws -> Process {
      let process = Tool.process(
        ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", choice, id],
        in: workspace.path)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      return process
    }
    let reviewers = try ids.map { try review("--accept", $0) }
    for reviewer in reviewers { reviewer.waitUntilExit() }
    #expect(reviewers.allSatisfy { $0.terminationStatus == 0 })
    let table = String(decoding: try workspace.read("incidents.csv"), as: UTF8.self)
    let review = String(decoding: try workspace.read("verdicts.jsonl.reviewed"), as: UTF8.self)
    for id in ids {
      #expect(table.contains(id) && review.contains(id), "\(id) was lost")
    }
    #expect(table.split(separator: "\n").count == 21)
    #expect(
      workspace.files(under: "").sorted() == [
        "incidents.csv", "verdicts.jsonl", "verdicts.jsonl.reviewed",
      ])
    // A reviewer that was killed leaves no lock that anybody waits for.
    let area = try StagingArea(root: "\(workspace.path)/verdicts.jsonl.reviewed.lock")
    try workspace.write(
      "verdicts.jsonl",
      "{\"service\":\"pay\",\"start\":\"2026-01-03T00:00:00Z\",\"end\":\"2026-01-03T01:00:00Z\","
        + "\"verdict\":\"incident\"}\n")
    let killed = Tool.process(
      ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", "--accept-all"],
      in: workspace.path)
    try killed.run()
    usleep(200_000)
    #expect(killed.isRunning, "it did not wait for the lock")
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    area.close()
    let last = try Tool.run(
      ["verdicts", "review", "verdicts.jsonl", "--incidents", "incidents.csv", "--accept-all"],
      in: workspace.path)
    #expect(last.code == 0 && last.output.contains("1 added"), "\(last.errors)")
  }

  @Test func `data without the training time is refused before the work, with the way out`() throws
  {
    let workspace = try Workspace()
    try workspace.makeSystem()
    #expect(try Tool.run(["run", "run.yaml", "-q"], in: workspace.path).code == 0)
    try workspace.write(
      "late.yaml",
      Workspace.configuration.replacing(
        "  interval: 5m\n", with: "  interval: 5m\n  start: 2026-01-03T00:00:00Z\n"))
    #expect(
      try Tool.run(["ingest", "late.yaml", "--out", "late", "-q"], in: workspace.path).code == 0)
    let dataset =
      "late/\(try #require(workspace.files(under: "late").first { $0.hasSuffix(".h5") }))"
    let result = try Tool.run(
      [
        "recalibrate", "--model", "out/registry/small@champion", "--dataset", dataset, "--from",
        "2026-01-03T12:00:00Z", "--to", "2026-01-04T00:00:00Z", "--out", "moved", "-q",
      ], in: workspace.path)
    #expect(result.code == 4)
    #expect(
      result.errors.contains("does not hold the model's training time")
        && result.errors.contains("ingest both times"), "\(result.errors)")
    #expect(!workspace.exists("moved"))
  }
}
